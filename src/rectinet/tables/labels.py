"""A column's values as labels of classes: exact, and as they are spelled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rectinet.tables.kinds import TRUTH, is_number, is_truth, text_of

_TOO_LARGE = 2**63
_EXACT = 2**53

# Also as pandas writes whole numbers in a column with gaps.
_PLAIN_WHOLE = re.compile(r"(0|-?[1-9][0-9]*)(\.0+)?")
_PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


def labels_of(
    column: pd.Series, *, known: Sequence[Any] | None = None, as_spelled: bool
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return labels of one type, and what the user should know about them.

    Args:
        column: text alone, or numbers and truth values; missing where a row has no label.
        known: the labels of training, which the same number or text stands for, however spelled.
        as_spelled: whether text is meant as text, also where it looks like numbers.

    Returns:
        Shape (n,), objects: int where all are whole numbers within 64 bits, bool where all are
        truth values, otherwise text; None where a row has none. And notes, a sentence each.
    """
    missing = column.isna().to_numpy()
    values = column.to_numpy(dtype=object)
    present: list[Any] = values[~missing].tolist()
    notes: tuple[str, ...] = ()
    if any(isinstance(value, float) and not -_EXACT <= value <= _EXACT for value in present):
        notes = ("targets are floating point beyond 2^53: different ones may have become the same",)
    found = _labels(present, as_spelled)
    if known is not None:
        by_text = {text_of(label): label for label in known}
        pairs = zip(found, present, strict=True)
        found = [_known(label, text_of(value), by_text) for label, value in pairs]
    labels = np.full(len(values), None, object)
    for row, label in zip(np.flatnonzero(~missing), found, strict=True):
        labels[row] = label
    return labels, notes


def is_whole(value: Any) -> bool:
    """Return whether a number is whole; of floats beyond 64 bits, all would be."""
    if isinstance(value, float | np.floating):
        return float(value).is_integer() and abs(float(value)) < _TOO_LARGE
    try:
        return bool(value == int(value))
    except (OverflowError, ValueError):  # a decimal that is infinite
        return False


def _labels(values: list[Any], as_spelled: bool) -> list[Any]:
    if all(isinstance(value, str) for value in values):
        if as_spelled:
            return values
        texts = [str(value).strip() for value in values]
        if all(text in TRUTH for text in texts):
            return [TRUTH[text] for text in texts]
        if all(_PLAIN_WHOLE.fullmatch(text) for text in texts):
            whole = [int(text.partition(".")[0]) for text in texts]
            return whole if _fit(whole) else [str(number) for number in whole]
        return values
    if all(is_truth(value) for value in values):
        return [bool(value) for value in values]
    if all(is_number(value) and is_whole(value) for value in values):
        whole = [int(value) for value in values]
        return whole if _fit(whole) else [str(number) for number in whole]
    return [text_of(value) for value in values]


def _fit(numbers: list[int]) -> bool:
    return all(-_TOO_LARGE <= number < _TOO_LARGE for number in numbers)


def _known(label: Any, text: str, known: Mapping[str, Any]) -> Any:
    """Return the label of training that means the same; `label` if there is none."""
    for same in (text, text_of(label), text_of(TRUTH.get(text.strip(), text))):
        if same in known:
            return known[same]
    if not _PLAIN.fullmatch(text):
        return label
    # 1 and 1.0; but not 1 and 01.
    numbers = [same for same in known if _PLAIN.fullmatch(same) and float(same) == float(text)]
    return known[numbers[0]] if len(numbers) == 1 else label
