"""Lines over the number of labeled examples, on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rectinet.report.svg import half_widths
from rectinet.studies import Summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas


@dataclass(frozen=True)
class Line:
    """One setting over the number of labels.

    Attributes:
        name: in the legend.
        points: number of labels and figure; a figure may be missing.
        color: see `rectinet.report.svg`.
        solid: whether it is drawn through, with filled squares; else dashed, with hollow circles.
    """

    name: str
    points: Sequence[tuple[int, Summary | None]]
    color: str
    solid: bool


def paint_lines(
    canvas: Canvas,
    lines: Sequence[Line],
    ticks: Mapping[int, str],
    label: str,
    *,
    scale: float = 1,
    bottom: float | None = 0,
) -> None:
    """Draw lines, their legend and the axes.

    Args:
        canvas: to draw on.
        lines: those without any figure are left out.
        ticks: what is written at each number of labels.
        label: of the vertical axis.
        scale: factor of the figures, 100 for percentages.
        bottom: where the vertical axis begins; None: below the lowest figure.
    """
    axes = canvas.add_subplot()
    axes.set_xscale("log")
    handles = {}
    for index, line in enumerate(lines):
        known = [(count, summary) for count, summary in line.points if summary is not None]
        if not known:
            continue
        # Side by side on the logarithmic axis, so that error bars do not cover each other.
        shift = 1.06 ** (index - (len(lines) - 1) / 2)
        drawn = axes.errorbar(
            [count * shift for count, _ in known],
            [scale * summary.mean for _, summary in known],
            yerr=half_widths((summary for _, summary in known), scale),
            color=line.color,
            linestyle="-" if line.solid else "--",
            marker="s" if line.solid else "o",
            markersize=6,
            markerfacecolor=line.color if line.solid else "none",
            linewidth=1.6,
            elinewidth=1,
            capsize=3,
        )
        handles[line.name] = drawn.lines[0]
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.minorticks_off()
    axes.set_ylim(bottom=bottom)
    axes.set_xlabel("labeled training examples")
    axes.set_ylabel(label)
    canvas.legend(handles.values(), handles.keys(), loc="outside upper left", ncols=2)
