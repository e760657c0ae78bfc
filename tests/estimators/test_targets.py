"""Which examples are labelled, and with what."""

from __future__ import annotations

import datetime
import decimal
import fractions
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

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


_LARGE = 2**60 + 1  # in double precision, it would be one with 2**60 + 2

# One label, another, and a gap, as each kind of container has them.
_GAPS: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "objects": lambda y: np.array(y, object),
    "a column of lists": lambda y: [[each] for each in y],
    "masked": lambda y: np.ma.array([y[0], y[1], y[0]], mask=[False, False, True]),
    "masked objects": lambda y: np.ma.array(np.array(y, object), mask=[False, False, True]),
    "Series of objects": lambda y: pd.Series(y, dtype=object),
    "category": lambda y: pd.Series(y, dtype=object).astype("category"),
    "Categorical": lambda y: pd.Series(y, dtype=object).astype("category").array,
    "DataFrame": lambda y: pd.DataFrame({"y": pd.Series(y, dtype=object)}),
    "Index": lambda y: pd.Index(y, dtype=object),
}
_TEXT_GAPS: dict[str, Callable[[list[Any]], Any]] = {
    "string": lambda y: pd.Series(y, dtype="string"),
    "StringDType, None": lambda y: np.array(y, np.dtypes.StringDType(na_object=None)),
    "StringDType, NaN": lambda y: np.array([*y[:2], _NAN], np.dtypes.StringDType(na_object=_NAN)),
}
_NUMBER_GAPS: dict[str, Callable[[list[Any]], Any]] = {
    "Int64": lambda y: pd.Series(y, dtype="Int64"),
}


def _containers() -> list[Any]:
    text, numbers = ["b", "a", None], [_LARGE, _LARGE + 1, None]
    return [
        pytest.param(make, y, id=f"{name} of {type(y[0]).__name__}")
        for y, own in ((text, _TEXT_GAPS), (numbers, _NUMBER_GAPS))
        for name, make in (_GAPS | own).items()
    ]


@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
@pytest.mark.parametrize(("make", "y"), _containers())
def test_a_gap_is_unlabeled_in_every_container(
    make: Callable[[list[Any]], Any], y: list[Any]
) -> None:
    targets = class_targets(make(y), 3)
    assert targets.labelled.tolist() == [0, 1]
    assert targets.values.tolist() == y[:2]  # large numbers to the last digit
    assert targets.values.dtype.kind in "Ui"


@pytest.mark.parametrize("gap", [None, _NAN, pd.NA, pd.NaT, np.datetime64("NaT"), -1, -1.0])
def test_every_gap_beside_text_is_unlabeled(gap: Any) -> None:
    for y in (["spam", "ham", gap], np.array(["spam", "ham", gap], object)):
        targets = class_targets(y, 3)
        assert targets.labelled.tolist() == [0, 1]
        assert targets.values.tolist() == ["spam", "ham"]


class _Arrow:
    """A column with the methods of one of pyarrow, or of polars."""

    def __init__(self, values: list[Any], method: str):
        setattr(self, method, lambda: values)


@pytest.mark.parametrize("method", ["to_pylist", "to_list"])
def test_columns_of_arrow_and_polars(method: str) -> None:
    targets = class_targets(_Arrow([_LARGE, None, _LARGE + 1], method), 3)
    assert targets.values.tolist() == [_LARGE, _LARGE + 1]
    assert number_targets(_Arrow([1, None, 3], method), 3).values.tolist() == [[1], [3]]


def test_arrow_itself() -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    for column in (
        pa.array(["b", None, "a"]),
        pa.chunked_array([["b"], [None, "a"]]),
        pa.array(["b", None, "a"]).dictionary_encode(),
    ):
        assert class_targets(column, 3).values.tolist() == ["b", "a"]
    assert class_targets(pa.array([_LARGE, None, 2]), 3).values.tolist() == [_LARGE, 2]
    table = pa.table({"first": [1, None, 3], "second": [0.5, 1.5, 2.5]})
    assert number_targets(table, 3).values.tolist() == [[1, 0.5], [3, 2.5]]


@pytest.mark.parametrize(
    ("y", "dtype"),
    [
        ([2**63, 2**64 - 1], np.uint64),
        ([-(2**63), 2**63 - 1], np.int64),
        ([_LARGE, 1.0, 2.0], np.int64),  # whole numbers all of them
        ([1, 2.0], np.float64),
    ],
)
def test_whole_numbers_are_kept_to_the_last_digit(y: list[Any], dtype: Any) -> None:
    values = class_targets(y, len(y)).values
    assert values.tolist() == y
    assert values.dtype == dtype


