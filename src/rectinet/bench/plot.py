"""Draws speed against the share of zeros."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from rectinet.bench.results import Case, Report
from rectinet.errors import SettingError
from rectinet.files import write_bytes

SUFFIXES = (".png", ".svg")

_TICKS = (0.5, 1, 2, 5, 10, 20, 50)


def check_suffix(path: Path) -> None:
    """Make sure that a plot can be written there, before anything is measured.

    Raises:
        SettingError: if the suffix is not that of a known format.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise SettingError(f"plot is {str(path)!r}; end it in {' or '.join(SUFFIXES)}")


def draw(report: Report, path: Path) -> None:
    """Draw how many times faster rectinet is than each peer: one panel per net and batch size.

    Raises:
        SettingError: if the suffix is not that of a known format.
        StorageError: if the file cannot be written.
    """
    check_suffix(path)
    from matplotlib.figure import Figure

    panels = _panels(report.cases)
    figure = Figure(figsize=(1.2 + 4.4 * len(panels), 4.2), layout="constrained")
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for (title, cases), panel in zip(panels.items(), axes, strict=True):
        for name in dict.fromkeys(name for case in cases for name in case.ratios):
            there = sorted((case.zeros, case.ratios[name]) for case in cases if name in case.ratios)
            panel.plot(
                [100 * zeros for zeros, _ in there],
                [ratio for _, ratio in there],
                marker="o",
                label=name,
            )
        panel.axhline(1, color="black", linewidth=1, linestyle="--")
        panel.set_title(title, fontsize=10)
        panel.set_xlabel("hidden units that are off (%)")
        panel.set_yscale("log")
        panel.grid(alpha=0.3)
    axes[0].set_ylabel("times faster than")
    low, high = axes[0].get_ylim()
    ticks = [tick for tick in _TICKS if low <= tick <= high]
    axes[0].set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes[0].minorticks_off()
    axes[0].legend(frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format=path.suffix.lower()[1:], dpi=150)
    write_bytes(path, buffer.getvalue())


def _panels(cases: Sequence[Case]) -> dict[str, list[Case]]:
    panels: dict[str, list[Case]] = {}
    for case in cases:
        sizes = "-".join(map(str, case.settings["sizes"]))
        panels.setdefault(f"{sizes}, batch {case.settings['batch']}", []).append(case)
    return panels
