import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rectinet.analysis import rescale
from rectinet.engine import DEFAULT_ENGINE, encode
from rectinet.errors import SettingError
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
