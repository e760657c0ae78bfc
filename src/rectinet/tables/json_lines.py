"""JSON lines: an object on each line, its names the columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from rectinet.tables.opening import malformed, opened
from rectinet.tables.table import Table

_EXPECTED = 'a JSON object on each line, such as {"text": "...", "label": "..."}'


def read_json_lines(path: Path) -> Table:
    """Read a file of JSON objects, one on each line; a name that is absent is a missing value.

    Raises:
        DataError: see `rectinet.tables.read_table`.
    """
    records = []
    with opened(path) as stream:
        for number, line in enumerate(stream, start=1):
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            if text.strip():
                records.append(_parse(text, number, path))
    frame = pd.DataFrame(records, index=range(len(records)))
    return Table(str(path), "jsonl", frame=frame)


def _parse(line: str, number: int, path: Path) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise malformed(path, f"line {number} is not JSON ({error})", _EXPECTED) from error
    if not isinstance(record, dict):
        found = type(record).__name__
        raise malformed(path, f"line {number} is a {found}, no object", _EXPECTED)
    return record
