"""Inputs and weights that cannot be used: refused by the estimators in rectinet's own words."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csc_array, csr_array, csr_matrix
from sklearn.exceptions import NotFittedError

from rectinet.errors import InputError
from rectinet.estimators import (
    RectifierClassifier,
    RectifierRegressor,
    StackedDenoisingAutoencoder,
)

Data = tuple[np.ndarray, np.ndarray]

_SETTINGS: dict[str, Any] = {"hidden_layer_sizes": (4,), "max_iter": 1, "random_state": 0}
_KINDS = [RectifierClassifier, RectifierRegressor, StackedDenoisingAutoencoder]


def _damaged(kind: Any, X: np.ndarray, part: str, value: int) -> Any:
    matrix = kind(X)
    getattr(matrix, part)[3] = value
    return matrix


@pytest.mark.parametrize("estimator", _KINDS)
@pytest.mark.parametrize("kind", [csr_array, csr_matrix, csc_array])
@pytest.mark.parametrize(
    ("part", "value"), [("indices", 5000), ("indices", -2), ("indptr", 10**6), ("indptr", -1)]
)
def test_a_damaged_sparse_matrix_is_refused_before_scipy_reads_it(
    estimator: Any, kind: Any, part: str, value: int, digits: Data, raises_one_line: Callable
) -> None:
    X, y = digits
    damaged = _damaged(kind, X, part, value)
    model = estimator(**_SETTINGS)
    with raises_one_line(InputError, "^X is a damaged sparse matrix: .*build it again"):
        model.fit(damaged, y)
    model.fit(kind(X), y)
    with raises_one_line(InputError, "^X is a damaged sparse matrix"):
        model.transform(damaged)


@pytest.mark.parametrize("estimator", _KINDS)
@pytest.mark.parametrize("kind", [np.asarray, csr_array, pd.DataFrame])
@pytest.mark.parametrize(("wrong", "said"), [(np.nan, "NaN"), (-np.inf, "-inf")])
def test_what_is_not_finite_is_located(
    estimator: Any, kind: Any, wrong: float, said: str, digits: Data, raises_one_line: Callable
) -> None:
    X, y = digits[0].copy(), digits[1]
    X[102, 7] = X[300, 0] = wrong
    with raises_one_line(InputError, f"^X contains {said}.* at row 102, column 7 .2 values"):
        estimator(**_SETTINGS).fit(kind(X), y)


@pytest.mark.parametrize(
    ("estimator", "method"),
    [
        *((kind, method) for kind in _KINDS for method in ("transform", "score")),
        *((kind, "predict") for kind in _KINDS[:2]),
        (StackedDenoisingAutoencoder, "reconstruct"),
    ],
)
def test_what_is_not_fitted_says_so(estimator: Any, method: str, digits: Data) -> None:
    with pytest.raises(NotFittedError):
        getattr(estimator(), method)(*(digits if method == "score" else digits[:1]))


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.r_[np.ones(5), np.nan, np.ones(394)], "sample_weight is nan at row 5"),
        (np.ones(3), r"sample_weight has shape \(3,\); expected \(400,\)"),
        (np.ones((400, 2)), r"sample_weight has shape \(400, 2\)"),
        (["much"] * 400, "sample_weight is not numeric"),
    ],
)
def test_weights_that_cannot_be_used(
    weight: Any, message: str, digits: Data, raises_one_line: Callable
) -> None:
    with raises_one_line(InputError, message):
        RectifierClassifier(**_SETTINGS).fit(*digits, weight)


def test_one_weight_stands_for_all(digits: Data) -> None:
    one, many = (
        RectifierClassifier(**_SETTINGS).fit(*digits, weight).predict_proba(digits[0])
        for weight in (3, np.full(400, 3.0))
    )
    np.testing.assert_array_equal(one, many)


@pytest.mark.parametrize("estimator", _KINDS)
@pytest.mark.parametrize("X", [csr_array((400, 5)), np.zeros((400, 5)), np.ones((400, 5))])
def test_inputs_that_never_vary_are_not_blamed_on_the_rate(
    estimator: Any, X: Any, digits: Data, raises_one_line: Callable
) -> None:
    if isinstance(X, np.ndarray) and X.all():
        estimator = functools.partial(estimator, scaling="standard")
    with raises_one_line(InputError, "^X is 0 in every training example once it is scaled"):
        estimator(**_SETTINGS).fit(X, digits[1])
