"""Packed layers: all layers in one call, or as far down as few enough inputs are active."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rectinet.kernels import Kernels, LayerArrays, PackedLayers, native, reference

SIZES = (65, 130, 9, 64, 3)
# A hundred products a layer, four layers: far more than rounding takes.
ROUNDING = {"float32": 1e-4, "float64": 1e-12}


@pytest.fixture
def stack(random: np.random.Generator) -> Callable[[str], list[LayerArrays]]:
    """Return a function that draws four layers, of which the last is linear."""

    def make(dtype: str) -> list[LayerArrays]:
        return [
            LayerArrays(
                (random.standard_normal((n_in, n_out)) / np.sqrt(n_in)).astype(dtype),
                random.standard_normal(n_out).astype(dtype),
                random.choice([-1, 1], n_out).astype(dtype),
                n_out != SIZES[-1],
            )
            for n_in, n_out in itertools.pairwise(SIZES)
        ]

    return make


def outputs(layers: list[LayerArrays], x: np.ndarray) -> list[np.ndarray]:
    """Return the input and every layer's output, in double precision."""
    values = [x.astype(np.float64)]
    for layer in layers:
        exact = (array.astype(np.float64) for array in layer[:3])
        values.append(reference.forward(values[-1], *exact, layer.rectify))
    return values


@pytest.mark.parametrize("kind", ["dense", "csr"])
@pytest.mark.parametrize("dtype", ROUNDING)
@pytest.mark.parametrize("n", [0, 1, 4, 5, 33, 130])
def test_it_is_one_layer_after_the_other(
    n: int,
    dtype: str,
    kind: str,
    compiled: Kernels,
    stack: Callable[[str], list[LayerArrays]],
    as_kind: Callable[..., Any],
    random: np.random.Generator,
) -> None:
    layers = stack(dtype)
    x = np.maximum(random.standard_normal((n, SIZES[0])), 0).astype(dtype)
    z = outputs(layers, x)[-1]
    exponential = np.exp(z)
    wanted = {False: z, True: exponential / exponential.sum(axis=1, keepdims=True)}
    for softmax, expected in wanted.items():
        progress = PackedLayers(layers, softmax=softmax)(as_kind(x, kind))
        assert progress is not None
        assert progress.layers == len(layers)
        assert progress.values.dtype == dtype
        close = {"rtol": ROUNDING[dtype], "atol": ROUNDING[dtype]}
        np.testing.assert_allclose(progress.values, expected, **close)


@pytest.mark.parametrize("dtype", ROUNDING)
@pytest.mark.parametrize("n", [7, 40, 400])
def test_more_inputs_than_a_panel_has_room_for(
    n: int, dtype: str, compiled: Kernels, random: np.random.Generator
) -> None:
    n_in, n_out = 3001, 130  # in AVX-512, where lists of groups are longest: 1,536 inputs
    weight = (random.standard_normal((n_in, n_out)) / np.sqrt(n_in)).astype(dtype)
    layer = LayerArrays(weight, np.ones(n_out, dtype), np.ones(n_out, dtype), True)
    x = random.standard_normal((n, n_in)).astype(dtype)
    x[n // 2 :, ::2] = 0  # too few active inputs for a group
    progress = PackedLayers([layer], softmax=False)(x)
    assert progress is not None
    close = {"rtol": ROUNDING[dtype], "atol": ROUNDING[dtype]}
    np.testing.assert_allclose(progress.values, outputs([layer], x)[-1], **close)


@pytest.mark.parametrize("full", range(len(SIZES)))
@pytest.mark.parametrize("n", [1, 5, 40])
def test_it_stops_below_a_layer_with_too_many_active_inputs(
    n: int,
    full: int,
    compiled: Kernels,
    stack: Callable[[str], list[LayerArrays]],
    random: np.random.Generator,
) -> None:
    # Every hidden layer is on to a fifth, but for one, which is on altogether; for full == 0 that
    # is the input, with which the first layer is done in any case.
    layers = stack("float64")
    x = np.abs(random.standard_normal((n, SIZES[0])))
    if full > 0:
        x[random.random(x.shape) < 0.8] = 0
    for number, layer in enumerate(layers[:-1], start=1):
        layer.weight[...] *= 1e-3
        on = np.arange(len(layer.bias)) % 5 == 0
        layer.bias[...] = np.where(on | (number == full), 1, -1)
    values = outputs(layers, x)
    progress = PackedLayers(layers, softmax=False)(x, 0.5)
    stops = full if 0 < full < len(layers) else len(layers)
    assert progress is not None
    assert progress.layers == stops
    np.testing.assert_allclose(progress.values, values[stops], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", ["dense", "csr"])
@pytest.mark.parametrize("n", [1, 5, 40])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_told(
    value: float,
    n: int,
    kind: str,
    compiled: Kernels,
    stack: Callable[[str], list[LayerArrays]],
    as_kind: Callable[..., Any],
) -> None:
    packed = PackedLayers(stack("float32"), softmax=True)
    for place in (0, SIZES[0] - 1):
        x = np.zeros((n, SIZES[0]), np.float32)
        x[-1, place] = value
        assert packed(as_kind(x, kind)) is None


def test_the_largest_numbers_are_finite(
    compiled: Kernels, stack: Callable[[str], list[LayerArrays]]
) -> None:
    x = np.full((2, SIZES[0]), np.finfo(np.float32).max)
    x[1] *= -1
    assert PackedLayers(stack("float32"), softmax=False)(x) is not None


def test_another_instruction_set_afterwards(
    compiled: Kernels, stack: Callable[[str], list[LayerArrays]]
) -> None:
    layers, x = stack("float64"), np.ones((5, SIZES[0]))
    packed = PackedLayers(layers, softmax=False)
    for name in native.instruction_sets():
        native.use_instruction_set(name)
        np.testing.assert_allclose(packed(x).values, outputs(layers, x)[-1], rtol=1e-12)


def test_layers_that_do_not_fit_together(compiled: Kernels) -> None:
    layer = LayerArrays(np.ones((3, 4)), np.ones(4), np.ones(4), True)
    with pytest.raises(ValueError, match="weight has 3 entries where 4 are expected"):
        PackedLayers([layer, layer], softmax=False)
    with pytest.raises(ValueError, match="bias has 3 entries"):
        PackedLayers([layer._replace(bias=np.ones(3))], softmax=False)