@pytest.mark.parametrize(
    "y",
    [
        [-1, 1, 1],
        [-1.0, 1.0, _NAN],
        np.array([-1, 0, None], object),
        np.array([-1, 1], np.int8),
        pd.Series([-1, 7, None], dtype="Int64"),
        [1, -1, None],
    ],
)
def test_minus_one_and_one_other_number_are_ambiguous(y: Any, raises_one_line: Callable) -> None:
    with raises_one_line(InputError, "y has the labels -1(.0)? and .* only.*classes="):
        class_targets(y, len(y))
    # Beside text and truth values, it is no pair of classes.
    assert class_targets(["a", -1], 2).values.tolist() == ["a"]
    assert class_targets([True, -1], 2).values.tolist() == [True]


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
    "infinite in a list": ([1, 2, np.inf], "y contains infinity"),
    "text and numbers in a list": (["a", "b", 1.0], "y mixes text with float"),
    "bools and numbers": ([True, 2], "y mixes bool, int"),
    "dates": (np.array(["2020-01-01", "NaT"], "M8[D]"), r"y holds dates or times, .*label type"),
    "durations": (np.array([1, 2], "m8[s]"), "y holds dates or times"),
    "days in a list": ([datetime.date(2020, 1, 1)] * 2, "values of type date, .*label type"),
    "time stamps": (pd.Series(pd.to_datetime(["2020-01-01", None])), "dates or times"),
    "Decimals": ([decimal.Decimal("1.5")] * 2, "values of type Decimal"),
    "intervals": (pd.cut(pd.Series([1.0, 2.0]), 2), "values of type Interval"),
    "periods": (pd.Series(pd.period_range("2020", periods=2, freq="Y")), "of type Period"),
    "bytes": (np.array([b"a", b"b"]), "y holds bytes"),
    "bytes in a list": ([b"a", None], "values of type bytes"),
    "complex": (np.array([1j, 2]), "complex numbers"),
    "records": (np.zeros(2, [("a", "f8")]), "y holds records"),
    "lists of other lengths": ([[1], [2, 3]], "values of type list"),
    "more than 64 bits": ([2**70, 1], r"label 1180591620717411303424, which takes more than 64"),
    "sparse": (csr_array(np.eye(2)[:, :1]), r"y is a sparse csr_array.*y.toarray\(\)"),
    "a dict": ({"a": 1, "b": 2}, r"y has shape \(\)"),
}


@pytest.mark.parametrize(("y", "message"), _REFUSED.values(), ids=_REFUSED)
def test_unusable_labels_are_refused(y: Any, message: str, raises_one_line: Callable) -> None:
    with raises_one_line(InputError, message):
        class_targets(y, 2 if y is None or isinstance(y, csr_array) else len(y))


def test_one_label_too_few_is_refused(raises_one_line: Callable) -> None:
    with raises_one_line(InputError, r"y has shape \(3,\); expected \(4,\)"):
        class_targets([0, 1, 2], 4)


def test_a_row_with_one_unknown_number_is_unlabelled() -> None:
    targets = number_targets([[1, 2], [_NAN, 3], [4, 5]], 3)
    assert targets.labelled.tolist() == [0, 2]
    assert targets.values.tolist() == [[1, 2], [4, 5]]
    assert number_targets([1, _NAN, 3], 3).values.tolist() == [[1], [3]]


@pytest.mark.parametrize(
    "y",
    [
        [1.0, 2.0, None],
        [1, 2.0, pd.NA],
        [1, fractions.Fraction(2), decimal.Decimal("NaN")],
        [True, decimal.Decimal(2), _NAN],
        np.ma.array([1.0, 2.0, 3.0], mask=[False, False, True]),
        pd.Series([1, 2, None], dtype="Int64"),
        pd.Series([1.0, 2.0, None], dtype="Float64"),
        pd.Series([1, 2, None], dtype="category"),
    ],
)
def test_a_gap_among_numbers_is_unlabeled(y: Any) -> None:
    targets = number_targets(y, 3)
    assert targets.labelled.tolist() == [0, 1]
    assert targets.values.tolist() == [[1], [2]]


def test_gaps_in_several_columns() -> None:
    columns = {"a": pd.array([1, 2, None], dtype="Int64"), "b": [0.5, _NAN, 1.5]}
    for y in (pd.DataFrame(columns), np.ma.masked_invalid([[1, 0.5], [2, _NAN], [_NAN, 1.5]])):
        targets = number_targets(y, 3)
        assert targets.labelled.tolist() == [0]
        assert targets.values.tolist() == [[1, 0.5]]
    twice = pd.DataFrame([[1, 2], [3, 4]], columns=["y", "y"])
    assert number_targets(twice, 2).values.tolist() == [[1, 2], [3, 4]]


_NOT_NUMBERS: dict[str, tuple[Any, str]] = {
    "text": (["a", "b"], "y is not numeric"),
    "infinite": ([1.0, np.inf], "infinity"),
    "beyond double precision": ([10**400, 1], "infinity"),
    "digits as text": (np.array(["1", "2"]), "it holds text, such as '1'"),
    "bytes": (np.array([b"1", b"2"]), "it holds bytes"),
    "dates": (np.array(["2020-01-01", "NaT"], "M8[D]"), "it holds dates or times"),
    "durations": (np.array([1, 2], "m8[D]"), "it holds dates or times"),
    "days in a list": ([datetime.date(2020, 1, 1)] * 2, "values of type date"),
    "time stamps": (pd.Series(pd.date_range("2020", periods=2, tz="UTC")), "type Timestamp"),
    "complex": (np.array([1j, 2]), "complex numbers"),
    "complex in a list": ([1j, 2.0], "values of type complex"),
    "one column of two is text": (pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), "such as 'x'"),
    "sparse": (csr_array(np.eye(2)), "y is a sparse csr_array"),
    "nothing": (None, "y is None"),
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
        with raises_one_line(InputError, "^classes holds .*, which means unlabeled"):
            declared_classes([0, 1, missing])
    with raises_one_line(InputError, "^classes mixes text"):
        declared_classes([0, "a"])
    with raises_one_line(InputError, "^classes is .0., 1 class only"):
        declared_classes([0, 0])
    for several in ({2, 0, 1}, {0: "a", 1: "b", 2: "c"}.keys(), pd.Index([0, 1, 2])):
        assert declared_classes(several).tolist() == [0, 1, 2]
    for wrong in ("abc", 3):
        with raises_one_line(InputError, "^classes is .*; give a list of all labels"):
            declared_classes(wrong)


@pytest.mark.parametrize(("y", "message"), _NOT_NUMBERS.values(), ids=_NOT_NUMBERS)
def test_unusable_numbers_are_refused(y: Any, message: str, raises_one_line: Callable) -> None:
    with raises_one_line(InputError, message):
        number_targets(y, 2)
