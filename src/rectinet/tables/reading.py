"""Files to tables, by their suffix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rectinet.errors import DataError, SettingError
from rectinet.tables.delimited import read_delimited
from rectinet.tables.json_lines import read_json_lines
from rectinet.tables.matrices import read_npz, read_svmlight
from rectinet.tables.missing import with_missing
from rectinet.tables.notation import FORMER, Notation
from rectinet.tables.parquet import read_parquet
from rectinet.tables.table import Table

_FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".npz": "npz",
    ".svm": "svmlight",
    ".svmlight": "svmlight",
    ".libsvm": "svmlight",
}
_COMPRESSED = "gz"  # of text; the other formats compress themselves


def read_table(
    path: Path | str, *, text: Sequence[str] = (), notation: Notation | None = None
) -> Table:
    """Read a file of examples, one in each row.

    Missing are empty and blank cells, nulls and NaN, and what `notation` says; nothing else.

    Formats, by suffix: ``.csv``, ``.tsv`` (a header with names, UTF-8), ``.jsonl``, ``.ndjson``
    (an object on each line), ``.svm``, ``.svmlight``, ``.libsvm``, all of these also ``.gz``;
    ``.parquet``; ``.npz`` with the arrays X and, if there is something to predict, y; X dense, or
    as `scipy.sparse.save_npz` writes a CSR matrix.

    Args:
        path: the file.
        text: columns that are text, even where all values in this file look like numbers.
        notation: how missing values and numbers are written, where that has to be said.

    Returns:
        The table; text in it is not converted yet.

    Raises:
        DataError: if the file is missing, empty, truncated, malformed or of an unknown kind.
        SettingError: if it is Parquet, and pyarrow is not installed.
    """
    path, notation = Path(path), notation or Notation()
    suffixes = path.name.lower().split(".")[1:]
    compressed = suffixes[-1:] == [_COMPRESSED]
    if compressed:
        suffixes.pop()
    suffix = f".{suffixes[-1]}" if suffixes else ""
    kind = _FORMATS.get(suffix)
    if kind is None or (compressed and kind in ("parquet", "npz")):
        known = ", ".join(_FORMATS)
        raise DataError(
            f"{path} has a suffix that is not known; expected {known} (text also .gz): rename or "
            "convert the file"
        )
    if not path.exists():
        raise DataError(f"{path} does not exist; check the path")
    if path.is_dir():
        raise DataError(f"{path} is a folder; name a file in it")
    if kind in ("npz", "svmlight") and notation not in (Notation(), FORMER):
        raise SettingError(
            f"missing, decimal or thousands is given, but {path} holds a matrix of numbers, not "
            "text; leave these options out: a missing value is NaN there"
        )
    if kind in ("csv", "tsv"):
        table = read_delimited(path, kind, text, notation)
    elif kind == "jsonl":
        table = read_json_lines(path)
    elif kind == "parquet":
        table = read_parquet(path)
    elif kind == "npz":
        table = read_npz(path)
    else:
        table = read_svmlight(path)
    if table.frame is not None and not table.is_delimited:
        said = Notation() if notation is FORMER else notation
        table = replace(table, frame=with_missing(table.frame, said), notation=notation)
    if not table.n_rows:
        raise DataError(f"{path} has no rows; expected one for each example: check the file")
    if table.frame is not None and not table.names:
        raise DataError(f"{path} has no columns with a name; expected some: check the file")
    return table
