"""What can be exported: finite numbers of fitting shapes that single precision holds."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from rectinet.errors import InputError, SettingError
from rectinet.nn import Array, Layer, Softplus

# Larger messages are beyond what protocol buffers can hold in one file; the rest of the graph
# takes a few kilobytes.
_MOST_BYTES = 2**31 - 2**20


def single(array: Any, what: str, shape: tuple[int, ...]) -> Array:
    """Return `array` as float32.

    Raises:
        InputError: if it has another shape, or values that are not numbers, or not finite, or
            beyond single precision.
    """
    return _numbers(array, what, shape, np.float32)


def double(array: Any, what: str, shape: tuple[int, ...]) -> Array:
    """Return `array` as float64; see `single`."""
    return _numbers(array, what, shape, np.float64)


def check_layers(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Return layers that pass values on to one another, in float32.

    Raises:
        SettingError: if there are none, one does not fit the next, or they take more than the
            2 GB that one ONNX file can hold.
        InputError: if a number in them is not finite, or beyond single precision.
    """
    if not isinstance(layers, Sequence) or not layers:
        raise SettingError(
            f"layers is a {type(layers).__name__} without layers; give at least one, such as the "
            "`layers` of a network"
        )
    for number, layer in enumerate(layers, start=1):
        if not isinstance(layer, Layer):
            raise SettingError(f"layer {number} is a {type(layer).__name__}; give Layers")
    for number, (below, above) in enumerate(itertools.pairwise(layers), start=1):
        if below.n_out != above.n_in:
            raise SettingError(
                f"layer {number} has {below.n_out} units but layer {number + 1} takes "
                f"{above.n_in} inputs; they must agree"
            )
    size = sum(np.dtype(np.float32).itemsize * layer.weight.size for layer in layers)
    if size > _MOST_BYTES:
        raise SettingError(
            f"the weights take {size / 1e9:.1f} GB; one ONNX file holds 2 GB: use fewer units"
        )
    return tuple(_single_layer(layer, number) for number, layer in enumerate(layers, start=1))


def _single_layer(layer: Layer, number: int) -> Layer:
    units = (layer.n_out,)
    if isinstance(layer.activation, Softplus):
        alpha = single(layer.activation.alpha, "softplus_alpha", ())
        if not alpha > 0:
            raise InputError(
                f"softplus_alpha is {layer.activation.alpha!r}, which is 0 in single precision; "
                "give a larger one"
            )
    return Layer(
        single(layer.weight, f"the weight of layer {number}", layer.weight.shape),
        single(layer.bias, f"the bias of layer {number}", units),
        single(layer.sign, f"the sign of layer {number}", units),
        layer.activation,
    )


def _numbers(array: Any, what: str, shape: tuple[int, ...], dtype: Any) -> Array:
    try:
        with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is reported
            numbers = np.asarray(array).astype(dtype)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} is not numeric: {' '.join(str(error).split())}") from error
    if numbers.shape != shape:
        raise InputError(f"{what} has shape {numbers.shape}; expected {shape}")
    if not np.isfinite(numbers).all():
        raise InputError(
            f"{what} has values that are not finite in {np.dtype(dtype).name}; expected finite "
            "numbers: train the network again, with scaled inputs"
        )
    return numbers
