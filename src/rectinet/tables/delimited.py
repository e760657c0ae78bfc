"""CSV and TSV: pandas reads them; what it would pass over in silence is checked here."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from rectinet.data.opening import malformed, opened
from rectinet.data.records import delimited_records
from rectinet.errors import DataError
from rectinet.tables.table import Table, listed

_SEPARATORS = {"csv": (",", "commas"), "tsv": ("\t", "tabs")}
_OTHER_SEPARATORS = ";\t|,"


def read_delimited(path: Path, kind: str, text: Sequence[str]) -> Table:
    """Read a CSV or TSV file with a header.

    Columns without a name (row numbers that another program wrote) are left out, with a note.

    Raises:
        DataError: see `rectinet.tables.read_table`.
    """
    separator, called = _SEPARATORS[kind]
    names = _header(path, separator, called)
    expected = f"a table with {called} between its columns"
    with opened(path) as stream, warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            frame = pd.read_csv(
                stream,
                sep=separator,
                names=list(range(len(names))),  # ours may be empty
                header=0,
                index_col=False,
                dtype={names.index(name): str for name in text if name in names},
                encoding="utf-8-sig",
                low_memory=False,  # whole columns at once: their types do not depend on chunks
            )
        except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError) as error:
            _check_lengths(path, separator, len(names), expected)
            raise malformed(path, error, expected) from error
    if len(frame) and frame.iloc[:, -1].isna().any():
        _check_lengths(path, separator, len(names), expected)
    named = [position for position, name in enumerate(names) if name]
    frame = frame[named]
    frame.columns = pd.Index([names[position] for position in named], dtype=object)
    left_out = len(names) - len(named)
    notes = (f"{left_out} column(s) without a name left out",) if left_out else ()
    return Table(str(path), kind, frame=frame, notes=notes)


def _header(path: Path, separator: str, called: str) -> list[str]:
    names = next(delimited_records(path, separator), [])
    if not any(names):
        raise malformed(path, "its first line is empty", "the columns' names there")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if _are_numbers(names):
        raise DataError(
            f"{path} begins with numbers ({listed(names, most=3)}); expected the columns' names: "
            "add a first line with a name for each column"
        )
    if twice:
        raise DataError(f"{path} has columns of one name: {listed(twice)}; give each its own name")
    if len(names) == 1:
        for other in _OTHER_SEPARATORS:
            if other in names[0]:
                raise DataError(
                    f"{path} has one column only, {names[0][:80]!r}; expected {called} between "
                    "columns: save it with these"
                )
    return names


def _are_numbers(names: Sequence[str]) -> bool:
    """Return whether a header is an example; 0, 1, 2, ... are names that pandas gives."""
    try:
        values = [float(name) for name in names if name]
    except ValueError:
        return False
    return not any(values == list(range(start, start + len(values))) for start in (0, 1))


def _check_lengths(path: Path, separator: str, n_columns: int, expected: str) -> None:
    """Refuse rows that are too long, or end early, as the last one of a truncated file."""
    for number, row in enumerate(delimited_records(path, separator)):
        if len(row) != n_columns:
            raise malformed(
                path, f"row {number} has {len(row)} fields, the header {n_columns}", expected
            )
