"""What the estimators make of `y`: which examples are labeled, and what the network should say."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, KeysView, Set, ValuesView
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.exceptions import DataConversionWarning

from rectinet.errors import InputError
from rectinet.nn import Array

UNLABELED = -1

# Beyond, double precision no longer tells whole numbers apart.
_EXACT = 2**53

_DATES = "dates or times"
_OTHERS = {"S": "bytes", "M": _DATES, "m": _DATES, "c": "complex numbers", "V": "records"}


@dataclass(frozen=True)
class Targets:
    """The labeled part of `y`.

    Attributes:
        labelled: row numbers of the examples that have a label, ascending.
        values: their targets: labels of one type, shape (n_labelled,), or float64, shape
            (n_labelled, n_outputs).
    """

    labelled: Array
    values: Array


def plain_targets(y: Any, n_examples: int) -> Array:
    """Return `y` as a NumPy array, whatever it came in, with its gaps as they are there.

    A gap is None or NaN: what a mask hides, and the nulls of pandas, polars and Arrow, become so.

    Args:
        y: an array, masked or not; lists; a column or a table of pandas, polars or Arrow.
        n_examples: the rows expected.

    Returns:
        Shape (n_examples,) or (n_examples, n_targets); of type object where there may be gaps
        beside something else than floats.

    Raises:
        InputError: if `y` is None, sparse, ragged or of another length.
    """
    if y is None:
        raise InputError(
            "y is None; this estimator requires y to be passed, but the target y is None"
        )
    if issparse(y):
        raise InputError(f"y is a sparse {type(y).__name__}; expected an array: give y.toarray()")
    try:
        array = _as_array(y)
    except ValueError as error:
        said = " ".join(str(error).split())
        raise InputError(f"y is not an array: {said}; expected one row for each example") from error
    if array.ndim == 0 or len(array) != n_examples:
        raise InputError(
            f"y has shape {array.shape}; expected ({n_examples},) or ({n_examples}, n_targets): "
            "one row for each example of X"
        )
    return array


def class_targets(y: Any, n_examples: int, classes: Array | None = None) -> Targets:
    """Split labels from what is unlabeled: None, NaN, and -1 (scikit-learn's convention).

    The `classes`, where they are known, say whether -1 is one of them. Otherwise it means
    unlabeled, unless it stands beside a single other number: that may be a pair of classes, or
    what is left of several.

    Args:
        y: labels: text, bools or whole numbers, not mixed; see `plain_targets`.
        n_examples: the rows expected.
        classes: all labels, sorted.

    Raises:
        InputError: if `y` is not one label for each example, or its labels are of another or of
            several types, or it is not clear what -1 means.
    """
    y = _column(plain_targets(y, n_examples))
    known = ~_missing(y)
    said = y[known] if y.dtype.kind != "O" else np.array([_plain(label) for label in y[known]], "O")
    minus_one = _minus_one(said)
    labels = _one_type(said[~minus_one])
    if minus_one.any() and _is_class(labels, classes):
        labels = _one_type(said)
    else:
        known[np.flatnonzero(known)[minus_one]] = False
    return Targets(np.flatnonzero(known), labels)


def number_targets(y: Any, n_examples: int) -> Targets:
    """Split numbers to predict from what is unlabeled: rows with a gap.

    Raises:
        InputError: if `y` is not one row of finite numbers for each example.
    """
    y = plain_targets(y, n_examples)
    if y.ndim > 2 or 0 in y.shape:
        raise InputError(
            f"y has shape {y.shape}; expected ({n_examples},) or ({n_examples}, n_targets): "
            "one row for each example of X"
        )
    numbers = _numbers(y).reshape(n_examples, -1)
    if np.isinf(numbers).any():
        raise InputError("y contains infinity; give finite numbers, or NaN where there is no label")
    labelled = np.flatnonzero(~np.isnan(numbers).any(axis=1))
    return Targets(labelled, numbers[labelled])


def require_labels(targets: Targets) -> None:
    """Refuse targets without any label.

    Raises:
        InputError: if every example is unlabeled.
    """
    if not len(targets.labelled):
        raise InputError(
            "y has no label at all: every example is unlabelled (NaN; for a classifier -1 and None "
            "too); label some, or train a StackedDenoisingAutoencoder, which needs none"
        )


def declared_classes(classes: Any) -> Array:
    """Return the classes that are named beforehand, sorted, each once.

    Raises:
        InputError: if one is None or NaN, if they are of several types, or fewer than two.
    """
    if isinstance(classes, str) or not isinstance(classes, Iterable):
        raise InputError(f"classes is {classes!r}; give a list of all labels")
    unordered = isinstance(classes, Set | KeysView | ValuesView)
    labels = np.atleast_1d(_as_array(list(classes) if unordered else classes))
    if _missing(labels).any():
        raise InputError(
            f"classes holds {labels[_missing(labels)][0]}, which means unlabeled; name the labels "
            "alone"
        )
    found: Array = np.unique(_one_type(labels, "classes"))
    if len(found) < 2:
        raise InputError(
            f"classes is {found.tolist()}, 1 class only; a classifier needs 2 or more: name all"
        )
    return found


def check_same_type(labels: Array, classes: Array) -> None:
    """Refuse text where the classes are numbers, and the other way round.

    Raises:
        InputError: if they cannot be compared.
    """
    if len(labels) and (labels.dtype.kind == "U") != (classes.dtype.kind == "U"):
        raise InputError(
            f"y has the label {labels[0].item()!r}, but the classes are {_shown(classes)}; give "
            "labels of the same type"
        )


def warn_of_column() -> None:
    """Say, as scikit-learn does, that `y` has a column where a plain array is expected."""
    warnings.warn(
        "A column-vector y was passed when a 1d array was expected; pass y.ravel()",
        DataConversionWarning,
        stacklevel=5,
    )


def _as_array(y: Any) -> Array:
    if isinstance(y, np.ma.MaskedArray):
        values = np.asarray(y.data).astype(object)
        values[np.ma.getmaskarray(y)] = None
        return values
    if isinstance(y, np.ndarray):
        return y.astype(object) if y.dtype.kind == "T" else y
    if hasattr(y, "columns"):  # a table: pandas names its columns, polars and Arrow as well
        columns = [_as_array(column) for column in _columns(y)]
        plain = all(column.dtype.kind in "biuf" for column in columns)
        return np.stack([each if plain else each.astype(object) for each in columns], axis=1)
    if isinstance(y, pd.api.extensions.ExtensionArray):  # whose own lists may round large numbers
        y = pd.Series(y)
    if isinstance(getattr(y, "dtype", None), np.dtype):  # pandas' columns of NumPy's types
        return np.asarray(y)
    for method in ("to_pylist", "to_list"):  # Arrow; polars, and pandas' types of its own
        if hasattr(y, method):
            return _objects(getattr(y, method)())
    return np.asarray(y) if hasattr(y, "__array__") else _objects(y)


def _columns(table: Any) -> list[Any]:
    if hasattr(table, "iloc"):  # pandas, where two columns may have one name
        return [table.iloc[:, number] for number in range(table.shape[1])]
    return list(table.columns if hasattr(table, "to_pydict") else table.get_columns())


def _objects(values: Any) -> Array:
    """Return nested lists without a common type forced upon them, which would turn NaN to text."""
    return np.array(values, dtype=object)


def _column(labels: Array) -> Array:
    if labels.ndim == 2 and labels.shape[1] == 1:
        warn_of_column()
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise InputError(
            f"y has shape {labels.shape}; expected ({len(labels)},): one label for each example of "
            "X, which may have -1, None or NaN where there is none"
        )
    return labels


def _missing(labels: Array) -> Array:
    if labels.dtype.kind == "f":
        return np.isnan(labels)
    if labels.dtype.kind != "O":
        return np.zeros(labels.shape, bool)
    return np.asarray(pd.isna(labels), bool)


def _plain(label: Any) -> Any:
    """Return a label as Python has it."""
    if isinstance(label, np.datetime64 | np.timedelta64):  # would become a number
        return label
    return label.item() if isinstance(label, np.generic) else label


def _minus_one(labels: Array) -> Array:
    """Return which labels are the number -1."""
    if labels.dtype.kind == "O":
        return np.array([type(each) in (int, float) and each == UNLABELED for each in labels], bool)
    if labels.dtype.kind in "if":
        return np.asarray(labels == UNLABELED)
    return np.zeros(labels.shape, bool)


def _is_class(others: Array, classes: Array | None) -> bool:
    """Return whether -1 is a class, given the other labels.

    Raises:
        InputError: if that is not clear.
    """
    if classes is not None:
        return UNLABELED in classes.tolist()
    different = np.unique(others)
    if len(different) != 1 or others.dtype.kind not in "iuf":
        return False
    other = different[0].item()
    raise InputError(
        f"y has the labels -1 and {other!r} only, and -1 means unlabeled where there are several "
        f"others; say what it is: classes=[-1, {other!r}] if it is a class, and if it means "
        f"unlabeled, name all classes, such as classes=[{other!r}, {other + 1!r}]"
    )


def _one_type(labels: Array, name: str = "y") -> Array:
    """Return labels as text, bools or whole numbers.

    Raises:
        InputError: if they are something else, or of several types.
    """
    kind = labels.dtype.kind
    if kind == "O":
        return _typed([_plain(label) for label in labels], name)
    if kind in _OTHERS:
        raise _unknown_type(labels[0] if len(labels) else labels.dtype, _OTHERS[kind], name)
    if kind == "f":
        if np.isinf(labels).any():
            raise InputError(
                f"{name} contains infinity; give finite labels, or NaN where there is none"
            )
        if not np.array_equal(labels, np.rint(labels)):
            raise InputError(
                f"{name} holds continuous numbers. Unknown label type: continuous. Give classes, "
                "or use RectifierRegressor"
            )
    return labels


def _typed(labels: list[Any], name: str) -> Array:
    kinds = {type(label) for label in labels}
    if kinds <= {int, float} and len(kinds) == 2:
        large = [label for label in labels if _EXACT < abs(label) < np.inf]
        if not large:
            return _one_type(np.asarray(labels, np.float64), name)
        labels = [int(each) if float(each).is_integer() else each for each in labels]
        kinds = {type(label) for label in labels}
    if len(kinds) > 1:
        found = ", ".join(sorted({kind.__name__ for kind in kinds - {str}}))
        mixed = f"text with {found}" if str in kinds else found
        raise InputError(
            f"{name} mixes {mixed}; give labels of one kind, and None where there is none"
        )
    kind = kinds.pop() if kinds else float
    if kind is int:
        for whole in (np.int64, np.uint64):
            limits = np.iinfo(whole)
            if limits.min <= min(labels) and max(labels) <= limits.max:
                return np.asarray(labels, whole)
        raise InputError(
            f"{name} has the label {max(labels, key=abs)}, which takes more than 64 bits; give "
            "such labels as text: str(label)"
        )
    if kind not in (str, bool, float):
        raise _unknown_type(labels[0], f"values of type {kind.__name__}", name)
    return _one_type(np.asarray(labels, kind), name)


def _unknown_type(label: Any, found: str, name: str) -> InputError:
    return InputError(
        f"{name} holds {found}, such as {_short(label)}. Unknown label type: expected text, bools "
        "or whole numbers; convert the labels, for instance to text: [str(label) for label in y]"
    )


def _numbers(y: Array) -> Array:
    """Return numbers as float64, NaN for gaps.

    Raises:
        InputError: if something else is among them.
    """
    if y.dtype.kind in "biuf":
        return y.astype(np.float64)
    if y.dtype.kind == "O":
        return np.array([_number(value) for value in y.ravel()], np.float64).reshape(y.shape)
    found = _OTHERS.get(y.dtype.kind, "text")
    raise _not_numeric(y.ravel()[0], found)


def _number(value: Any) -> float:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return np.nan
    if isinstance(value, str | bytes | complex | np.datetime64 | np.timedelta64):
        raise _not_numeric(value, f"values of type {type(value).__name__}")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise _not_numeric(value, f"values of type {type(value).__name__}") from None
    except OverflowError:
        return np.inf


def _not_numeric(value: Any, found: str) -> InputError:
    return InputError(
        f"y is not numeric: it holds {found}, such as {_short(value)}; RectifierRegressor predicts "
        "numbers: give floats, NaN where there is no label, or use RectifierClassifier"
    )


def _short(value: Any) -> str:
    text = " ".join(repr(value.item() if isinstance(value, np.generic) else value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _shown(classes: Array) -> str:
    return _short(classes.tolist())
