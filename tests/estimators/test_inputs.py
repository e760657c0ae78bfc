"""Inputs and weights that cannot be used: refused by the estimators in rectinet's own words."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array, csc_array, csr_array, csr_matrix
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator

from rectinet.errors import InputError, SettingError
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


_ONE_AND_THREE = [
    (coo_array(np.arange(5.0)), r"X has shape \(5,\); expected 2 dimensions"),
    (coo_array(np.ones((2, 3, 4))), r"X has shape \(2, 3, 4\); expected 2 dimensions"),
    (csr_array((0, 4)), "X has 0 sample"),
    (csr_array((4, 0)), "X has 0 feature"),
    (np.ma.array(np.ones((4, 2)), mask=np.eye(4, 2)), "^X is masked in 2 places"),
    (np.full((4, 2), "2020-01-01", "M8[D]"), r"^X holds dates or times \(datetime64"),
    (np.full((4, 2), 5, "m8[s]"), "^X holds dates or times"),
]


@pytest.mark.parametrize("estimator", _KINDS)
@pytest.mark.parametrize(("X", "message"), _ONE_AND_THREE)
def test_inputs_that_are_no_matrix_of_numbers(
    estimator: Any, X: Any, message: str, raises_one_line: Callable
) -> None:
    with raises_one_line(InputError, message):
        estimator(**_SETTINGS).fit(X, [0, 1, 2, 0][: X.shape[0]])


@pytest.mark.parametrize("estimator", _KINDS)
@pytest.mark.parametrize(
    "dates",
    [
        pd.date_range("2020", periods=4),
        pd.date_range("2020", periods=4, tz="UTC"),
        pd.to_datetime(["2020-01-01", None, "2020-01-03", "2020-01-04"]),
        pd.to_timedelta([1, 2, None, 4], unit="D"),
    ],
)
def test_a_table_of_dates_alone_is_no_table_of_numbers(
    estimator: Any, dates: Any, raises_one_line: Callable
) -> None:
    with raises_one_line(InputError, "^X, column 'b', holds dates or times"):
        estimator(**_SETTINGS).fit(pd.DataFrame({"b": dates, "a": dates}), [0, 1, 0, 1])


@pytest.mark.parametrize("estimator", _KINDS)
@pytest.mark.parametrize(
    ("column", "found"),
    [
        (["x", "y", "x", "y"], "'x' in column 'odd', row 0"),
        (pd.Series([1, 2, "3 kg", 4], dtype=object), "'3 kg' in column 'odd', row 2"),
        (pd.Series(["a", "b"] * 2, dtype="category"), "'a' in column 'odd', row 0"),
        (pd.Series([[1], [2], [3], [4]]), r"\[1\] in column 'odd', row 0"),
    ],
)
def test_a_column_that_holds_no_numbers_is_named(
    estimator: Any, column: Any, found: str, raises_one_line: Callable
) -> None:
    X = pd.DataFrame({"even": [1.0, 2, 3, 5], "odd": column})
    with raises_one_line(InputError, f"^X has {found}; expected numbers"):
        estimator(**_SETTINGS).fit(X, [0, 1, 0, 1])
    with raises_one_line(InputError, r"^X contains NaN at row 3, column 0 \('even'\)"):
        estimator(**_SETTINGS).fit(X[["even"]].replace(5, np.nan), [0, 1, 0, 1])


@pytest.mark.parametrize("estimator", _KINDS)
def test_a_first_layer_beyond_the_memory_is_refused(
    estimator: Any, raises_one_line: Callable
) -> None:
    X = csr_array(([1.0, 1.0, 1.0], ([0, 1, 2], [0, 1, 2_000_000_000])), (3, 2_000_000_001))
    with raises_one_line(SettingError, "with 2,000,000,001 features takes .* stray column"):
        estimator((4000,), max_iter=1).fit(X, [0, 1, 0])


@pytest.mark.parametrize("estimator", _KINDS)
@pytest.mark.parametrize("kind", [np.asarray, csr_array])
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_rows_of_weight_0_are_as_if_they_were_not_there(
    estimator: Any, kind: Any, method: str, digits: Data
) -> None:
    X, y = digits[0].copy(), digits[1].astype(float)
    y[50:] = np.nan  # so that pre-training is chosen
    counts = np.arange(400) % 7 > 0
    X[~counts] *= -1000
    y[~counts] = 77
    model = estimator(**_SETTINGS)
    weighted = getattr(clone(model), method)(kind(X), y, sample_weight=3.0 * counts)
    without = getattr(clone(model), method)(kind(X[counts]), y[counts])
    even = getattr(clone(model), method)(
        kind(X[counts]), y[counts], sample_weight=np.full(counts.sum(), 3.0)
    )
    for other in (without, even):
        np.testing.assert_allclose(
            weighted.transform(X[:5]).toarray(),
            other.transform(X[:5]).toarray(),
            rtol=1e-4,
            atol=1e-5,
        )
    assert not hasattr(weighted, "classes_") or 77 not in weighted.classes_


@pytest.mark.parametrize("kind", [np.asarray, csr_array])
@pytest.mark.parametrize("settings", [{}, {"tied": True}, {"reconstruction_sampling": 0.5}])
def test_a_stack_learns_by_weight(kind: Any, settings: dict[str, Any], digits: Data) -> None:
    if settings.get("reconstruction_sampling") and kind is np.asarray:
        pytest.skip("dense inputs are not sampled")
    X = digits[0] / 16
    likes = digits[1] < 5
    costs = []
    for weight in (np.where(likes, 1.0, 1e-3), np.where(likes, 1e-3, 1.0)):
        stack = StackedDenoisingAutoencoder((20,), max_iter=5, random_state=0, **settings)
        stack.fit(kind(X), sample_weight=weight)
        costs.append([stack.score(X[likes]), stack.score(X[~likes])])
    (first_likes, first_others), (then_likes, then_others) = costs
    assert first_likes > then_likes
    assert then_others > first_others


@pytest.mark.parametrize("weight", [1e-50, 1e50, 1e-320, 1e308, np.float32(1e-30)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_only_ratios_of_weights_matter(weight: float, dtype: Any, digits: Data) -> None:
    X, y = digits[0].astype(dtype), digits[1]
    some = np.where(np.arange(400) % 2, 1.0, 0.5)
    one, other = (
        RectifierClassifier(**_SETTINGS).fit(X, y, each).predict_proba(X)
        for each in (some, some * weight)
    )
    np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("estimator", _KINDS[:2])
@pytest.mark.parametrize("frozen", [False, True])
def test_a_stack_of_other_columns_is_refused(estimator: Any, frozen: bool) -> None:
    X = pd.DataFrame(np.random.default_rng(0).random((60, 3)), columns=["a", "b", "c"])
    y = np.arange(60) % 2
    stack = StackedDenoisingAutoencoder(**_SETTINGS).fit(X)
    given = FrozenEstimator(stack) if frozen else stack
    model = estimator(pretraining=given, max_iter=1, random_state=0)
    for other in (X[["c", "b", "a"]], X.rename(columns={"b": "B"})):
        with pytest.raises(ValueError, match="feature names should match"):
            model.fit(other, y)
        with pytest.raises(ValueError, match="feature names should match"):
            stack.transform(other)
    with pytest.raises(InputError, match="X has 2 features, but the auto-encoder"):
        model.fit(X[["a", "b"]], y)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.fit(X.to_numpy(), y)
    assert model.fit(X, y).predict(X).shape == (60,)


@pytest.mark.parametrize("estimator", _KINDS)
def test_answers_that_are_not_finite_are_refused(
    estimator: Any, digits: Data, raises_one_line: Callable
) -> None:
    X, y = digits
    model = estimator((4,), max_iter=1, scaling="none", random_state=0).fit(X / 16, y)
    large = np.full((2, 64), 3e38)  # finite, and 64 of them are not
    for name in ("predict", "predict_proba", "predict_log_proba", "transform", "reconstruct"):
        if hasattr(model, name):
            with raises_one_line(InputError, "^X has values that are too large for the network"):
                getattr(model, name)(large)
