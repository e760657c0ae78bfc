from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from rectinet.errors import SettingError
from rectinet.nn import (
    Activation,
    Linear,
    Rectifier,
    Sigmoid,
    Softplus,
    Tanh,
    activation,
    activation_names,
)

ALL: dict[str, Activation] = {
    "rectifier": Rectifier(),
    "softplus": Softplus(),
    "softplus-3": Softplus(alpha=3),
    "softplus-1000": Softplus(alpha=1000),
    "tanh": Tanh(),
    "sigmoid": Sigmoid(),
    "linear": Linear(),
}
every_activation = pytest.mark.parametrize("phi", ALL.values(), ids=ALL)

# Values and slopes as functions of z, from the definitions; for moderate z, in double precision.
ANALYTIC = {
    "rectifier": (lambda z: np.where(z > 0, z, 0), lambda z: np.where(z > 0, 1.0, 0.0)),
    "softplus": (lambda z: np.log(1 + np.exp(z)), expit),
    "softplus-3": (lambda z: np.log(1 + np.exp(3 * z)) / 3, lambda z: expit(3 * z)),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "linear": (lambda z: z, np.ones_like),
}


@pytest.mark.parametrize("name", ANALYTIC)
def test_value_and_slope_are_the_analytic_ones(name: str) -> None:
    z = np.linspace(-5, 5, 101)  # 0 is among them
    value, slope = ANALYTIC[name]
    a = ALL[name].value(z.copy())
    np.testing.assert_allclose(a, value(z), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(ALL[name].derivative(a), slope(z), rtol=1e-11)


@pytest.mark.parametrize(
    ("phi", "z", "expected"),
    [
        (Rectifier(), [-2, 0, 3], [0, 0, 3]),
        (Softplus(), [0, math.log(3)], [math.log(2), math.log(4)]),
        (Softplus(alpha=2), [0, math.log(3) / 2], [math.log(2) / 2, math.log(4) / 2]),
        (Tanh(), [0, math.log(2)], [0, 3 / 5]),  # (2 - 1/2) / (2 + 1/2)
        (Sigmoid(), [0, math.log(3)], [1 / 2, 3 / 4]),
        (Linear(), [-2, 5], [-2, 5]),
    ],
    ids=repr,
)
def test_values_worked_by_hand(phi: Activation, z: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(phi.value(np.array(z, float)), expected, rtol=1e-15)


@every_activation
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_preactivations_stay_finite(phi: Activation, dtype: str) -> None:
    z = np.array([-1e4, -100, -20, 0, 20, 100, 1e4], dtype)
    a = phi.value(z.copy())  # a warning would be an error
    slope = phi.derivative(a)
    assert a.dtype == slope.dtype == dtype
    assert np.isfinite(a).all()
    assert np.isfinite(slope).all()
    low, high = (max(phi.lower, -1e4), min(phi.upper, 1e4))
    assert (a[0], a[-1]) == (low, high)
    flat_above = math.isfinite(phi.upper)
    flat_below = math.isfinite(phi.lower)
    assert (slope[0], slope[-1]) == (float(not flat_below), float(not flat_above))


@every_activation
@given(z=st.lists(st.floats(-1e4, 1e4, width=32), min_size=2, max_size=20))
def test_values_rise_within_the_bounds(phi: Activation, z: list[float]) -> None:
    ordered = np.sort(np.array(z, np.float32))
    a = phi.value(ordered.copy())
    # Softplus adds two rounded terms: it may fall by a unit in the last place.
    slack = np.spacing(np.abs(a[1:])) if isinstance(phi, Softplus) else 0
    assert (np.diff(a) >= -slack).all()
    assert (a >= phi.lower).all()
    assert (a <= phi.upper).all()
    slope = phi.derivative(a)
    assert (slope >= 0).all()
    assert (slope <= 1).all()


@pytest.mark.parametrize("phi", [phi for phi in ALL.values() if phi.homogeneous], ids=repr)
@given(z=st.floats(-100, 100), factor=st.integers(-10, 10).map(lambda power: 2.0**power))
def test_homogeneous_ones_commute_with_scaling(phi: Activation, z: float, factor: float) -> None:
    """The property behind paper section 3.1; powers of two make it exact."""
    scaled = phi.value(np.array([factor * z]))
    np.testing.assert_array_equal(scaled, factor * phi.value(np.array([z])))


@every_activation
def test_only_homogeneous_ones_say_so(phi: Activation) -> None:
    doubled = phi.value(np.array([2.0])), 2 * phi.value(np.array([1.0]))
    # At alpha = 1000 softplus cannot be told from the rectifier at z = 1; it can at z = 0.
    at_zero = phi.value(np.zeros(1))
    assert phi.homogeneous == bool(doubled[0] == doubled[1] and at_zero == 0)


def test_sharp_softplus_is_the_rectifier() -> None:
    z = np.linspace(-3, 3, 1001)
    sharp, hard = Softplus(alpha=1000).value(z.copy()), Rectifier().value(z.copy())
    # The gap is widest at 0, where it is log(2) / alpha.
    assert np.abs(sharp - hard).max() == pytest.approx(math.log(2) / 1000)


@given(z=st.floats(-50, 50), alpha=st.floats(0.5, 10))
def test_softplus_lies_above_the_rectifier_and_nears_it(z: float, alpha: float) -> None:
    soft, sharper = (Softplus(a).value(np.array([z]))[0] for a in (alpha, 2 * alpha))
    assert soft >= sharper * (1 - 1e-15) >= max(0.0, z) * (1 - 2e-15)


@pytest.mark.parametrize("alpha", [0.0, -1.0, math.inf, math.nan])
def test_alpha_out_of_range_is_refused(alpha: float) -> None:
    with pytest.raises(SettingError, match=f"softplus_alpha is {alpha!r}"):
        Softplus(alpha)


def test_names_make_their_activation() -> None:
    for name in activation_names():
        assert activation(name).name == name
    assert activation("softplus", softplus_alpha=3) == Softplus(3)
    assert activation("rectifier", softplus_alpha=3) == Rectifier()


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(SettingError, match="'relu' is unknown") as caught:
        activation("relu")
    assert all(name in str(caught.value) for name in activation_names())
