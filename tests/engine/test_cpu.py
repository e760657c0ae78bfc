"""The engine's operations against the formulas written out, and the fused form against them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.engine import CpuEngine, Update, new_update
from rectinet.nn import Layer, Linear, Penalties, Rectifier, SquaredError, Tanh, initialize_layer

ENGINE = CpuEngine()

RULES = {
    "sgd": Update(0.1),
    "momentum": Update(0.1, momentum=0.9),
    "adam": Update(0.1, adam=True),
}
PENALTIES = {"free": Penalties(), "penalized": Penalties(weight_l1=0.02, weight_l2=0.03)}
# (examples, inputs, units): single ones, odd ones, and ones beyond a vector register's width.
SHAPES = [(1, 1, 1), (5, 7, 3), (1, 17, 2), (10, 33, 17)]
INPUTS: dict[str, Callable[[np.ndarray], Any]] = {"dense": np.asarray, "csr": csr_array}

# A few dozen products are added up, each rounded: a handful of units in the last place.
ROUNDING = {"float32": 1e-5, "float64": 1e-13}


def draw(shape: tuple[int, int, int], dtype: str, random: np.random.Generator) -> Any:
    n, n_in, n_out = shape
    layer = initialize_layer(n_in, n_out, Rectifier(), random, sign_flip="half", dtype=dtype)
    layer.bias[...] = random.standard_normal(n_out)
    x = random.standard_normal((n, n_in)) * (random.random((n, n_in)) < 0.4)
    return layer, x.astype(dtype), random.standard_normal((n, n_out)).astype(dtype)


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("dtype", ROUNDING)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_operations_are_their_formulas(
    shape: tuple[int, int, int], dtype: str, kind: str, random: np.random.Generator
) -> None:
    layer, x, delta = draw(shape, dtype, random)
    inputs = INPUTS[kind](x)
    W, close = layer.weight, {"rtol": ROUNDING[dtype], "atol": ROUNDING[dtype]}
    results = {
        "forward": (
            ENGINE.forward(layer, inputs),
            layer.sign * np.maximum(0, x @ W + layer.bias),
        ),
        "weight gradient": (ENGINE.weight_gradient(inputs, delta), x.T @ delta),
        "input gradient": (ENGINE.input_gradient(layer, delta), delta @ W.T),
    }
    for name, (result, expected) in results.items():
        assert result.dtype == dtype, name
        np.testing.assert_allclose(result, expected, **close, err_msg=name)


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("penalties", PENALTIES.values(), ids=PENALTIES)
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("dtype", ROUNDING)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_backward_is_gradients_then_update(
    shape: tuple[int, int, int],
    dtype: str,
    rule: Update,
    penalties: Penalties,
    kind: str,
    random: np.random.Generator,
) -> None:
    layer, x, delta = draw(shape, dtype, random)
    fused, stepwise = layer.copy(), layer.copy()
    fused_rule, stepwise_rule = (
        new_update(layer, replace(rule, penalties=penalties, buffers={})) for _ in range(2)
    )
    for _ in range(3):  # several steps, so that buffers and bias corrections matter
        inputs = INPUTS[kind](x)
        expected = ENGINE.input_gradient(stepwise, delta)
        weight = ENGINE.weight_gradient(inputs, delta)
        ENGINE.update(stepwise, weight, delta.sum(axis=0), stepwise_rule)
        gradient = ENGINE.backward(fused, inputs, delta, fused_rule, input_gradient=True)
        # Adam's steps are as long as the rate wherever the gradient is not 0: compare to that.
        close = {"rtol": ROUNDING[dtype], "atol": ROUNDING[dtype]}
        np.testing.assert_allclose(gradient, expected, **close)
        np.testing.assert_allclose(fused.weight, stepwise.weight, **close)
        np.testing.assert_allclose(fused.bias, stepwise.bias, **close)
        x, delta = x[::-1].copy(), -delta[::-1].copy()
    assert fused_rule.steps == stepwise_rule.steps == 3
    assert fused.weight.dtype == fused.bias.dtype == dtype
    assert not np.array_equal(fused.weight, layer.weight)


@pytest.mark.parametrize("kind", INPUTS)
def test_backward_is_one_step_down_the_gradient(kind: str, random: np.random.Generator) -> None:
    layer, x, delta = draw((5, 7, 3), "float64", random)
    before = layer.copy()
    rule = Update(0.1, penalties=Penalties(weight_l1=0.02, weight_l2=0.03))
    assert ENGINE.backward(layer, INPUTS[kind](x), delta, rule, input_gradient=False) is None
    W = before.weight
    slope = x.T @ delta + 0.02 * np.sign(W) + 0.03 * 2 * W
    np.testing.assert_allclose(layer.weight, W - 0.1 * slope, rtol=1e-13)
    np.testing.assert_allclose(layer.bias, before.bias - 0.1 * delta.sum(axis=0), rtol=1e-13)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_csr_batch_without_entries_moves_the_bias_only(
    rule: Update, random: np.random.Generator
) -> None:
    layer, _, delta = draw((2, 4, 3), "float64", random)
    before = layer.copy()
    update = new_update(layer, replace(rule, buffers={}))
    ENGINE.backward(layer, csr_array((2, 4)), delta, update, input_gradient=False)
    np.testing.assert_array_equal(layer.weight, before.weight)
    assert (layer.bias != before.bias).all()


def test_a_weight_that_blas_would_copy_is_refused() -> None:
    weight = np.asfortranarray(np.ones((3, 2)))
    layer = Layer(weight, np.zeros(2), np.ones(2), Linear())
    with pytest.raises(AssertionError, match="C-contiguous"):
        ENGINE.backward(layer, np.ones((1, 3)), np.ones((1, 2)), Update(0.1), input_gradient=False)


def test_minibatch_and_densify_keep_rows_and_kind() -> None:
    X, rows = np.arange(12.0).reshape(4, 3), np.array([2, 0])
    for kind, make in INPUTS.items():
        batch = ENGINE.minibatch(make(X), rows)
        assert isinstance(batch, csr_array) == (kind == "csr")
        np.testing.assert_array_equal(ENGINE.densify(batch), X[[2, 0]])


def test_loss_and_its_gradient_are_means_over_the_batch() -> None:
    z, target = np.array([[1.0, 2.0], [0.0, 4.0]]), np.array([[0.0, 0.0], [0.0, 1.0]])
    # Squares: 1 + 4 in the first example, 0 + 9 in the second; their slopes are 2 (z - t).
    assert ENGINE.loss(SquaredError(), z, target) == (5 + 9) / 2
    np.testing.assert_array_equal(ENGINE.loss_gradient(SquaredError(), z, target), [[1, 2], [0, 3]])


@pytest.mark.parametrize("activation", [Rectifier(), Tanh()], ids=["rectifier", "tanh"])
def test_activation_gradient_undoes_the_sign_and_adds_the_penalty(activation: Any) -> None:
    layer = Layer(np.eye(3), np.zeros(3), np.array([1.0, -1.0, -1.0]), activation)
    h = ENGINE.forward(layer, np.array([[0.5, 0.5, 0.0]]))
    slope = {"rectifier": np.array([1, 1, 0]), "tanh": 1 - np.tanh([0.5, 0.5, 0]) ** 2}
    # d|h|/dh = sign(h); two units are active, the second one is flipped.
    from_above = np.array([10.0, 20.0, 30.0])
    expected = layer.sign * slope[activation.name] * (from_above + 0.5 * np.array([1, -1, 0]))
    result = ENGINE.activation_gradient(layer, h, from_above[None].copy(), l1=0.5)
    np.testing.assert_allclose(result, expected[None], rtol=1e-15)


def test_count_active_takes_both_zeros_for_zero() -> None:
    h = np.array([[0.0, -0.0, 1.0], [2.0, -0.0, -1.0]])
    np.testing.assert_array_equal(ENGINE.count_active(h), [1, 0, 2])
