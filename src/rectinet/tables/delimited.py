"""CSV and TSV: pandas reads them; what it would pass over in silence is checked here."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from rectinet.data.opening import malformed, opened
from rectinet.errors import DataError
from rectinet.tables.missing import with_missing
from rectinet.tables.notation import Notation
from rectinet.tables.records import Layout, check_swallowed, layout_of
from rectinet.tables.table import Table, listed

_SEPARATORS = {"csv": (",", "commas"), "tsv": ("\t", "tabs")}
_OTHER_SEPARATORS = ";\t|,"


def read_delimited(path: Path, kind: str, text: Sequence[str], notation: Notation) -> Table:
    """Read a CSV or TSV file with a header.

    Columns without a name (row numbers that another program wrote) are left out, with a note.

    Raises:
        DataError: see `rectinet.tables.read_table`.
    """
    separator, called = _SEPARATORS[kind]
    expected = f"a table with {called} between its columns"
    layout = layout_of(path, separator, expected)
    names = layout.names
    _check_names(path, names, called)
    with opened(path) as stream, warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            frame = pd.read_csv(
                stream,
                sep=separator,
                names=list(range(len(names))),  # ours may be empty
                header=0,
                skiprows=layout.blank_at_start,
                skip_blank_lines=False,
                index_col=False,
                dtype={names.index(name): str for name in text if name in names},
                keep_default_na=False,
                na_values=["", *notation.missing],
                decimal=notation.point,
                encoding="utf-8-sig",
                low_memory=False,  # whole columns at once: their types do not depend on chunks
            )
        except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError) as error:
            raise malformed(path, error, expected) from error
    frame = with_missing(frame.iloc[: layout.n_rows], notation)
    if len(frame) != layout.n_rows:
        raise malformed(
            path, f"it has {layout.n_rows} rows, of which {len(frame)} can be read", expected
        )
    check_swallowed(path, frame, layout)
    named = [position for position, name in enumerate(names) if name]
    frame = frame[named]
    frame.columns = pd.Index([names[position] for position in named], dtype=object)
    return Table(str(path), kind, frame=frame, notes=_notes(layout), notation=notation)


def _notes(layout: Layout) -> tuple[str, ...]:
    notes = []
    left_out = layout.names.count("")
    if left_out:
        notes.append(f"{left_out} column(s) without a name left out")
    if layout.spread:
        notes.append(f"{len(layout.spread):,} quoted values span several lines, a row each")
    return tuple(notes)


def _check_names(path: Path, names: Sequence[str], called: str) -> None:
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


def _are_numbers(names: Sequence[str]) -> bool:
    """Return whether a header is an example; 0, 1, 2, ... are names that pandas gives."""
    try:
        values = [float(name) for name in names if name]
    except ValueError:
        return False
    return not any(values == list(range(start, start + len(values))) for start in (0, 1))
