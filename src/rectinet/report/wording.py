"""Numbers and names as a reader sees them."""

from __future__ import annotations

from collections.abc import Sequence

from rectinet.report.tables import ErrorTable, LabelRow
from rectinet.studies import Summary

NOTHING = "–"
"""Stands in a table where there is no value."""

_DATASETS = {"mnist": "MNIST", "cifar10": "CIFAR-10", "norb": "NORB", "nistp": "NISTP"}


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


def points(difference: float) -> str:
    """Return the size of a difference of shares in percentage points."""
    return f"{100 * abs(difference):.2f} points"


def signed_points(difference: float) -> str:
    """Return a difference of shares in percentage points with a true minus sign."""
    return f"{100 * difference:+.2f}".replace("-", "−")


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


def labels(row: LabelRow) -> str:
    """Return how many labels there were: ``2 labels per class (20 in all)``."""
    if row.labels_per_class is None:
        return f"all {row.n_labels:,} labels"
    return f"{plural(row.labels_per_class, 'label')} per class ({row.n_labels:,} in all)"


def rates(distinct: Sequence[Sequence[float]]) -> str:
    """Return learning rates, one number where all layers share it."""
    each = [
        f"{values[0]:g}" if len(set(values)) == 1 else ", ".join(f"{value:g}" for value in values)
        for values in distinct
    ]
    return "; ".join(each)


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


def reference_note(table: ErrorTable) -> str:
    """Return what the paper's column holds."""
    if table.reference is None:
        return f"The paper has no result for {dataset_name(table.dataset)}."
    reference = dataset_name(table.reference)
    if table.like_for_like:
        note = f"The paper’s figures are those of its table 1 for {reference}."
    else:
        note = (
            f"The paper has no result for {dataset_name(table.dataset)}. Its figures for "
            f"{reference}, a larger set of the same kind, stand here for orientation only."
        )
    if any(row.published and row.published.recalled for row in table.rows):
        note += (
            " An asterisk (*) marks recalled figures: they were quoted from memory, not read from "
            "a copy of the paper."
        )
    return note
