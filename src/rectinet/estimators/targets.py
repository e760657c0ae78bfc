"""What the estimators make of `y`: which examples are labelled, and what the network should say."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import DataConversionWarning

from rectinet.errors import InputError
from rectinet.nn import Array

UNLABELLED = -1


@dataclass(frozen=True)
class Targets:
    """The labelled part of `y`.

    Attributes:
        labelled: row numbers of the examples that have a label, ascending.
        values: their targets: labels as given, shape (n_labelled,), or numbers, shape
            (n_labelled, n_outputs).
    """

    labelled: Array
    values: Array


def class_targets(y: Any, n_examples: int, classes: Array | None = None) -> Targets:
    """Split labels of any kind that scikit-learn takes from what is unlabelled.

    Unlabelled are -1 (scikit-learn's convention), and None or NaN. Where only one other label is
    there, -1 is a class: the classes -1 and 1 are common. Where the `classes` are known already,
    they decide: a minibatch may have one of many.

    Raises:
        InputError: if `y` is not one label for each example.
    """
    y = _column(y, n_examples)
    if y.dtype.kind == "f":
        unknown = np.isnan(y)
        unknown |= _minus_one(y, ~unknown, classes)
    elif y.dtype.kind == "O":
        unknown = np.array([_is_missing(label) for label in y], bool)
        unknown |= _minus_one(y, ~unknown, classes)
    elif y.dtype.kind in "iu":
        unknown = _minus_one(y, np.ones(len(y), bool), classes)
    else:
        unknown = np.zeros(len(y), bool)
    labelled = np.flatnonzero(~unknown)
    values = y[labelled]
    if values.dtype.kind == "O":
        values = _as_one_type(values)
    if values.dtype.kind == "f" and np.isinf(values).any():
        raise InputError("y contains infinity; give finite labels, or NaN where there is none")
    if values.dtype.kind == "f" and not np.array_equal(values, np.rint(values)):
        raise InputError(
            "y holds continuous numbers. Unknown label type: continuous. Give classes, or use "
            "RectifierRegressor"
        )
    return Targets(labelled, values)


def number_targets(y: Any, n_examples: int) -> Targets:
    """Split numbers to predict from what is unlabelled: rows with a NaN.

    Raises:
        InputError: if `y` is not one row of numbers for each example.
    """
    try:
        numbers = np.asarray(y, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"y is not numeric ({error}); RectifierRegressor predicts numbers: give floats, NaN "
            "where there is no label, or use RectifierClassifier"
        ) from error
    if numbers.ndim not in (1, 2) or len(numbers) != n_examples or 0 in numbers.shape:
        raise InputError(
            f"y has shape {numbers.shape}; expected ({n_examples},) or ({n_examples}, n_targets): "
            "one row for each example of X"
        )
    numbers = numbers.reshape(n_examples, -1)
    if np.isinf(numbers).any():
        raise InputError("y contains infinity; give finite numbers, or NaN where there is no label")
    labelled = np.flatnonzero(~np.isnan(numbers).any(axis=1))
    return Targets(labelled, numbers[labelled])


def require_labels(targets: Targets) -> None:
    """Refuse targets without any label.

    Raises:
        InputError: if every example is unlabelled.
    """
    if not len(targets.labelled):
        raise InputError(
            "y has no label at all: every example is unlabelled (NaN; for a classifier -1 and None "
            "too); label some, or train a StackedDenoisingAutoencoder, which needs none"
        )


def declared_classes(classes: Any) -> Array:
    """Return the classes that are named beforehand, sorted, each once.

    Raises:
        InputError: if one is None or NaN, or some are text and others not.
    """
    labels = np.atleast_1d(np.asarray(classes, object))
    missing = [label for label in labels if _is_missing(label)]
    if missing:
        raise InputError(
            f"classes holds {missing[0]}, which means unlabelled; name the labels alone"
        )
    return np.unique(_as_one_type(labels))


def warn_of_column() -> None:
    """Say, as scikit-learn does, that `y` has a column where a plain array is expected."""
    warnings.warn(
        "A column-vector y was passed when a 1d array was expected; pass y.ravel()",
        DataConversionWarning,
        stacklevel=5,
    )


def _column(y: Any, n_examples: int) -> Array:
    if y is None:
        raise InputError(
            "y is None; this estimator requires y to be passed, but the target y is None"
        )
    # pandas' own types would turn whole numbers with gaps into floats.
    plain = isinstance(getattr(y, "dtype", None), np.dtype | None)
    labels = np.asarray(y) if plain else np.asarray(y, object)
    if labels.ndim == 2 and labels.shape[1] == 1:
        warn_of_column()
        labels = labels[:, 0]
    if labels.shape != (n_examples,):
        raise InputError(
            f"y has shape {labels.shape}; expected ({n_examples},): one label for each example of "
            "X, which may have -1, None or NaN where there is none"
        )
    return labels


def _minus_one(y: Array, known: Array, classes: Array | None) -> Array:
    """Return where -1 means unlabelled: nowhere, where it is a class itself."""
    unlabelled = np.zeros(len(y), bool)
    # Of the known alone: pandas.NA is neither equal nor unequal.
    unlabelled[known] = np.array(y[known] == UNLABELLED, bool)
    if classes is None:
        is_class = len(set(y[known & ~unlabelled].tolist())) == 1
    else:
        is_class = UNLABELLED in classes.tolist()
    return np.zeros(len(y), bool) if is_class else unlabelled


def _is_missing(label: Any) -> bool:
    if label is None:
        return True
    if isinstance(label, str | bytes):
        return False
    try:
        return bool(label != label)  # only NaN differs from itself
    except (TypeError, ValueError):  # pandas.NA takes no side
        return True


def _as_one_type(labels: Array) -> Array:
    kinds = {type(label) for label in labels}
    if str in kinds and len(kinds) > 1:
        raise InputError(
            f"y mixes text with {', '.join(sorted(k.__name__ for k in kinds - {str}))}; give "
            "labels of one kind, and None where there is none"
        )
    return np.asarray(labels.tolist())
