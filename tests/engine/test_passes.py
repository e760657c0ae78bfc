"""Passes through a stack: what they return, and that training goes down the slope."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.engine import (
    DEFAULT_ENGINE,
    Update,
    backward_and_update,
    batches,
    cost,
    encode,
    forward,
    gradients,
    new_update,
    predict_probabilities,
)
from rectinet.nn import Layer, Linear, Penalties, Rectifier, SquaredError, initialize_network

PENALTIES = Penalties(activation_l1=0.01, weight_l1=0.002, weight_l2=0.003)


def test_forward_by_hand() -> None:
    hidden = Layer(
        np.array([[1.0, -2.0]]), np.array([0.5, 0.0]), np.array([-1.0, 1.0]), Rectifier()
    )
    output = Layer(np.array([[3.0], [1.0]]), np.array([0.25]), np.ones(1), Linear())
    x, h, z = forward(DEFAULT_ENGINE, (hidden, output), np.array([[1.0], [-1.0]]))
    np.testing.assert_array_equal(x, [[1], [-1]])
    np.testing.assert_array_equal(h, [[-1.5, 0], [0, 2]])
    np.testing.assert_array_equal(z, [[3 * -1.5 + 0.25], [2.25]])


def test_cost_by_hand() -> None:
    layer = Layer(np.array([[2.0, -1.0]]), np.zeros(2), np.array([1.0, -1.0]), Linear())
    penalties = [Penalties(activation_l1=0.1, weight_l1=0.01, weight_l2=0.001)]
    x, target = np.array([[1.0], [3.0]]), np.array([[2.0, 0.0], [6.0, 3.0]])
    # Outputs (2, 1) and (6, 3): squares 1 and 0, so 0.5 in the mean; |h| sums to 3 and 9, 6 in
    # the mean; |W| sums to 3, W^2 to 5.
    total = cost(DEFAULT_ENGINE, [layer], SquaredError(), penalties, x, target)
    assert total == pytest.approx(0.5 + 0.1 * 6 + 0.01 * 3 + 0.001 * 5, rel=1e-15)


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_backward_and_update_is_a_step_along_the_gradients(
    sparse: bool, momentum: float, random: np.random.Generator
) -> None:
    network = initialize_network(7, (6, 4), 3, Rectifier(), random, dtype=np.float64)
    x, y = random.standard_normal((5, 7)), random.integers(3, size=5)
    inputs = csr_array(x) if sparse else x
    values = forward(DEFAULT_ENGINE, network.layers, inputs)
    delta = DEFAULT_ENGINE.loss_gradient(network.loss, np.asarray(values[-1]), y)
    penalties = [PENALTIES, PENALTIES, replace(PENALTIES, activation_l1=0.0)]
    slopes = gradients(DEFAULT_ENGINE, network.layers, values, delta, penalties)

    trained = network.copy()
    rates = (0.1, 0.2, 0.3)
    updates = [
        new_update(layer, Update(rate, momentum, penalties=penalty))
        for layer, rate, penalty in zip(trained.layers, rates, penalties, strict=True)
    ]
    values = forward(DEFAULT_ENGINE, trained.layers, inputs)
    backward_and_update(DEFAULT_ENGINE, trained.layers, values, delta, updates)
    for before, after, rate, penalty, (weight, bias) in zip(
        network.layers, trained.layers, rates, penalties, slopes, strict=True
    ):
        weight = weight + penalty.weight_gradient(before.weight)
        np.testing.assert_allclose(after.weight, before.weight - rate * weight, rtol=1e-12)
        np.testing.assert_allclose(after.bias, before.bias - rate * bias, rtol=1e-12)


def test_gradients_change_nothing(random: np.random.Generator) -> None:
    network = initialize_network(7, (6,), 3, Rectifier(), random, dtype=np.float64)
    before = network.copy()
    values = forward(DEFAULT_ENGINE, network.layers, random.standard_normal((5, 7)))
    copies = [np.array(value) for value in values]
    gradients(DEFAULT_ENGINE, network.layers, values, np.ones((5, 3)), [PENALTIES] * 2)
    for layer, former in zip(network.layers, before.layers, strict=True):
        np.testing.assert_array_equal(layer.weight, former.weight)
        np.testing.assert_array_equal(layer.bias, former.bias)
    for value, copy in zip(values, copies, strict=True):
        np.testing.assert_array_equal(value, copy)


@pytest.mark.parametrize("n_examples", [1, 499, 500, 501, 1000])
def test_batches_hold_every_row_once_and_in_order(n_examples: int) -> None:
    parts = list(batches(n_examples))
    assert max(map(len, parts)) <= 500
    np.testing.assert_array_equal(np.concatenate(parts), np.arange(n_examples))


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "csr"])
def test_encoding_in_batches_is_encoding_at_once(sparse: bool, random: np.random.Generator) -> None:
    network = initialize_network(7, (6, 4), 3, Rectifier(), random, dtype=np.float64)
    X = random.standard_normal((1001, 7))
    inputs = csr_array(X) if sparse else X
    code = encode(DEFAULT_ENGINE, network.hidden, inputs)
    expected = forward(DEFAULT_ENGINE, network.hidden, X)[-1]
    np.testing.assert_allclose(code, expected, rtol=1e-12, atol=1e-14)
    probabilities = predict_probabilities(network, inputs)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    z = code @ network.output.weight + network.output.bias
    odds = probabilities / probabilities[:, :1]
    np.testing.assert_allclose(odds, np.exp(z - z[:, :1]), rtol=1e-10)
