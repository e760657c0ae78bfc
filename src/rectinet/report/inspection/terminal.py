"""An inspection in a terminal, 80 columns wide, readable without color."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rectinet.report.inspection.findings import findings
from rectinet.report.inspection.result import Inspection
from rectinet.report.inspection.tables import layer_rows, scale_rows

_WIDTH = 80


def print_inspection(inspection: Inspection, console: Console) -> None:
    """Print the tables and the findings.

    Args:
        inspection: what `inspect_network` returned.
        console: where to.
    """
    width = min(_WIDTH, console.width)
    console.print(_layers(inspection), width=width)
    notes = (
        "Zeros: exact zeros, mean over examples and units. On: units on per example, median. "
        "Equal: how many equal units would do the same work. Overlap: of the active units under "
        "noise of a tenth of the input’s length. Separable: accuracy of a linear classifier on "
        "the code, on examples held out."
    )
    console.print(Padding(Text(notes, style="dim"), (0, 1, 1, 1)), width=width)
    console.print(_scales(inspection), width=width)
    for statement in findings(inspection):
        line = Text.assemble((f"{statement.topic}. ", "bold"), " ".join(statement.paragraphs))
        console.print(Padding(line, (0, 1, 1, 1)), width=width)


def _table(title: str) -> Table:
    return Table(
        title=Text(f" {title}", style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=True,
    )


def _layers(inspection: Inspection) -> Table:
    shown = _table(inspection.title)
    shown.add_column("Layer", no_wrap=True)
    heads = ("Units", "Zeros\n%", "Dead", "On", "Patterns", "Equal", "Overlap\n%", "Separa-\nble %")
    for head in heads:
        shown.add_column(head, justify="right", no_wrap=True)
    for number, row in enumerate(layer_rows(inspection), start=1):
        cells = (row.units, row.zeros, row.dead, row.active, row.patterns, row.effective)
        shown.add_row(str(number), *cells, row.overlap, row.separable)
    return shown


def _scales(inspection: Inspection) -> Table:
    shown = _table("Scale of weights and gradients")
    shown.add_column("Layer", no_wrap=True)
    for head in ("Weight\nnorm", "Alpha to\nbalance", "Gradient,\noutput", "Gradient,\nweights"):
        shown.add_column(head, justify="right", no_wrap=True)
    shown.add_column("Blocked\n%", justify="right", no_wrap=True)
    for row in scale_rows(inspection):
        name = row.name.removeprefix("layer ")
        shown.add_row(name, row.norm, row.alpha, row.reaching, row.weight, row.blocked)
    return shown
