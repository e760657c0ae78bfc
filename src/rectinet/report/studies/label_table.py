"""Test error by number of labels as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rectinet.report.parts import Cell, Column, Group, Table
from rectinet.report.tables import LabelCurve, LabelRow
from rectinet.report.wording import NOTHING, error_cell, listing, signed_gap

_COLUMNS = (
    Column("Labels per class"),
    Column("Labels"),
    Column("Error % without pre-training"),
    Column("Error % with pre-training"),
    Column("Difference, points"),
    Column("Distinguishable", number=False, detail=True),
)
_NOTE = (
    "Difference: with minus without pre-training, mean over the seeds that both have, ± half of "
    "its 95% interval; negative where pre-training lowered the error. All runs of a seed share the "
    "split, the labels and the test examples, so the difference is taken seed by seed, and its "
    "interval may be narrower than those of the two means."
)
_DETAIL_NOTE = (
    "Distinguishable: the difference’s interval does not contain zero; with a single seed there is "
    "none."
)


def label_table(curves: Sequence[LabelCurve]) -> Table:
    """Return the numbers behind label curves, a group for each if there are several."""
    names = listing([curve.activation for curve in curves])
    groups = tuple(
        Group(curve.activation if len(curves) > 1 else "", tuple(_row(row) for row in curve.rows))
        for curve in curves
    )
    return Table(f"Test error with few labels, {names}", _COLUMNS, groups, _NOTE, _DETAIL_NOTE)


def _row(row: LabelRow) -> tuple[Cell, ...]:
    clear = None if row.comparison is None else row.comparison.distinguishable
    texts = (
        "all" if row.labels_per_class is None else str(row.labels_per_class),
        f"{row.n_labels:,}",
        error_cell(row.random),
        error_cell(row.pretrained),
        signed_gap(row.comparison),
        {None: NOTHING, True: "yes", False: "no"}[clear],
    )
    return tuple(Cell(text) for text in texts)
