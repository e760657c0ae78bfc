"""Scores, which leave unlabelled examples out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, cross_val_score

from rectinet.errors import InputError
from rectinet.estimators import RectifierClassifier, RectifierRegressor

Data = tuple[np.ndarray, np.ndarray]

_SETTINGS: dict[str, Any] = {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0}


@pytest.mark.parametrize("nothing", [-1, None, np.nan])
def test_accuracy_of_the_labelled(nothing: Any, digits: Data, raises_one_line: Callable) -> None:
    X, y = digits
    model, weight = RectifierClassifier(**_SETTINGS).fit(X, y), np.arange(1.0, 401)
    some = y.astype(object)
    some[100:] = nothing
    right = model.predict(X[:100]) == y[:100]
    assert model.score(X, some) == right.mean() > 0.5
    assert model.score(X, some, weight) == pytest.approx(np.average(right, weights=weight[:100]))
    with raises_one_line(InputError, "no label at all"):
        model.score(X, np.full(400, nothing))


def test_minus_one_counts_where_it_is_a_class(digits: Data) -> None:
    X, y = digits[0], np.where(digits[1] > 4, 1, -1)
    model = RectifierClassifier(classes=[-1, 1], **_SETTINGS).fit(X, y)
    assert model.score(X, y) == (model.predict(X) == y).mean()
    assert model.score(X, -y) == pytest.approx(1 - model.score(X, y))


@pytest.mark.parametrize("columns", [1, 2])
def test_variance_explained_of_the_labelled(columns: int, plane: Data) -> None:
    X, y = plane[0], np.stack([plane[1], plane[0][:, 0]][:columns], axis=1)
    model = RectifierRegressor(**_SETTINGS).fit(X, y)
    some = y.copy()
    some[50:, -1] = np.nan
    error = np.square(y - model.predict(X).reshape(200, columns))[:50].sum(axis=0)
    spread = np.square(y[:50] - y[:50].mean(axis=0)).sum(axis=0)
    assert model.score(X, some) == pytest.approx((1 - error / spread).mean())


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_variance_explained_has_no_unit(unit: float, plane: Data) -> None:
    X, y = plane
    explained = RectifierRegressor(**_SETTINGS).fit(X, y).score(X, y)
    other = RectifierRegressor(**_SETTINGS).fit(X, y * unit).score(X, y * unit)
    assert other == pytest.approx(explained, abs=1e-3)


def test_models_are_selected_with_unlabelled_rows(digits: Data) -> None:
    X, y = digits[0], np.where(np.arange(400) % 2, digits[1], -1)
    model = RectifierClassifier(pretraining=None, **_SETTINGS)
    assert cross_val_score(model, X, y, cv=2).min() > 0.3  # at most 1/2 if -1 were counted
    search = GridSearchCV(model, {"learning_rate_init": [1e-6, 0.02]}, cv=2).fit(X, y)
    assert search.best_params_ == {"learning_rate_init": 0.02}
