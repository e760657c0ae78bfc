"""Gradients of every combination against differences of the cost and against torch."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from rectinet.engine import DEFAULT_ENGINE, cost, forward, gradients
from rectinet.nn import (
    SIGN_FLIPS,
    Activation,
    CrossEntropy,
    Layer,
    Linear,
    Loss,
    Penalties,
    Rectifier,
    Sigmoid,
    SoftmaxNLL,
    Softplus,
    SquaredError,
    Tanh,
    initialize_network,
)

ACTIVATIONS = [Rectifier(), Softplus(), Softplus(alpha=3), Tanh(), Sigmoid(), Linear()]
OUTPUTS = [Linear(), Softplus(), Rectifier(), Tanh(), Sigmoid()]
LOSSES = [SoftmaxNLL(), CrossEntropy(), *(SquaredError(output) for output in OUTPUTS)]
PENALTIES = {
    "none": Penalties(),
    "activation-l1": Penalties(activation_l1=0.3),
    "weight-l1": Penalties(weight_l1=0.2),
    "weight-l2": Penalties(weight_l2=0.1),
    "all": Penalties(activation_l1=0.3, weight_l1=0.2, weight_l2=0.1),
}

# Rectifiers and absolute values have a kink at 0, where a difference means nothing. Test points
# keep this far from it; the steps of the differences are 100 times smaller.
MARGIN = 1e-3


def name_of(value: Any) -> str:
    if isinstance(value, SquaredError):
        return f"squared-{name_of(value.activation)}"
    alpha = f"-{value.alpha:g}" if isinstance(value, Softplus) else ""
    return f"{value.name}{alpha}"


def usable(layers: tuple[Layer, ...], x: np.ndarray) -> bool:
    """Whether all is away from kinks, and an output is positive: rectified ones block the rest."""
    values = forward(DEFAULT_ENGINE, layers, x)
    z = [h @ layer.weight + layer.bias for h, layer in zip(values, layers, strict=False)]
    smallest = min(np.abs(each).min() for each in (*z, *(layer.weight for layer in layers)))
    return bool(smallest > MARGIN and z[-1].max() > MARGIN)


@dataclass
class Problem:
    """Layers of 7, 6, 4 and 3 units, five examples; weight penalties everywhere."""

    layers: tuple[Layer, ...]
    penalties: tuple[Penalties, ...]
    loss: Loss
    x: np.ndarray
    target: np.ndarray

    @property
    def parameters(self) -> list[np.ndarray]:
        return [array for layer in self.layers for array in (layer.weight, layer.bias)]

    def cost(self) -> float:
        return cost(DEFAULT_ENGINE, self.layers, self.loss, self.penalties, self.x, self.target)

    def gradients(self) -> list[np.ndarray]:
        values = forward(DEFAULT_ENGINE, self.layers, self.x)
        delta = DEFAULT_ENGINE.loss_gradient(self.loss, values[-1], self.target)
        pairs = gradients(DEFAULT_ENGINE, self.layers, values, delta, self.penalties)
        full = []
        for (weight, bias), layer, penalty in zip(pairs, self.layers, self.penalties, strict=True):
            full += [weight + penalty.weight_gradient(layer.weight), bias]
        return full


def draw_problem(activation: Activation, loss: Loss, penalty: Penalties, sign_flip: str) -> Problem:
    for seed in itertools.count():
        random = np.random.default_rng(seed)
        network = initialize_network(
            7, (6, 4), 3, activation, random, sign_flip=sign_flip, loss=loss, dtype=np.float64
        )
        for layer in network.layers:
            layer.bias[...] = random.uniform(-0.3, 0.3, layer.n_out)
        x = random.standard_normal((5, 7))
        if usable(network.layers, x):
            break
    target = random.random((5, 3))
    if isinstance(loss, SoftmaxNLL):
        target = random.integers(3, size=5)
    above = Penalties(0, penalty.weight_l1, penalty.weight_l2)  # outputs pay for weights only
    return Problem(network.layers, (penalty, penalty, above), loss, x, target)


# Any three of activation, loss, penalty and sign flip meet; all four would be thrice as many.
COMBINATIONS = [
    pytest.param(
        activation,
        loss,
        penalty,
        sign_flip,
        id=f"{name_of(activation)}-{name_of(loss)}-{name}-{sign_flip}",
    )
    for i, activation in enumerate(ACTIVATIONS)
    for j, loss in enumerate(LOSSES)
    for k, (name, penalty) in enumerate(PENALTIES.items())
    for sign_flip in [SIGN_FLIPS[(i + j + k) % len(SIGN_FLIPS)]]
]
for_every_combination = pytest.mark.parametrize(
    ("activation", "loss", "penalty", "sign_flip"), COMBINATIONS
)


@for_every_combination
def test_gradients_are_slopes_of_the_cost(
    activation: Activation,
    loss: Loss,
    penalty: Penalties,
    sign_flip: str,
    assert_slopes: Callable[..., None],
    random: np.random.Generator,
) -> None:
    problem = draw_problem(activation, loss, penalty, sign_flip)
    assert_slopes(problem.cost, problem.parameters, problem.gradients(), random)


@for_every_combination
def test_cost_and_gradients_are_those_of_torch(
    activation: Activation,
    loss: Loss,
    penalty: Penalties,
    sign_flip: str,
    autograd: Callable[..., Any],
) -> None:
    problem = draw_problem(activation, loss, penalty, sign_flip)
    expected_cost, expected = autograd(
        problem.layers, loss, problem.x, problem.target, problem.penalties
    )
    assert problem.cost() == pytest.approx(expected_cost, rel=1e-12)
    for ours, theirs in zip(problem.gradients(), expected, strict=True):
        # Relative to the array's largest entry: single entries may cancel down to rounding.
        np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-8 * np.abs(theirs).max())


def test_inactive_units_pass_no_gradient() -> None:
    """Paper section 3: the slope of the rectifier is 0 where the unit is off, at 0 as well."""
    layers = (
        Layer(np.array([[1.0, -1.0, 0.0]]), np.zeros(3), np.ones(3), Rectifier()),
        Layer(np.ones((3, 1)), np.zeros(1), np.ones(1), Linear()),
    )
    values = forward(DEFAULT_ENGINE, layers, np.array([[2.0]]))
    (weight, bias), (above, _) = gradients(
        DEFAULT_ENGINE, layers, values, np.ones((1, 1)), [Penalties(), Penalties()]
    )
    np.testing.assert_array_equal(weight, [[2, 0, 0]])
    np.testing.assert_array_equal(bias, [1, 0, 0])
    np.testing.assert_array_equal(above, [[2], [0], [0]])
