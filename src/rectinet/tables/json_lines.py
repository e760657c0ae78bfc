"""JSON lines: an object on each line, its names the columns."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from rectinet.data.records import json_records
from rectinet.tables.table import Table


def read_json_lines(path: Path) -> Table:
    """Read a file of JSON objects, one on each line; a name that is absent is a missing value.

    Raises:
        DataError: see `rectinet.tables.read_table`.
    """
    records = list(json_records(path))
    frame = pd.DataFrame(records, index=range(len(records)))
    return Table(str(path), "jsonl", frame=frame)
