"""Numbers and names as a reader sees them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rectinet.report.comparison import Comparison
from rectinet.studies import Summary

NOTHING = "–"
"""Stands in a table where there is no value."""

RECALLED = (
    "An asterisk (*) marks recalled figures: they were quoted from memory, not read from a copy of "
    "the paper."
)

VERDICTS = {None: "one seed", True: "distinguishable", False: "may be chance"}
"""Whether a comparison is distinguishable; None: there is no interval."""

_DATASETS = {
    "mnist": "MNIST",
    "cifar10": "CIFAR-10",
    "norb": "NORB",
    "small-norb": "small NORB",
    "nistp": "NISTP",
    "emnist-byclass": "EMNIST ByClass",
    "distorted-emnist": "distorted EMNIST",
    "distorted-characters": "distorted characters",
    "imdb": "IMDB’s reviews",
    "restaurant-reviews": "restaurant reviews",
    "amazon": "Amazon reviews",
}


def dataset_name(name: str) -> str:
    """Return a data set's name as it is usually written."""
    return _DATASETS.get(name, name)


def percent(share: float, digits: int = 2) -> str:
    """Return a share as a percentage, with its sign."""
    return f"{100 * share:.{digits}f}%"


def percent_interval(summary: Summary, digits: int = 2) -> str:
    """Return a mean and the half-width of its interval: ``2.30 ± 1.12%``."""
    if summary.half_width is None:
        return percent(summary.mean, digits)
    return f"{100 * summary.mean:.{digits}f} ± {100 * summary.half_width:.{digits}f}%"


def error_cell(summary: Summary | None) -> str:
    """Return an error for a column whose head has the percent sign."""
    return NOTHING if summary is None else percent_interval(summary).removesuffix("%")


def points(difference: float, half_width: float | None = None) -> str:
    """Return the size of a difference of shares in percentage points: ``1.82 ± 0.40 points``."""
    return f"{100 * abs(difference):.2f}{_plus_minus(half_width)} points"


def gap(comparison: Comparison) -> str:
    """Return the size of the difference of a comparison: ``1.82 ± 0.40 points``."""
    return points(comparison.difference, comparison.half_width)


def signed_gap(comparison: Comparison | None) -> str:
    """Return a comparison's difference in percentage points, with a true minus sign."""
    if comparison is None:
        return NOTHING
    return signed(comparison.difference, comparison.half_width)


def signed(difference: float, half_width: float | None = None) -> str:
    """Return a difference of shares in percentage points with its sign: ``−1.82 ± 0.40``."""
    return f"{100 * difference:+z.2f}".replace("-", "−") + _plus_minus(half_width)


def _plus_minus(half_width: float | None) -> str:
    return "" if half_width is None else f" ± {100 * half_width:.2f}"


def number(summary: Summary) -> str:
    """Return a mean in its own unit and the half-width of its interval: ``0.746 ± 0.004``."""
    half_width = "" if summary.half_width is None else f" ± {summary.half_width:.3f}"
    return f"{summary.mean:.3f}{half_width}"


def signed_number(comparison: Comparison | None) -> str:
    """Return a comparison's difference in its own unit with its sign: ``+0.021 ± 0.004``."""
    if comparison is None:
        return NOTHING
    half_width = "" if comparison.half_width is None else f" ± {comparison.half_width:.3f}"
    return f"{comparison.difference:+z.3f}".replace("-", "−") + half_width


def start(pretrained: bool) -> str:
    """Return the name of a run's start."""
    return "with pre-training" if pretrained else "without pre-training"


def listing(words: Sequence[str], last: str = "and") -> str:
    """Return ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def plural(n: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def labels(per_class: int | None, n_labels: int) -> str:
    """Return how many labels there were: ``2 labels per class (20 in all)``."""
    if per_class is None:
        return f"all {n_labels:,} labels"
    return f"{plural(per_class, 'label')} per class ({n_labels:,} in all)"


def rates(distinct: Sequence[Sequence[float]]) -> str:
    """Return learning rates of networks, output layer included, one where all layers share it."""
    return "; ".join(
        by_layer([f"{value:g}" for value in values], len(values) - 1) for values in distinct
    )


def by_layer(values: Sequence[str], n_hidden: int) -> str:
    """Return what holds in each layer: ``0.01 in layers 1–3, 0.1 in the output layer``."""
    if len(set(values)) == 1:
        return values[0]
    parts = []
    for value, group in groupby(range(len(values)), key=values.__getitem__):
        layers = list(group)
        hidden = [layer + 1 for layer in layers if layer < n_hidden]
        names = [f"layer{'s' if len(hidden) > 1 else ''} {spread(hidden)}"] if hidden else []
        if layers[-1] >= n_hidden:
            names.append("the output layer")
        parts.append(f"{value} in {listing(names)}")
    return ", ".join(parts)


def spread(values: Sequence[int]) -> str:
    """Return the smallest and the largest of some whole numbers."""
    low, high = min(values), max(values)
    return f"{low}" if low == high else f"{low}–{high}"


def duration(seconds: float) -> str:
    """Return a time in the two units that matter."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"
