"""Parquet, through pyarrow, which is an extra."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rectinet.data.opening import malformed, opened
from rectinet.errors import DataError, SettingError
from rectinet.tables.table import Table, listed

_ROW_NUMBERS = re.compile(r"__index_level_\d+__")


def read_parquet(path: Path) -> Table:
    """Read a Parquet file, column by column.

    What pandas notes in the file about itself is not looked at: its index is a column if it has a
    name, and left out, with a note, if not. Whole numbers stay exact, also beside nulls.

    Raises:
        DataError: see `rectinet.tables.read_table`.
        SettingError: if pyarrow is not installed.
    """
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise SettingError(
            f"{path} is Parquet, which needs the package pyarrow: pip install rectinet[parquet]"
        ) from error
    try:
        with opened(path) as stream, parquet.ParquetFile(stream) as file:
            read = file.read()
    except (OSError, ValueError, NotImplementedError) as error:  # pyarrow's own are among them
        raise malformed(path, error, "a whole Parquet file") from error
    names: list[str] = read.column_names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{path} has columns of one name: {listed(twice)}; give each its own name")
    kept = [name for name in names if name and not _ROW_NUMBERS.fullmatch(name)]
    columns = {name: _converted(read.column(name)) for name in kept}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(read.num_rows))
    frame.columns = pd.Index(kept, dtype=object)
    left_out = len(names) - len(kept)
    notes = (f"{left_out} column(s) without a name left out",) if left_out else ()
    return Table(str(path), "parquet", frame=frame, notes=notes)


def _converted(column: Any) -> pd.Series:
    """Return a column for pandas; where it has nothing like it, as Python's own objects."""
    import pyarrow

    if pyarrow.types.is_dictionary(column.type):  # a way to store text, not a promise of categories
        column = column.cast(column.type.value_type)
    if pyarrow.types.is_nested(column.type):
        return _objects(column)
    try:
        series: pd.Series = column.to_pandas(integer_object_nulls=True)
    except (pyarrow.ArrowException, ValueError, TypeError, OverflowError, NotImplementedError):
        return _objects(column)
    return series


def _objects(column: Any) -> pd.Series:
    values = np.empty(len(column), object)
    for row, scalar in enumerate(column):
        try:
            values[row] = scalar.as_py()
        except (ValueError, TypeError, OverflowError):  # a date beyond the year 9999
            values[row] = scalar
    return pd.Series(values)
