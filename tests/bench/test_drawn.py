"""Drawn networks have the share of zeros that was wanted, and lose nothing without their signs."""

import numpy as np
import pytest

from rectinet.bench.drawn import (
    ACTIVE_INPUTS,
    draw_inputs,
    draw_network,
    plain_layers,
    share_of_zeros,
)
from rectinet.bench.jobs import inference_job, training_job
from rectinet.bench.memory import Floor, pass_bytes, step_bytes
from rectinet.engine import DEFAULT_ENGINE, forward
from rectinet.errors import SettingError

SIZES = (100, 80, 60, 5)


@pytest.mark.parametrize("zeros", [0, 0.5, 0.8, 0.95])
def test_fresh_inputs_find_the_wanted_share_of_zeros(zeros):
    network = draw_network(SIZES, zeros)
    fresh = draw_inputs(5000, SIZES[0], "fresh")
    assert share_of_zeros(network, fresh) == pytest.approx(zeros, abs=0.01)
    # Unit by unit. Of 2000 samples and 5000 fresh inputs, a share has a standard deviation of
    # sqrt(p (1 - p) (1/2000 + 1/5000)) <= 0.013; six of them for 140 units.
    for h in forward(DEFAULT_ENGINE, network.hidden, fresh)[1:]:
        assert np.abs((h == 0).mean(axis=0) - zeros).max() < 0.08


def test_inputs_are_as_full_as_mnist_and_differ_by_purpose():
    x = draw_inputs(1000, 100, "one")
    assert np.mean(x != 0) == pytest.approx(ACTIVE_INPUTS, abs=0.01)
    assert x.dtype == np.float32
    np.testing.assert_array_equal(x, draw_inputs(1000, 100, "one"))
    assert (x != draw_inputs(1000, 100, "two")).any()


@pytest.mark.parametrize("zeros", [-0.1, 1, float("nan")])
def test_a_share_that_cannot_be(zeros, raises_one_line):
    with raises_one_line(SettingError, "give shares from 0 to below 1"):
        draw_network(SIZES, zeros)


def test_the_network_without_signs_is_the_same_function():
    network = draw_network(SIZES, 0.5)
    assert any((layer.sign < 0).any() for layer in network.hidden)
    x = draw_inputs(20, SIZES[0], "fresh")
    layers = plain_layers(network)
    h = x
    for weight, bias in layers[:-1]:
        h = np.maximum(h @ weight + bias, 0)
    weight, bias = layers[-1]
    expected = forward(DEFAULT_ENGINE, network.layers, x)[-1]
    np.testing.assert_allclose(h @ weight + bias, expected, rtol=1e-4, atol=1e-5)


def test_every_call_of_a_prediction_has_an_input_of_its_own():
    job = inference_job(draw_network(SIZES, 0.5), 4)
    assert job.inputs.shape[1:] == (4, SIZES[0])
    flat = job.inputs.reshape(len(job.inputs), -1)
    assert len(np.unique(flat, axis=0)) == len(job.inputs) >= 16


def test_an_epoch_of_minibatches_sees_every_example_once():
    job = training_job(draw_network(SIZES, 0.5), 7)
    assert sorted(job.order.ravel()) == list(range(len(job.X)))
    assert job.order.shape[1] == 7
    assert set(job.y) == set(range(SIZES[-1]))


def test_the_memory_floor_counts_rows_that_are_active_in_some_example():
    network = draw_network(SIZES, 0.8)
    job = training_job(network, 3)
    read = 0
    for rows in job.order:
        values = forward(DEFAULT_ENGINE, network.layers, job.X[rows])
        for x, layer in zip(values, network.layers, strict=False):
            active = [row for row in range(layer.n_in) if any(x[:, row] != 0)]
            read += 4 * layer.n_out * len(active)
    forward_bytes, backward_bytes = step_bytes(job)
    assert forward_bytes == pytest.approx(read / len(job.order))
    assert backward_bytes == 2 * forward_bytes
    assert pass_bytes(network) == 2 * 4 * (100 * 80 + 80 * 60 + 60 * 5)


def test_the_memory_floor_is_bytes_over_bandwidth():
    assert Floor(forward=100, backward=200, copying=150, in_place=300).seconds(150) == 2
