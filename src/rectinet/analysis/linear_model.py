"""A rectifier network is, at each input, one linear model (paper section 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rectinet.errors import InputError, SettingError

Array = np.ndarray[Any, np.dtype[Any]]


def local_linear_model(layers: Sequence[Any], x: Array) -> tuple[Array, Array]:
    """Return the linear model that the stack is at `x`.

    Units that are off at `x` drop out, units that are on pass their value (times their sign), so
    the pre-activation of the top layer is ``x @ W + b`` at `x` and wherever the same units are on.

    Args:
        layers: rectifier layers and, on top, a linear one; bottom to top.
        x: one input, shape (n_in,).

    Returns:
        W of shape (n_in, n_out) and b of shape (n_out,), in float64.

    Raises:
        InputError: if `x` has another shape.
        SettingError: if a layer is neither a rectifier nor linear.
    """
    x = np.asarray(x, np.float64)
    if x.shape != (layers[0].weight.shape[0],):
        raise InputError(
            f"x has shape {x.shape}; expected one input of shape ({layers[0].weight.shape[0]},)"
        )
    weight, bias = np.eye(len(x)), np.zeros(len(x))
    for number, layer in enumerate(layers, start=1):
        if not layer.activation.homogeneous:
            raise SettingError(
                f"layer {number} has the activation {layer.activation.name!r}; only a network of "
                "rectifiers is a linear model at each input"
            )
        weight, bias = weight @ layer.weight, bias @ layer.weight + layer.bias
        active = (x @ weight + bias > 0) | (layer.activation.name == "linear")
        weight, bias = weight * (active * layer.sign), bias * (active * layer.sign)
    return weight, bias
