"""Which examples are labelled, and with what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rectinet.errors import InputError
from rectinet.estimators.targets import (
    Targets,
    class_targets,
    declared_classes,
    number_targets,
    require_labels,
)

_NAN = float("nan")

# What is handed in, which rows are labelled, and with which labels.
_KINDS: dict[str, tuple[Any, list[int], list[Any]]] = {
    "text": (["b", "a", "b"], [0, 1, 2], ["b", "a", "b"]),
    "text with None": (np.array(["b", None, "a"], object), [0, 2], ["b", "a"]),
    "text with NaN": (np.array(["b", _NAN, "a"], object), [0, 2], ["b", "a"]),
    "bools": ([True, False], [0, 1], [True, False]),
    "negative and odd": ([-3, 7, 11, -3], [0, 1, 2, 3], [-3, 7, 11, -3]),
    "unsigned": (np.array([0, 255], np.uint8), [0, 1], [0, 255]),
    "floats": ([1.0, 2.0, _NAN], [0, 1], [1.0, 2.0]),
    "-1 among several": ([0, -1, 1], [0, 2], [0, 1]),
    "-1.0 among several": ([0.0, -1.0, 1.0, _NAN], [0, 2], [0.0, 1.0]),
    "-1 and 1": ([-1, 1, 1], [0, 1, 2], [-1, 1, 1]),
    "-1 and 1, some unknown": ([-1.0, 1.0, _NAN], [0, 1], [-1.0, 1.0]),
    "objects with -1": (np.array([0, -1, 1, None], object), [0, 2], [0, 1]),
    "a list with None": ([0, None, 1], [0, 2], [0, 1]),
    "-1 as text is a class": (["-1", "0", "1"], [0, 1, 2], ["-1", "0", "1"]),
}


@pytest.mark.parametrize(("y", "labelled", "values"), _KINDS.values(), ids=_KINDS)
def test_labels_of_every_kind(y: Any, labelled: list[int], values: list[Any]) -> None:
    targets = class_targets(y, len(y))
    assert targets.labelled.tolist() == labelled
    assert targets.values.tolist() == values
    assert targets.values.dtype != object  # which would not sort


def test_labels_from_a_table() -> None:
    pandas = pytest.importorskip("pandas")
    for y in (
        pandas.Series(["b", None, "a"]),
        pandas.Series(["b", None, "a"], dtype="category"),
        pandas.Series(["b", None, "a"], dtype="string"),
    ):
        targets = class_targets(y, 3)
        assert targets.values.tolist() == ["b", "a"]
    gaps = class_targets(pandas.Series([0, None, 1], dtype="Int64"), 3).values
    assert gaps.tolist() == [0, 1]
    assert gaps.dtype.kind == "i"


@pytest.mark.parametrize(
    ("y", "classes", "labelled"),
    [
        ([-1, 0, 0], [0, 1, 2], [1, 2]),  # by itself, this would be two classes
        ([-1, 1, 0], [-1, 0, 1], [0, 1, 2]),
        ([-1, 1], [-1, 1], [0, 1]),
        ([-1, -1, 2], [0, 1, 2], [2]),
    ],
)
def test_known_classes_decide_what_minus_one_means(
    y: list[int], classes: list[int], labelled: list[int]
) -> None:
    assert class_targets(y, len(y), np.array(classes)).labelled.tolist() == labelled


_REFUSED: dict[str, tuple[Any, str]] = {
    "continuous": ([0.5, 1.5], "continuous"),
    "continuous objects": (np.array([0.5, None, 1.5], object), "continuous"),
    "text and numbers": (np.array(["a", 1], object), "y mixes text with int"),
    "two columns": ([[0, 1], [1, 0]], r"y has shape \(2, 2\)"),
    "nothing": (None, "y is None"),
    "infinite": ([_NAN, np.inf], "y contains infinity"),
}


@pytest.mark.parametrize(("y", "message"), _REFUSED.values(), ids=_REFUSED)
def test_unusable_labels_are_refused(y: Any, message: str, raises_one_line: Callable) -> None:
    with raises_one_line(InputError, message):
        class_targets(y, 2 if y is None else len(y))


def test_one_label_too_few_is_refused(raises_one_line: Callable) -> None:
    with raises_one_line(InputError, r"y has shape \(3,\); expected \(4,\)"):
        class_targets([0, 1, 2], 4)


def test_a_row_with_one_unknown_number_is_unlabelled() -> None:
    targets = number_targets([[1, 2], [_NAN, 3], [4, 5]], 3)
    assert targets.labelled.tolist() == [0, 2]
    assert targets.values.tolist() == [[1, 2], [4, 5]]
    assert number_targets([1, _NAN, 3], 3).values.tolist() == [[1], [3]]


_NOT_NUMBERS: dict[str, tuple[Any, str]] = {
    "text": (["a", "b"], "y is not numeric"),
    "infinite": ([1.0, np.inf], "infinity"),
    "three dimensions": (np.zeros((2, 2, 2)), r"y has shape \(2, 2, 2\)"),
    "no columns": (np.zeros((2, 0)), r"y has shape \(2, 0\)"),
}


@pytest.mark.parametrize(
    "targets",
    [
        class_targets([_NAN, _NAN], 2),
        class_targets([-1, -1], 2),  # not a class of its own
        class_targets([-1.0, _NAN], 2),
        class_targets([None, None], 2),
        number_targets([_NAN, _NAN], 2),
    ],
)
def test_no_label_at_all(targets: Targets, raises_one_line: Callable) -> None:
    with raises_one_line(InputError, "no label at all: every example is unlabelled"):
        require_labels(targets)


def test_classes_named_beforehand(raises_one_line: Callable) -> None:
    assert declared_classes(range(2, -1, -1)).tolist() == [0, 1, 2]
    assert declared_classes(np.array(["b", "a", "b"])).tolist() == ["a", "b"]
    for missing in (None, _NAN):
        with raises_one_line(InputError, "^classes holds .*, which means unlabelled"):
            declared_classes([0, 1, missing])
    with raises_one_line(InputError, "mixes text"):
        declared_classes([0, "a"])


@pytest.mark.parametrize(("y", "message"), _NOT_NUMBERS.values(), ids=_NOT_NUMBERS)
def test_unusable_numbers_are_refused(y: Any, message: str, raises_one_line: Callable) -> None:
    with raises_one_line(InputError, message):
        number_targets(y, 2)
