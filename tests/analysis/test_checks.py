"""What every measurement refuses, in one matrix."""

import tracemalloc
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet import analysis
from rectinet.analysis import (
    activation_patterns,
    active_unit_counts,
    balance,
    dead_units,
    gradient_norms,
    linear_separability,
    local_linear_model,
    perturbation_stability,
    rescale,
    sparsity_profile,
    unit_shares,
    weight_norms,
)
from rectinet.errors import InputError, SettingError
from rectinet.estimators import RectifierClassifier

MEASUREMENTS = {
    "activation_patterns": activation_patterns,
    "active_unit_counts": active_unit_counts,
    "dead_units": dead_units,
    "gradient_norms": lambda layers, X, **more: gradient_norms(
        layers, X, np.arange(np.shape(X)[0]) % 2, **more
    ),
    "linear_separability": lambda layers, X, **more: linear_separability(
        layers, X, np.arange(np.shape(X)[0]) % 2, **more
    ),
    "perturbation_stability": perturbation_stability,
    "sparsity_profile": sparsity_profile,
    "unit_shares": unit_shares,
}


@pytest.fixture(params=MEASUREMENTS)
def measure(request, drawn, inputs):
    """Return a function that measures a drawn network, or other layers, on given inputs."""
    network = drawn(dtype=np.float32)
    usual = network.layers if request.param == "gradient_norms" else network.hidden

    def call(X=inputs, layers=usual, **more):
        return MEASUREMENTS[request.param](layers, X, **more)

    call.layers = usual
    call.settings = {"max_examples": 500} if request.param == "linear_separability" else {}
    return call


@pytest.mark.parametrize("form", [np.asarray, csr_array])
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e39])  # the last is infinite in float32
def test_values_that_are_not_finite(measure, inputs, form, value, raises_one_line):
    inputs[20, 3] = value
    with raises_one_line(InputError, "NaN, infinite, or too large for float32"):
        measure(form(inputs))


@pytest.mark.parametrize("shape", [(23, 6), (7,), (0, 7), (2, 3, 7)])
def test_shapes(measure, shape, raises_one_line):
    with raises_one_line(InputError, f"shape {str(shape)[:-1]}".replace("(", r"\(")):
        measure(np.zeros(shape))


def test_words(measure, raises_one_line):
    with raises_one_line(InputError, "expected numbers"):
        measure(np.full((23, 7), "a"))


@pytest.mark.parametrize("size", [0, -1, 2.5])
def test_batch_size(measure, size, raises_one_line):
    with raises_one_line(SettingError, f"batch_size is {size}"):
        measure(batch_size=size)


def test_layers_that_are_none_or_do_not_fit(measure, raises_one_line):
    with raises_one_line(SettingError, "layers is empty"):
        measure(layers=())
    swapped = (measure.layers[1], measure.layers[0], *measure.layers[2:])
    with raises_one_line(SettingError, "layer 1 has 5 units but layer 2 takes 7 inputs"):
        measure(layers=swapped)


def no_layers(network):
    estimator = RectifierClassifier((4,), max_iter=1).fit(np.eye(7), np.arange(7) % 2)
    return (network, estimator, [estimator], iter(network.layers), None)


def test_what_is_no_list_of_layers(measure, drawn, raises_one_line):
    for layers in no_layers(drawn()):
        with raises_one_line(SettingError, "layers is a .*; give a list of layers, .*scaling_"):
            measure(layers=layers)


@pytest.mark.parametrize(
    "function",
    [
        balance,
        weight_norms,
        lambda layers: rescale(layers, [1, 1, 1]),
        lambda layers: local_linear_model(layers, np.zeros(7)),
    ],
)
def test_what_is_no_list_of_layers_elsewhere(function, drawn, raises_one_line):
    for layers in no_layers(drawn()):
        with raises_one_line(SettingError, "layers is a .*; give a list of layers"):
            function(layers)


def test_a_diverged_network(measure, raises_one_line):
    broken = replace(measure.layers[1], bias=np.full(5, np.nan, np.float32))
    with raises_one_line(InputError, "bias of layer 2 is not finite"):
        measure(layers=(measure.layers[0], broken, *measure.layers[2:]))


def test_outputs_that_overflow(measure, inputs, raises_one_line):
    large = replace(measure.layers[0], weight=np.full((7, 9), 1e38, np.float32))
    with raises_one_line(InputError, "layer 1 gives values that are not finite"):
        measure(100 * inputs, layers=(large, *measure.layers[1:]))


def test_nothing_is_changed(measure, inputs):
    before = [(layer.weight.copy(), layer.bias.copy()) for layer in measure.layers]
    X = inputs.copy()
    measure(X)
    np.testing.assert_array_equal(X, inputs)
    for layer, (weight, bias) in zip(measure.layers, before, strict=True):
        np.testing.assert_array_equal(layer.weight, weight)
        np.testing.assert_array_equal(layer.bias, bias)


def test_whole_numbers_and_plain_lists_are_inputs_too(measure):
    X = np.arange(21).reshape(3, 7)
    first, second = (measure(form) for form in (X, X.tolist()))
    assert str(first) == str(second)


def test_anything_with_the_right_names_is_a_layer(measure, inputs):
    plain = [SimpleNamespace(**vars(layer)) for layer in measure.layers]
    assert str(measure(layers=plain)) == str(measure())


def test_weights_may_be_whole_numbers(measure, inputs):
    whole = [replace(layer, weight=np.rint(9 * layer.weight)) for layer in measure.layers]
    integer = [replace(layer, weight=layer.weight.astype(np.int64)) for layer in whole]
    double = [replace(layer, weight=layer.weight.astype(np.float64)) for layer in whole]
    assert str(measure(layers=integer)) == str(measure(layers=double))


def test_memory_is_that_of_a_batch(measure, inputs):
    X = np.tile(inputs, (1000, 1))
    code_bytes = 4 * sum(layer.weight.shape[1] for layer in measure.layers) * len(X)
    X = X.astype(np.float32)
    tracemalloc.start()
    measure(X, batch_size=100, **measure.settings)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < code_bytes


def test_public_names():
    public = {
        name
        for name, value in vars(analysis).items()
        if not name.startswith("_") and callable(value)
    }
    assert public == set(analysis.__all__)
