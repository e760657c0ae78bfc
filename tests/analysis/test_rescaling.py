from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rectinet.analysis import active_unit_counts, balance, rescale, weight_norms
from rectinet.engine import DEFAULT_ENGINE, encode
from rectinet.errors import InputError, SettingError
from rectinet.nn import Rectifier, Tanh, initialize_network
from rectinet.randomness import generator

alphas = st.lists(st.floats(0.1, 10), min_size=4, max_size=4)


def network(activation):
    drawn = initialize_network(
        7, (5, 9, 3), 4, activation, generator(0, "weights"), dtype=np.float64
    )
    for layer in drawn.layers:
        layer.bias[...] = generator(1, "biases").normal(size=layer.n_out)
    return drawn


X = generator(2, "inputs").normal(size=(20, 7))


@given(alphas)
def test_outputs_are_divided_by_the_product_and_nothing_else_changes(values):
    layers = network(Rectifier()).layers
    before = encode(DEFAULT_ENGINE, layers, X)
    after = encode(DEFAULT_ENGINE, rescale(layers, values), X)
    np.testing.assert_allclose(after * np.prod(values), before, rtol=1e-10, atol=1e-12)


def test_product_one_is_the_same_function():
    layers = network(Rectifier()).layers
    np.testing.assert_allclose(
        encode(DEFAULT_ENGINE, rescale(layers, [4, 0.5, 0.25, 2]), X),
        encode(DEFAULT_ENGINE, layers, X),
        rtol=1e-12,
    )


@pytest.mark.parametrize("values", [[1, 1, 1], [1, 1, 0, 1], [1, -2, 1, 1], [1, 1, 1, np.inf]])
def test_alphas_must_be_positive_and_one_per_layer(values):
    with pytest.raises(SettingError, match="4 positive finite numbers"):
        rescale(network(Rectifier()).layers, values)


def test_only_homogeneous_activations_can_be_rescaled():
    with pytest.raises(SettingError, match="'tanh', which is not homogeneous"):
        rescale(network(Tanh()).layers, [1, 1, 1, 1])


@given(alphas)
def test_balance_gives_equal_norms_and_the_same_function(values):
    layers = rescale(network(Rectifier()).layers, values)  # of any norms
    balanced = balance(layers)
    norms = weight_norms(balanced)
    np.testing.assert_allclose(norms, np.exp(np.log(weight_norms(layers)).mean()), rtol=1e-12)
    np.testing.assert_allclose(
        encode(DEFAULT_ENGINE, balanced, X),
        encode(DEFAULT_ENGINE, layers, X),
        rtol=1e-10,
        atol=1e-12,
    )
    np.testing.assert_array_equal(
        active_unit_counts(balanced[:-1], X), active_unit_counts(layers[:-1], X)
    )


def test_balance_by_hand():
    # Norms 5 and 20: the mean is 10, the alphas 1/2 and 2.
    drawn = network(Rectifier()).layers[:1]
    first = replace(drawn[0], weight=np.array([[3.0, 4.0]]), bias=np.ones(2), sign=np.ones(2))
    second = replace(drawn[0], weight=np.array([[20.0], [0.0]]), bias=np.ones(1), sign=np.ones(1))
    assert weight_norms([first, second]).tolist() == [5, 20]
    below, above = balance([first, second])
    np.testing.assert_allclose(below.weight, [[6, 8]])
    np.testing.assert_allclose(below.bias, [2, 2])
    np.testing.assert_allclose(above.weight, [[10], [0]])
    np.testing.assert_allclose(above.bias, [1])


def test_balance_keeps_single_precision_and_its_argument():
    layers = initialize_network(7, (5,), 4, Rectifier(), generator(0, "weights")).layers
    before = [layer.weight.copy() for layer in layers]
    assert all(layer.weight.dtype == np.float32 for layer in balance(layers))
    for layer, weight in zip(layers, before, strict=True):
        np.testing.assert_array_equal(layer.weight, weight)


def test_balance_refuses_what_has_no_balance():
    layers = network(Rectifier()).layers
    layers[1].weight[...] = 0
    with pytest.raises(SettingError, match="layer 2 has a weight norm of 0"):
        balance(layers)
    layers[2].weight[0, 0] = np.inf
    with pytest.raises(InputError, match="weight of layer 3 is not finite"):
        balance(layers)
    with pytest.raises(SettingError, match="'tanh', which is not homogeneous"):
        balance(network(Tanh()).layers)
