"""What stands for a missing value, and that it is said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rectinet.tables.notation import FORMER, Notation, as_number
from rectinet.tables.table import Table, listed


def with_missing(frame: pd.DataFrame, notation: Notation) -> pd.DataFrame:
    """Return a frame in which blank texts, and what the user said, are missing values."""
    texts = {text.strip() for text in notation.missing} | {""}
    numbers = {number for text in texts if (number := as_number(text)) is not None}
    masks = {}
    for position in range(frame.shape[1]):
        column = frame.iloc[:, position]
        mask = _mask(column, texts, numbers)
        if mask.any():
            masks[position] = mask
    if not masks:
        return frame
    columns = [frame.iloc[:, position] for position in range(frame.shape[1])]
    for position, mask in masks.items():
        column = columns[position]
        # A gap would make floats of whole numbers, which are not exact beyond 2^53.
        if column.dtype.kind in "iu":
            column = column.astype(object)
        columns[position] = column.mask(mask)
    return pd.concat(columns, axis=1)


def missing_note(tables: Sequence[Table], names: Sequence[str]) -> list[str]:
    """Return a sentence about the missing values in some columns of tables, if there are any."""
    counts = np.zeros(len(names), int)
    for table in tables:
        assert table.frame is not None
        counts += np.array([int(table.frame[name].isna().sum()) for name in names], int)
    if not counts.any():
        return []
    n_cells, n_columns = int(counts.sum()), int(np.count_nonzero(counts))
    cells = ("cell" if tables[0].is_delimited else "value") + ("" if n_cells == 1 else "s")
    columns = "column" if n_columns == 1 else "columns"
    empty = "empty" if tables[0].is_delimited else "null or blank"
    notation = tables[0].notation
    said = () if notation is FORMER else notation.missing
    kind = f"{cells}, {empty} or {listed(said, most=3)}," if said else f"{empty} {cells}"
    return [f"{n_cells:,} {kind} taken for missing, in {n_columns:,} {columns}"]


def _mask(column: pd.Series, texts: set[str], numbers: set[float]) -> np.ndarray:
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        missing = [
            isinstance(category, str) and category.strip() in texts for category in dtype.categories
        ]
        codes = column.cat.codes.to_numpy()
        mask: np.ndarray = np.array([*missing, False], bool)[codes]  # -1, missing: the last
        return mask
    if pd.api.types.is_object_dtype(dtype) or isinstance(dtype, pd.StringDtype):
        return np.array(
            [
                value.strip() in texts if isinstance(value, str) else _is_one_of(value, numbers)
                for value in column
            ],
            bool,
        )
    if numbers and dtype.kind in "iufc":
        return np.asarray(column.isin(numbers), bool)
    return np.zeros(len(column), bool)


def _is_one_of(value: object, numbers: set[float]) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return bool(numbers) and is_number and value in numbers
