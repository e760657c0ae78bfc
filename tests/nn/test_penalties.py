from __future__ import annotations

import math

import numpy as np
import pytest

from rectinet.errors import SettingError
from rectinet.nn import NO_PENALTIES, Layer, Linear, Penalties

LAYER = Layer(np.array([[2.0, -1.0], [0.0, 3.0]]), np.full(2, 9.0), np.ones(2), Linear())
H = np.array([[1.0, -2.0], [0.0, 5.0]])  # |h| sums to 3 and 5: 4 in the mean


@pytest.mark.parametrize(
    ("penalties", "expected"),
    [
        (Penalties(activation_l1=0.5), 0.5 * 4),
        (Penalties(weight_l1=0.5), 0.5 * (2 + 1 + 3)),  # the biases are free
        (Penalties(weight_l2=0.5), 0.5 * (4 + 1 + 9)),  # no factor 1/2 of its own
        (Penalties(0.5, 0.25, 0.125), 2 + 1.5 + 1.75),
        (NO_PENALTIES, 0),
    ],
    ids=repr,
)
def test_costs_worked_by_hand(penalties: Penalties, expected: float) -> None:
    assert penalties.cost(LAYER, H) == expected


def test_weight_gradient_by_hand() -> None:
    gradient = Penalties(activation_l1=7, weight_l1=0.5, weight_l2=0.25).weight_gradient(
        LAYER.weight
    )
    # 0.5 sign(w) + 0.5 w; a weight of exactly 0 stays where it is.
    np.testing.assert_array_equal(gradient, [[1.5, -1], [0, 2]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weight_gradient_keeps_the_type(dtype: str) -> None:
    weight = LAYER.weight.astype(dtype)
    assert Penalties(0, 0.1, 0.1).weight_gradient(weight).dtype == dtype


def test_on_weights_says_whether_there_is_a_gradient() -> None:
    assert not Penalties(activation_l1=1).on_weights
    assert Penalties(weight_l1=1).on_weights
    assert Penalties(weight_l2=1).on_weights


@pytest.mark.parametrize("name", ["activation_l1", "weight_l1", "weight_l2"])
@pytest.mark.parametrize("strength", [-0.001, math.inf, math.nan])
def test_strengths_out_of_range_are_refused(name: str, strength: float) -> None:
    with pytest.raises(SettingError, match=f"{name} is {strength!r}"):
        Penalties(**{name: strength})
