"""A stack that is taken up again by another call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rectinet.engine import DEFAULT_ENGINE, encode, forward
from rectinet.errors import SettingError
from rectinet.nn import (
    Activation,
    Array,
    CodeTarget,
    Linear,
    Rectifier,
    Softplus,
    Tanh,
    initialize_layer,
    reconstruction,
    reconstruction_names,
)
from rectinet.training import Autoencoder, PretrainingOutcome, PretrainingSettings, pretrain

FAST = PretrainingSettings(learning_rate=0.01, epochs=2)


def bits(outcome: PretrainingOutcome) -> list[bytes]:
    arrays = [(layer.weight, layer.bias, layer.sign) for layer in outcome.layers]
    return [array.tobytes() for layer in arrays for array in layer]


@pytest.mark.parametrize("divisor", [4.0, np.array([1.0, 0.5, 3.0, 7.0, 0.1, 2.0])], ids=str)
def test_divided_codes_are_decoded_to_the_same(
    divisor: float | np.ndarray, random: np.random.Generator
) -> None:
    """Paper 3.1: what an encoder loses, its decoder makes up for; and back again."""
    encoder, decoder = (
        initialize_layer(n_in, n_out, unit, random, sign_flip="half", dtype=np.float64)
        for n_in, n_out, unit in ((5, 6, Rectifier()), (6, 5, Linear()))
    )
    whole = Autoencoder(encoder, decoder, CodeTarget())
    divided = whole.divided(divisor)
    x = random.standard_normal((20, 5))
    _, code, said = forward(DEFAULT_ENGINE, (whole.encoder, whole.decoder), x)
    _, other_code, other = forward(DEFAULT_ENGINE, (divided.encoder, divided.decoder), x)
    np.testing.assert_allclose(other_code, code / divisor, rtol=1e-12)
    np.testing.assert_allclose(other, said, rtol=1e-12, atol=1e-12)
    back = divided.divided(1 / divisor)
    np.testing.assert_allclose(back.encoder.weight, encoder.weight, rtol=1e-14)
    np.testing.assert_allclose(back.decoder.weight, decoder.weight, rtol=1e-14)


@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
@pytest.mark.parametrize("name", reconstruction_names())
@pytest.mark.parametrize("unit", [Rectifier(), Softplus(), Tanh()], ids=lambda phi: phi.name)
def test_going_on_begins_where_the_last_call_ended(
    unit: Activation, name: str, tied: bool, X: Array
) -> None:
    settings = replace(FAST, reconstruction=reconstruction(name), tied=tied)
    before = pretrain(X, (6, 5), activation=unit, settings=settings)
    kept = bits(before)
    idle = replace(settings, epochs=0)
    assert bits(pretrain(X, (6, 5), settings=idle, start=before.stages)) == kept
    after = pretrain(X, (6, 5), settings=settings, start=before.stages)
    # Of the first layer, whose targets and noise are the same in each evaluation.
    losses = [record.evaluation.loss for record in (*before.records[:2], *after.records[:2])]
    assert losses == sorted(losses, reverse=True)
    assert bits(before) == kept


def test_going_on_a_layer_sees_the_layer_below_as_it_is_by_then(X: Array) -> None:
    settings = replace(FAST, reconstruction=reconstruction("sigmoid", scaling="unit"))
    start = pretrain(X, (6, 5), settings=settings).stages
    first, second = pretrain(X, (6, 5), settings=settings, start=start, seed=1).stages
    assert not np.array_equal(first.encoder.weight, start[0].encoder.weight)
    divided = first.encoder.weight / second.target.divisor
    np.testing.assert_array_equal(second.below[0].weight, divided)


@pytest.mark.parametrize("scaling", ["layer", "unit"])
def test_divisors_grow_with_the_largest_code_and_never_shrink(scaling: str, X: Array) -> None:
    strategy = reconstruction("sigmoid", scaling=scaling)
    faint, idle = X / 4, replace(FAST, reconstruction=strategy, epochs=0)
    start = pretrain(faint, (6, 5), settings=idle).stages
    bright = pretrain(X, (6, 5), settings=idle, start=start)
    codes = np.abs(encode(DEFAULT_ENGINE, bright.layers[:1], X))
    assert codes.max() == pytest.approx(1, rel=1e-13)
    # Without a bias, a quarter of the input is a quarter of the code.
    ratio = bright.stages[1].target.divisor / start[1].target.divisor
    alive = np.asarray(bright.stages[1].target.divisor) != 1  # never active: nothing to divide
    np.testing.assert_allclose(ratio[alive], 4, rtol=1e-13)
    assert bits(pretrain(faint, (6, 5), settings=idle, start=bright.stages)) == bits(bright)


def test_a_stack_of_other_sizes_is_not_gone_on_with(X: Array, raises_one_line: Callable) -> None:
    start = pretrain(X, (6, 5), settings=FAST).stages
    for inputs, sizes in ((X, (6,)), (X, (6, 4)), (X[:, :6], (6, 5))):
        with raises_one_line(SettingError, r"start has layers of the shapes \(7, 6\), \(6, 5\)"):
            pretrain(inputs, sizes, settings=FAST, start=start)


def test_going_on_keeps_the_precision_of_the_stack(X: Array) -> None:
    start = pretrain(X.astype(np.float32), (6,), settings=FAST).stages
    (layer,) = pretrain(X, (6,), settings=FAST, start=start).layers
    assert layer.weight.dtype == np.float32
