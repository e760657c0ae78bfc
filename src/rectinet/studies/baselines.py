"""Linear models of scikit-learn, tuned on the validation data that the networks have."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rectinet.data import Dataset, Split
from rectinet.errors import InputError, SettingError
from rectinet.nn import Array
from rectinet.studies.ratings import rating_rmse
from rectinet.studies.spec import BaselineSpec

BASELINES = ("ridge", "logistic", "linear-svc")

_PATIENCE = 2


@dataclass(frozen=True)
class _Fitted:
    """A model with one strength of regularization.

    Attributes:
        classes: from inputs to class numbers, shape (n,).
        ratings: from inputs to predicted ratings, shape (n,); None where there are no ratings.
    """

    classes: Callable[[Any], Array]
    ratings: Callable[[Any], Array] | None


def train_baseline(spec: BaselineSpec, data: Dataset) -> tuple[dict[str, Any], Array]:
    """Fit with one strength after the other and test the one that was best on validation data.

    Best is the lowest error of the rating, or of the class where classes are no ratings. It begins
    with the strongest regularization. Of ratings it ends after two strengths that were not better:
    their error has one valley, and the weakest regularization takes longest. Errors of the class
    are too coarse for that.

    Args:
        spec: what is fitted; its stack is not looked at.
        data: the inputs, or what `encoded` makes of them.

    Returns:
        The figures, named as those of a network where they are the same, with the ``strength``;
        and which test examples are wrong, (n_test,) bool.

    Raises:
        InputError: if there are fewer labels than `spec` has, or all are of one class.
        SettingError: if the model is unknown, or is ridge regression of classes without values.
    """
    if spec.model not in BASELINES:
        raise SettingError(f"model is {spec.model!r}; give one of {', '.join(BASELINES)}")
    if spec.model == "ridge" and data.class_values is None:
        raise SettingError(f"model is 'ridge', but {data.name} has no ratings; give 'logistic'")
    train = data.train if spec.n_labels is None else data.draw_labels(spec.n_labels, spec.draw)
    if len(np.unique(train.y)) == 1:
        raise InputError(
            f"all {len(train.y)} labels of draw {spec.draw} are {data.classes[train.y[0]]!r}; "
            "expected two classes or more: draw more labels"
        )
    lowest, worse = math.inf, 0
    for tried in sorted(spec.strengths):
        model = _fit(spec, tried, train, data.class_values)
        found = _measure(model, data.validation, data.class_values)
        error = found.get("rmse", found["error"])
        if error < lowest:
            lowest, worse, strength, best = error, 0, tried, model
        else:
            worse += 1
        if worse == _PATIENCE and "rmse" in found:
            break
    figures = {
        f"{part}_{name}": value
        for part, split in (("validation", data.validation), ("test", data.test))
        for name, value in _measure(best, split, data.class_values).items()
    }
    counts = {"n_labels": len(train.y), "n_test": len(data.test.y)}
    wrong = best.classes(data.test.X) != data.test.y
    return {"strength": strength, **counts, **figures}, wrong


def _fit(spec: BaselineSpec, strength: float, train: Split, values: Array | None) -> _Fitted:
    # On use: they take long to import.
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.svm import LinearSVC

    X, y = train.X, train.y
    if spec.model == "ridge":
        assert values is not None
        ridge = Ridge(alpha=1 / strength).fit(X, values[y])
        return _Fitted(lambda X: _nearest(ridge.predict(X), values), ridge.predict)
    if spec.model == "logistic":
        with warnings.catch_warnings():
            # With next to no regularization it may not converge; validation data has the last word.
            warnings.simplefilter("ignore", ConvergenceWarning)
            logistic = LogisticRegression(C=strength, max_iter=1000).fit(X, y)
        if values is None:
            return _Fitted(logistic.predict, None)
        known = values[logistic.classes_]
        return _Fitted(logistic.predict, lambda X: logistic.predict_proba(X) @ known)
    svc = LinearSVC(C=strength, random_state=spec.seed).fit(X, y)
    return _Fitted(svc.predict, None if values is None else lambda X: values[svc.predict(X)])


def _nearest(ratings: Array, values: Array) -> Array:
    return np.asarray(np.abs(ratings[:, None] - values).argmin(axis=1))


def _measure(model: _Fitted, split: Split, values: Array | None) -> Mapping[str, float]:
    figures = {"error": float(np.mean(model.classes(split.X) != split.y))}
    if values is not None and model.ratings is not None:
        figures["rmse"] = rating_rmse(model.ratings(split.X), split.y, values)
    return figures
