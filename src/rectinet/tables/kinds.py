"""What a column holds: numbers, truth values, categories, text, or what no network can use."""

from __future__ import annotations

import decimal
import numbers
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from rectinet.errors import InputError


class Kind(StrEnum):
    """What becomes of a column."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    TEXT = "text"


@dataclass(frozen=True)
class Unusable:
    """Why a column can be neither numbers nor categories.

    Attributes:
        reason: what it holds, to follow the column's name.
        is_text: whether it can be used as text.
        is_prose: whether that is what it looks like.
    """

    reason: str
    is_text: bool = False
    is_prose: bool = False


# From so many rows on, text that differs (nearly) everywhere is a name or a number of the row.
_ENOUGH_ROWS = 20
_NEARLY_ALL = 0.95

# Text from so many words or letters on, on average, is prose.
_MANY_WORDS = 5
_MANY_LETTERS = 40

# Up to so many different values, "1", "2", "3", "4+" are categories; beyond, numbers with a slip.
_FEW_CATEGORIES = 20

_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d{1,2}:\d{2}.*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{2}|\d{4})"
    r"([T ]\d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
)


def kind_of(column: pd.Series) -> Kind | Unusable | None:
    """Return what a column holds; None if all its values are missing."""
    if column.isna().all():
        return None
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return Kind.CATEGORY
    if pd.api.types.is_bool_dtype(dtype):
        return Kind.BOOLEAN
    if pd.api.types.is_complex_dtype(dtype):
        return Unusable("holds complex numbers")
    if pd.api.types.is_numeric_dtype(dtype):
        return Kind.NUMBER
    if pd.api.types.is_datetime64_any_dtype(dtype) or dtype.kind in "mM":
        return Unusable("holds dates or times")
    values = column.dropna().to_numpy(dtype=object)
    if all(isinstance(value, str) for value in values):
        return _kind_of_text(values)
    return _kind_of_objects(values)


def as_numbers(column: pd.Series, source: str, expected: str = "a number") -> np.ndarray:
    """Return a column of numbers or truth values as float64, NaN where a value is missing.

    Args:
        column: indexed by the numbers of the file's rows.
        source: the file's name, for messages.
        expected: what a message asks for.

    Raises:
        InputError: if it holds something else, or a number too large for single precision.
    """
    try:
        if pd.api.types.is_numeric_dtype(column.dtype):
            values: np.ndarray = column.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            values = np.array([_number(value) for value in column.astype(object)], np.float64)
    except (TypeError, ValueError, OverflowError):
        wrong = ((row, each) for row, each in column.items() if not is_number(each))
        row, found = next(wrong, (0, "something else than numbers"))
        raise InputError(
            f"{source} has {_shown(found)} in column {column.name!r}, row {row + 1}; expected "
            f"{expected} there, as in the other rows or in training: correct it, or leave the cell "
            "empty"
        ) from None
    too_large = np.abs(values) > np.finfo(np.float32).max
    if too_large.any():
        first = int(np.argmax(too_large))
        row = column.index[first]
        raise InputError(
            f"{source} has {values[first]} in column {column.name!r}, row {row + 1}; expected "
            "finite numbers within single precision: correct it, or leave the cell empty"
        )
    return values


def as_text(column: pd.Series) -> np.ndarray:
    """Return a column as text, None where a value is missing; 1.0 and 1 are the same text."""
    missing = column.isna().to_numpy()
    values = column.to_numpy(dtype=object)
    texts = np.empty(len(values), object)
    for row in np.flatnonzero(~missing):
        texts[row] = text_of(values[row])
    return texts


def text_of(value: Any) -> str:
    """Return one value as text: numbers that are whole without their point."""
    if isinstance(value, str):
        return value
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def is_number(value: Any) -> bool:
    """Return whether a value is a number, a truth value, or missing."""
    return value is None or value is pd.NA or isinstance(value, numbers.Real | decimal.Decimal)


def _kind_of_text(values: np.ndarray) -> Kind | Unusable:
    different = set(values.tolist())
    if all(_DATE.fullmatch(value.strip()) for value in different):
        return Unusable("holds dates or times")
    words = np.mean([value.count(" ") + 1 for value in values])
    letters = np.mean([len(value) for value in values])
    distinct = len(different) / len(values)
    if distinct > 0.5 and (words >= _MANY_WORDS or letters >= _MANY_LETTERS):
        return Unusable("holds text", is_text=True, is_prose=True)
    if len(different) > _FEW_CATEGORIES:
        slips = [value for value in values if not _reads_as_number(value)]
        if 0 < len(slips) <= len(values) / 2:
            return Unusable(f"holds numbers, but also {_shown(slips[0])} (empty these cells?)")
    if len(values) >= _ENOUGH_ROWS and distinct >= _NEARLY_ALL:
        return Unusable("differs in (nearly) every row", is_text=True)
    return Kind.CATEGORY


def _kind_of_objects(values: np.ndarray) -> Kind | Unusable:
    if all(isinstance(value, bool | np.bool_) for value in values):
        return Kind.BOOLEAN
    if all(is_number(value) for value in values):
        return Kind.NUMBER
    if any(isinstance(value, list | tuple | dict | set | np.ndarray) for value in values):
        return Unusable("holds lists or objects")
    if any(isinstance(value, bytes) for value in values):
        return Unusable("holds bytes")
    if any(isinstance(value, str) for value in values):
        return Unusable("mixes text with other values")
    return Unusable(f"holds values of type {type(values[0]).__name__}")


def _number(value: Any) -> float:
    if value is None or value is pd.NA:
        return np.nan
    if not is_number(value):
        raise TypeError
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits: refused as infinite
        return np.inf


def _reads_as_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:36]}...{text[0]}"
