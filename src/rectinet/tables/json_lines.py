"""JSON lines: an object on each line, its names the columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from rectinet.data.records import numbered_json_records
from rectinet.tables.table import Table

_EXACT = 2**53


def read_json_lines(path: Path) -> Table:
    """Read a file of JSON objects, one on each line; a name that is absent is a missing value.

    Blank lines among them are left out, with a note.

    Raises:
        DataError: see `rectinet.tables.read_table`.
    """
    records, last = [], 0
    for last, record in numbered_json_records(path):  # noqa: B007
        records.append(record)
    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: _column([record.get(name) for record in records]) for name in names}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(records)))
    frame.columns = pd.Index(list(names), dtype=object)
    blank = last - len(records)
    notes = (f"{blank:,} blank line(s) left out",) if blank else ()
    return Table(str(path), "jsonl", frame=frame, notes=notes)


def _column(values: list[Any]) -> pd.Series:
    column = pd.Series(values, dtype=object)
    # Beside nulls and fractions, pandas would round whole numbers to floats.
    if any(type(value) is int and abs(value) > _EXACT for value in values):
        return column
    return column.infer_objects()
