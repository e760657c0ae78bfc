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
from rectinet.tables.notation import Notation
from rectinet.tables.spelling import (
    FEW_CATEGORIES,
    PLAIN,
    Odd,
    Spelling,
    is_usual_for_missing,
    looks_like_number,
    option,
    spelling_of,
)


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
        cure: options with which it can be used, or nothing.
    """

    reason: str
    is_text: bool = False
    is_prose: bool = False
    cure: str = ""


# From so many rows on, text that differs (nearly) everywhere is a name or a number of the row.
_ENOUGH_ROWS = 20
_NEARLY_ALL = 0.95

# Text from so many words or letters on, on average, is prose.
_MANY_WORDS = 5
_MANY_LETTERS = 40

# As pandas reads them in CSV.
TRUTH = {word: word[0] in "Tt" for word in ("True", "TRUE", "true", "False", "FALSE", "false")}

_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d{1,2}:\d{2}.*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{2}|\d{4})"
    r"([T ]\d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
)


def kind_of(column: pd.Series, notation: Notation) -> Kind | Spelling | Unusable | None:
    """Return what a column holds; None if all its values are missing.

    Args:
        column: indexed by the numbers of the file's rows; see `as_numbers`.
        notation: how the user says that numbers are written.

    Returns:
        A `Spelling` where the numbers are text.
    """
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
    texts = [value for value in values if isinstance(value, str)]
    others = [value for value in values if not isinstance(value, str)]
    if texts and all(is_number(value) and not is_truth(value) for value in others):
        spelled = spelling_of(dict.fromkeys(texts), notation, beside_numbers=bool(others))
        if isinstance(spelled, Odd):
            return Unusable(f"holds {odd_value(column, spelled)}", cure=spelled.cure)
        if spelled is not None and not (others and spelled.has_unit):
            return spelled
    return _kind_of_objects(values) if others else _kind_of_text(values)


def odd_value(column: pd.Series, odd: Odd) -> str:
    """Return what keeps a column from being numbers, and in which row."""
    row = next(row for row, value in column.items() if value == odd.text)
    return f"{_shown(odd.text)} in row {row + 1}, {odd.reason}"


def as_numbers(
    column: pd.Series, source: str, expected: str = "a number", spelling: Spelling = PLAIN
) -> np.ndarray:
    """Return a column of numbers or truth values as float64, NaN where a value is missing.

    Args:
        column: indexed by the numbers of the file's rows.
        source: the file's name, for messages.
        expected: what a message asks for.
        spelling: of numbers that are text.

    Raises:
        InputError: if it holds something else, or a number too large for single precision.
    """
    try:
        if pd.api.types.is_numeric_dtype(column.dtype) and not spelling.has_unit:
            values: np.ndarray = column.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            values = _numbers(column.astype(object), spelling)
    except (TypeError, ValueError, OverflowError):
        wrong = ((row, each) for row, each in column.items() if not _fits(each, spelling))
        row, found = next(wrong, (0, "something else than numbers"))
        if spelling != PLAIN:
            expected = spelling.described()
        cure = "correct it, or leave the cell empty"
        if isinstance(found, str) and is_usual_for_missing(found):
            cure = "leave the cell empty, or fit with an option that names it as missing: "
            cure += option("missing", found)
        raise InputError(
            f"{source} has {_shown(found)} in column {column.name!r}, row {row + 1}; expected "
            f"{expected} there, as in the other rows or in training: {cure}"
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


def is_truth(value: Any) -> bool:
    """Return whether a value is a truth value."""
    return isinstance(value, bool | np.bool_)


def _kind_of_text(values: np.ndarray) -> Kind | Unusable:
    different = set(values.tolist())
    if different <= set(TRUTH):
        return Kind.BOOLEAN
    dated = {value for value in different if not is_usual_for_missing(value)}
    if dated and all(_DATE.fullmatch(value.strip()) for value in dated):
        return Unusable("holds dates or times")
    words = np.mean([value.count(" ") + 1 for value in values])
    letters = np.mean([len(value) for value in values])
    distinct = len(different) / len(values)
    if distinct > 0.5 and (words >= _MANY_WORDS or letters >= _MANY_LETTERS):
        return Unusable("holds text", is_text=True, is_prose=True)
    if len(different) > FEW_CATEGORIES:
        slips = [value for value in values if not looks_like_number(value)]
        if 0 < len(slips) <= len(values) / 2:
            return Unusable(f"holds numbers, but also {_shown(slips[0])} (empty these cells?)")
    if len(values) >= _ENOUGH_ROWS and distinct >= _NEARLY_ALL:
        return Unusable("differs in (nearly) every row", is_text=True)
    return Kind.CATEGORY


def _kind_of_objects(values: np.ndarray) -> Kind | Unusable:
    if all(is_truth(value) for value in values):
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


def _numbers(column: pd.Series, spelling: Spelling) -> np.ndarray:
    known: dict[str, float] = {}  # many texts come again and again
    values = np.empty(len(column))
    for row, value in enumerate(column):
        if isinstance(value, str):
            if value not in known:
                known[value] = _number(value, spelling)
            values[row] = known[value]
        else:
            values[row] = _number(value, spelling)
    return values


def _number(value: Any, spelling: Spelling) -> float:
    if not _fits(value, spelling):
        raise TypeError
    if pd.isna(value):
        return np.nan
    if isinstance(value, str):
        number = spelling.number(value)
        return float(TRUTH[value]) if number is None else number
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits: refused as infinite
        return np.inf


def _fits(value: Any, spelling: Spelling) -> bool:
    if isinstance(value, str):
        return spelling.number(value) is not None or (value in TRUTH and not spelling.has_unit)
    return is_number(value) and (not spelling.has_unit or bool(pd.isna(value)))


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:36]}...{text[0]}"
