"""The tables and the summary in a terminal, 80 columns wide, readable without color."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rectinet.report.summary import summarize
from rectinet.report.tables import ErrorTable, LabelCurve, error_table, label_curves
from rectinet.report.wording import (
    NOTHING,
    dataset_name,
    error_cell,
    reference_note,
    signed_gap,
)
from rectinet.studies import StudyResults

_WIDTH = 80


def print_results(results: StudyResults, console: Console) -> None:
    """Print the error table, the label curves and the summary.

    Args:
        results: what `rectinet.studies.read_study` returned.
        console: where to.
    """
    table, curves = error_table(results), label_curves(results)
    width = min(_WIDTH, console.width)
    if table.rows:
        console.print(_errors(table), width=width)
        notes = (
            "Test error: mean over seeds ± half of its 95% interval. Zeros: exact zeros, mean over "
            f"the hidden layers. Dead: hidden units that are always zero. {reference_note(table)}"
        )
        console.print(Padding(Text(notes, style="dim"), (0, 1, 1, 1)), width=width)
    for curve in curves:
        console.print(_labels(curve), width=width)
        notes = (
            "Difference: with minus without pre-training, points, seed by seed ± half of its 95% "
            "interval. Negative: pre-training lowered the error."
        )
        console.print(Padding(Text(notes, style="dim"), (0, 1, 1, 1)), width=width)
    for statement in summarize(results, table, curves):
        line = Text.assemble((f"{statement.topic}. ", "bold"), " ".join(statement.paragraphs))
        console.print(Padding(line, (0, 1, 1, 1)), width=width)


def _table(title: str) -> Table:
    return Table(
        title=Text(f" {title}", style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=True,
    )


def _errors(table: ErrorTable) -> Table:
    shown = _table(f"Test error on {dataset_name(table.dataset)}, all labels")
    shown.add_column("Activation", no_wrap=True)
    shown.add_column("Pre-training", no_wrap=True)
    shown.add_column("Test error %", justify="right", no_wrap=True)
    if table.reference:
        where = "" if table.like_for_like else f",\n{dataset_name(table.reference)}"
        shown.add_column(f"Paper{where} %", justify="right", no_wrap=True)
    shown.add_column("Zeros %", justify="right", no_wrap=True)
    shown.add_column("Dead", justify="right", no_wrap=True)
    shown.add_column("Seeds", justify="right", no_wrap=True)
    for pretrained in (False, True):
        for row in table.group(pretrained):
            published = NOTHING
            if row.published is not None:
                mark = "*" if row.published.recalled else " "
                published = f"{100 * row.published.test_error:.2f}{mark}"
            cells = [
                Text(row.activation),
                Text("with" if pretrained else "without"),
                Text(error_cell(row.test_error)),
                *([Text(published)] if table.reference else []),
                Text(f"{100 * row.zeros.mean:.1f}"),
                Text(f"{row.dead_units.mean:.1f}"),
                Text(str(row.test_error.n)),
            ]
            shown.add_row(*cells)
        shown.add_section()
    return shown


def _labels(curve: LabelCurve) -> Table:
    shown = _table(f"Test error with few labels, {curve.activation}")
    for head in ("Labels\nper class", "Labels", "Without %", "With pre-\ntraining %", "Difference"):
        shown.add_column(head, justify="right", no_wrap=True)
    for row in curve.rows:
        shown.add_row(
            "all" if row.labels_per_class is None else str(row.labels_per_class),
            f"{row.n_labels:,}",
            error_cell(row.random),
            error_cell(row.pretrained),
            signed_gap(row.comparison),
        )
    return shown
