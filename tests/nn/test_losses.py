from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import log_loss

from rectinet.nn import (
    CrossEntropy,
    HuberLoss,
    Linear,
    Loss,
    Rectifier,
    Sigmoid,
    SoftmaxNLL,
    Softplus,
    SquaredError,
    Tanh,
)

SQUARED = [SquaredError(phi) for phi in (Linear(), Softplus(), Rectifier(), Tanh(), Sigmoid())]


def test_softmax_nll_by_hand() -> None:
    # Odds 1 : 3, so the second class has probability 3/4.
    z, y = np.log([[1.0, 3.0], [1.0, 3.0]]), np.array([1, 0])
    np.testing.assert_allclose(SoftmaxNLL().prediction(z), [[0.25, 0.75]] * 2)
    np.testing.assert_allclose(SoftmaxNLL().values(z, y), [math.log(4 / 3), math.log(4)])
    np.testing.assert_allclose(SoftmaxNLL().gradient(z, y), [[0.25, -0.25], [-0.75, 0.75]])


def test_cross_entropy_by_hand() -> None:
    # Logistic outputs 1/2 and 3/4; sums over units.
    z, target = np.log([[1.0, 3.0]]), np.array([[0.5, 1.0]])
    np.testing.assert_allclose(CrossEntropy().prediction(z), [[0.5, 0.75]])
    np.testing.assert_allclose(
        CrossEntropy().values(z, target), [math.log(2) + math.log(4 / 3)], rtol=1e-14
    )
    np.testing.assert_allclose(CrossEntropy().gradient(z, target), [[0, -0.25]], atol=1e-16)


def test_squared_error_by_hand() -> None:
    z, target = np.array([[-1.0, 2.0]]), np.array([[1.0, 5.0]])
    # Rectified outputs 0 and 2; no factor 1/2. The off unit passes no gradient: strategy D.
    loss = SquaredError(Rectifier())
    np.testing.assert_array_equal(loss.prediction(z), [[0, 2]])
    np.testing.assert_array_equal(loss.values(z, target), [1 + 9])
    np.testing.assert_array_equal(loss.gradient(z, target), [[0, -6]])
    np.testing.assert_array_equal(SquaredError().values(z, target), [4 + 9])
    np.testing.assert_array_equal(SquaredError().gradient(z, target), [[-4, -6]])


# Scikit-learn clips probabilities at 2e-16; 30 between two logits stay clear of that.
@given(hnp.arrays(float, (4, 3), elements=st.floats(-15, 15)), st.integers(0, 2))
def test_softmax_nll_is_scikit_learns_log_loss(z: np.ndarray, label: int) -> None:
    loss, y = SoftmaxNLL(), np.full(4, label)
    p = loss.prediction(z)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    expected = log_loss(y, p, labels=[0, 1, 2])
    assert loss.values(z, y).mean() == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(
    hnp.arrays(float, (2, 3), elements=st.floats(-20, 20)),
    hnp.arrays(float, (2, 3), elements=st.floats(0, 1)),
)
def test_cross_entropy_is_its_naive_formula_where_that_works(
    z: np.ndarray, target: np.ndarray
) -> None:
    p = 1 / (1 + np.exp(-z))
    naive = -(target * np.log(p) + (1 - target) * np.log(1 - p)).sum(axis=1)
    # 1 - p loses digits: at |z| = 20 a relative 1e-16 / exp(-20) = 5e-8 of them is left.
    np.testing.assert_allclose(CrossEntropy().values(z, target), naive, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_logits_cost_their_distance(dtype: str) -> None:
    """The naive log(1 + exp(z)) overflows here (PAPER: "Known faults of G")."""
    z = np.array([[1e4, -1e4], [1e4, -1e4]], dtype)
    wrong = np.array([[0, 1], [1, 0]], dtype)
    cost = CrossEntropy().values(z, wrong)
    np.testing.assert_array_equal(cost, [2e4, 0])
    np.testing.assert_array_equal(CrossEntropy().gradient(z, wrong), [[1, -1], [0, 0]])
    y = np.array([1, 0])
    nll = SoftmaxNLL().values(z, y)
    np.testing.assert_array_equal(nll, [2e4, 0])
    np.testing.assert_array_equal(SoftmaxNLL().gradient(z, y), [[1, -1], [0, 0]])
    assert cost.dtype == nll.dtype == dtype


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", SQUARED, ids=lambda loss: loss.activation.name)
def test_extreme_reconstructions_stay_finite(loss: Loss, dtype: str) -> None:
    z = np.array([[1e4, -1e4]], dtype)
    target = np.array([[0.5, 0.5]], dtype)
    for result in (loss.prediction(z), loss.values(z, target), loss.gradient(z, target)):
        assert result.dtype == dtype
        assert np.isfinite(result).all()


@pytest.mark.parametrize("loss", [SoftmaxNLL(), CrossEntropy(), *SQUARED], ids=repr)
def test_losses_leave_their_arguments_alone(loss: Loss) -> None:
    z = np.array([[-1.0, 2.0], [0.5, -3.0]])
    target = np.array([0, 1]) if isinstance(loss, SoftmaxNLL) else np.full((2, 2), 0.5)
    before = z.copy(), target.copy()
    loss.prediction(z), loss.values(z, target), loss.gradient(z, target)
    np.testing.assert_array_equal(z, before[0])
    np.testing.assert_array_equal(target, before[1])


def test_huber_is_quadratic_within_its_limit_and_linear_beyond() -> None:
    z, target = np.array([[1.0, 5], [-20, 0]]), np.array([[3.0, 2], [10, 0]])
    loss = HuberLoss(10)
    np.testing.assert_array_equal(loss.values(z, target), [4 + 9, 10 * (2 * 30 - 10)])
    np.testing.assert_array_equal(loss.gradient(z, target), [[-4, 6], [-20, 0]])
    within = z[:1].astype(np.float32) / 3
    for mine, plain in (
        (loss.values(within, target[:1]), SquaredError().values(within, target[:1])),
        (loss.gradient(within, target[:1]), SquaredError().gradient(within, target[:1])),
    ):
        np.testing.assert_array_equal(mine, plain)
