from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rectinet.errors import SettingError
from rectinet.nn import (
    SIGN_FLIPS,
    Linear,
    Network,
    Rectifier,
    SoftmaxNLL,
    draw_signs,
    initialize_layer,
    initialize_network,
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_fill_the_paper_range_and_biases_are_zero(
    dtype: str, random: np.random.Generator
) -> None:
    layer = initialize_layer(300, 200, Rectifier(), random, dtype=dtype)
    bound = math.sqrt(6 / (300 + 200))
    W = layer.weight
    assert W.shape == (layer.n_in, layer.n_out) == (300, 200)
    # 60,000 uniform draws come within a thousandth of both ends but for chance exp(-30).
    assert bound * 0.999 < W.max() <= bound * (1 + 1e-7)
    assert -bound * 0.999 > W.min() >= -bound * (1 + 1e-7)
    # A uniform variable's deviation is bound / sqrt(3); the mean of n draws has it over sqrt(n).
    assert abs(W.mean()) < 5 * bound / math.sqrt(3 * W.size)
    assert not layer.bias.any()
    assert layer.weight.dtype == layer.bias.dtype == layer.sign.dtype == dtype


@given(n_units=st.integers(1, 300), seed=st.integers(0, 99))
def test_half_flips_exactly_half_rounded_down(n_units: int, seed: int) -> None:
    sign = draw_signs(n_units, "half", np.random.default_rng(seed))
    assert (sign == -1).sum() == n_units // 2
    assert (sign == 1).sum() == n_units - n_units // 2


def test_random_flips_about_half_and_none_flips_none(random: np.random.Generator) -> None:
    n = 10_000
    flipped = (draw_signs(n, "random", random) == -1).sum()
    # Binomial with deviation sqrt(n) / 2; not exactly half, or it would be "half".
    assert abs(flipped - n / 2) < 5 * math.sqrt(n) / 2
    assert len({(draw_signs(100, "random", random) == -1).sum() for _ in range(20)}) > 1
    assert (draw_signs(n, "none", random) == 1).all()


def test_flipped_units_are_drawn_not_fixed(random: np.random.Generator) -> None:
    first, second = (draw_signs(100, "half", random) for _ in range(2))
    assert not np.array_equal(first, second)


def test_a_network_is_its_layers_with_a_plain_linear_output(random: np.random.Generator) -> None:
    network = initialize_network(7, (6, 4), 3, Rectifier(), random)
    assert [layer.weight.shape for layer in network.layers] == [(7, 6), (6, 4), (4, 3)]
    assert [(layer.sign == -1).sum() for layer in network.layers] == [3, 2, 0]
    assert all(layer.activation == Rectifier() for layer in network.hidden)
    assert network.output.activation == Linear()
    assert network.loss == SoftmaxNLL()
    linear_model = initialize_network(7, (), 3, Rectifier(), random)
    assert linear_model.hidden == ()
    assert linear_model.output.weight.shape == (7, 3)


def test_a_copy_has_arrays_of_its_own(random: np.random.Generator) -> None:
    network = initialize_network(7, (6,), 3, Rectifier(), random)
    copy = network.copy()
    for layer, other in zip(network.layers, copy.layers, strict=True):
        for name in ("weight", "bias", "sign"):
            np.testing.assert_array_equal(getattr(layer, name), getattr(other, name))
            assert not np.shares_memory(getattr(layer, name), getattr(other, name))


def test_sizes_that_disagree_are_refused(random: np.random.Generator) -> None:
    below = initialize_layer(7, 6, Rectifier(), random)
    above = initialize_layer(5, 3, Linear(), random)
    with pytest.raises(SettingError, match="layer 1 has 6 units but layer 2 takes 5 inputs"):
        Network((below, above))


@pytest.mark.parametrize(("n_in", "n_out"), [(0, 3), (3, 0), (-1, 3)])
def test_an_empty_layer_is_refused(n_in: int, n_out: int, random: np.random.Generator) -> None:
    with pytest.raises(SettingError, match=f"{n_in} inputs and {n_out} units is empty"):
        initialize_layer(n_in, n_out, Rectifier(), random)


def test_an_unknown_sign_flip_is_answered_with_the_known_ones(random: np.random.Generator) -> None:
    with pytest.raises(SettingError, match="'third' is unknown") as caught:
        initialize_layer(3, 3, Rectifier(), random, sign_flip="third")
    assert all(name in str(caught.value) for name in SIGN_FLIPS)
