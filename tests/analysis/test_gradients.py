import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.analysis import gradient_norms
from rectinet.engine import DEFAULT_ENGINE, forward, gradients
from rectinet.errors import InputError, SettingError
from rectinet.nn import (
    NO_PENALTIES,
    CrossEntropy,
    Rectifier,
    Sigmoid,
    SoftmaxNLL,
    Softplus,
    SquaredError,
    Tanh,
)
from rectinet.randomness import generator


@pytest.mark.parametrize("form", [np.asarray, csr_array])
@pytest.mark.parametrize("loss", [None, SquaredError(), CrossEntropy()], ids=str)
@pytest.mark.parametrize("activation", [Rectifier(), Tanh(), Softplus(2.0), Sigmoid()], ids=str)
def test_it_is_the_mean_of_single_examples_gradients(drawn, inputs, activation, loss, form):
    layers = drawn(activation).layers
    random = generator(3, "targets")
    y = random.integers(0, 4, len(inputs)) if loss is None else random.random((len(inputs), 4))
    found = gradient_norms(layers, form(inputs), y, loss=loss, batch_size=5)
    on_weights, on_biases = np.zeros((2, len(layers)))
    for x, target in zip(inputs, y, strict=True):
        values = forward(DEFAULT_ENGINE, layers, x[None])
        delta = DEFAULT_ENGINE.loss_gradient(
            loss or SoftmaxNLL(), values[-1], np.asarray(target)[None]
        )
        each = gradients(DEFAULT_ENGINE, layers, values, delta, [NO_PENALTIES] * len(layers))
        on_weights += [np.linalg.norm(weight) for weight, _ in each]
        on_biases += [np.linalg.norm(bias) for _, bias in each]
    np.testing.assert_allclose(found.weight, on_weights / len(inputs), rtol=1e-9)
    np.testing.assert_allclose(found.pre_activation, on_biases / len(inputs), rtol=1e-9)


def test_what_reaches_and_what_passes(drawn, inputs):
    found = gradient_norms(drawn().layers, inputs, np.zeros(len(inputs), int))
    assert found.n_examples == len(inputs)
    assert found.output[-1] == found.pre_activation[-1]  # the output layer stops nothing
    for reaching, passing in zip(found.output[:-1], found.pre_activation[:-1], strict=True):
        assert 0 < passing < reaching


def test_a_layer_without_active_units_blocks(drawn, inputs):
    layers = drawn().layers
    layers[1].bias[...] = -100
    found = gradient_norms(layers, inputs, np.zeros(len(inputs), int))
    assert found.blocked == (1.0, 1.0, 1.0)  # the output's weights see an input of zeros
    assert found.weight == (0.0, 0.0, 0.0)
    assert found.output[1] > 0
    assert found.output[0] == 0


def test_a_sure_network_still_has_a_gradient(drawn, inputs):
    # The right class has a probability that rounds to 1.
    layers = drawn().layers
    layers[-1].bias[...] = [60, 0, 0, 0]
    found = gradient_norms(layers, inputs, np.zeros(len(inputs), int))
    assert 0 < found.pre_activation[-1] < 1e-20
    assert found.blocked[-1] == 0


def test_refusals(drawn, inputs, raises_one_line):
    network = drawn()
    y = np.zeros(len(inputs), int)
    with raises_one_line(SettingError, "top layer has the activation 'rectifier'"):
        gradient_norms(network.hidden, inputs, y)
    for label in (-1, 4):
        with raises_one_line(InputError, rf"label {label} at position 22; expected 0\.\.3"):
            gradient_norms(network.layers, inputs, np.append(y[1:], label))
    with raises_one_line(InputError, "y has 3 targets; expected 23"):
        gradient_norms(network.layers, inputs, np.zeros((3, 4)), loss=SquaredError())
