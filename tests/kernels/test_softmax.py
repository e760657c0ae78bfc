"""Softmax and negative log-likelihood: the mean cost and its gradient."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rectinet.kernels import MODES, Kernels, native, reference
from rectinet.nn import SoftmaxNLL


@pytest.fixture
def softmax() -> Callable[..., tuple[float, np.ndarray]]:
    """Return the compiled form; it has no variants by instruction set."""
    if not native.AVAILABLE:
        pytest.skip("rectinet was installed without a C++ compiler")
    return native.softmax_nll


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e4])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_classes", [1, 2, 10, 33])
@pytest.mark.parametrize("n", [1, 3, 40])
def test_softmax_nll_is_its_formula(
    n: int,
    n_classes: int,
    dtype: str,
    scale: float,
    softmax: Callable[..., tuple[float, np.ndarray]],
    random: np.random.Generator,
    gamma: Callable[..., float],
    assert_within: Callable[..., None],
) -> None:
    z = (scale * random.standard_normal((n, n_classes))).astype(dtype)
    target = random.integers(0, n_classes, n)
    cost, delta = softmax(z, target)
    expected, slope = reference.softmax_nll(z.astype(np.float64), target)
    # One rounding of z - max z moves its exponential, and the cost, by u |z - max z|; the library
    # functions are good to a few units in the last place.
    spread = float(np.ptp(z))
    terms = n_classes + 10 + spread
    assert cost == pytest.approx(expected, abs=gamma(terms, dtype) * (1 + spread))
    assert delta.dtype == dtype
    # The gradient is (p - 1) / n or p / n with p <= 1.
    assert_within(delta, slope, np.full_like(slope, gamma(terms, dtype) / n), n_classes, "delta")


def test_it_is_the_loss_of_the_same_name(
    softmax: Callable[..., tuple[float, np.ndarray]], random: np.random.Generator
) -> None:
    z, target = random.standard_normal((5, 4)), random.integers(0, 4, 5)
    cost, delta = softmax(z, target)
    loss = SoftmaxNLL()
    assert cost == pytest.approx(loss.values(z, target).mean(), rel=1e-14)
    np.testing.assert_allclose(delta, loss.gradient(z, target) / 5, atol=1e-16)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_ends_in_a_nan(
    bad: float, softmax: Callable[..., tuple[float, np.ndarray]]
) -> None:
    for place in range(3):
        z = np.zeros((2, 3))
        z[0, place] = bad
        cost, delta = softmax(z, np.array([0, 1]))
        assert np.isnan(cost)
        assert np.isnan(delta[0]).any()
        assert np.isfinite(delta[1]).all()


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ([0, 3], "target 3 is not one of 3 classes"),
        ([-1, 0], "target -1 is not one of 3 classes"),
        ([0], "target has 1 entries where 2 are expected"),
    ],
)
def test_a_target_that_is_no_class_is_refused(
    target: list[int], words: str, softmax: Callable[..., tuple[float, np.ndarray]]
) -> None:
    with pytest.raises(ValueError, match=words):
        softmax(np.zeros((2, 3)), np.array(target))


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_means_the_same(mode: str, random: np.random.Generator) -> None:
    if mode == "native" and not native.AVAILABLE:
        pytest.skip("rectinet was installed without a C++ compiler")
    z, target = random.standard_normal((5, 4)), random.integers(0, 4, 5)
    expected, slope = reference.softmax_nll(z, target)
    cost, delta = Kernels(mode).softmax_nll(z, target)
    assert cost == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(delta, slope, atol=1e-15)
