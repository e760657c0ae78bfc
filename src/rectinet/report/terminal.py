"""The tables and the summary in a terminal, 80 columns wide, readable without color."""

from __future__ import annotations

import textwrap

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Shown
from rich.text import Text

from rectinet.report.parts import Table
from rectinet.report.studies import content_of
from rectinet.studies import StudyResults

_WIDTH = 80
_HEAD = 11  # characters of a column's head before it goes on in the next line


def print_results(results: StudyResults, console: Console) -> None:
    """Print the tables and the summary.

    Args:
        results: what `rectinet.studies.read_study` returned.
        console: where to.
    """
    content = content_of(results)
    width = min(_WIDTH, console.width)
    for table in content.tables:
        console.print(_table(table), width=width)
        console.print(Padding(Text(table.note, style="dim"), (0, 1, 1, 1)), width=width)
    for statement in content.statements:
        line = Text.assemble((f"{statement.topic}. ", "bold"), " ".join(statement.paragraphs))
        console.print(Padding(line, (0, 1, 1, 1)), width=width)


def _table(table: Table) -> Shown:
    shown = Shown(
        title=Text(f" {table.title}", style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=True,
    )
    kept = [index for index, column in enumerate(table.columns) if not column.detail]
    for index in kept:
        column = table.columns[index]
        head = Text("\n".join(textwrap.wrap(column.head, _HEAD, break_long_words=False)))
        shown.add_column(head, justify="right" if column.number else "left", no_wrap=column.number)
    for group in table.groups:
        if group.name:
            shown.add_row(Text(group.name, style="bold"))
        for row in group.rows:
            # Asterisks stand in a column of their own, so that figures stay aligned.
            marks = [any(each[index].recalled for each in group.rows) for index in kept]
            shown.add_row(
                *(
                    Text(
                        row[index].marked + (" " if mark and not row[index].recalled else ""),
                        style="bold" if row[index].bold else "",
                    )
                    for index, mark in zip(kept, marks, strict=True)
                )
            )
        shown.add_section()
    return shown
