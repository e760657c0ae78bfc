"""A rectifier network is, at each input, one linear model (paper section 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse

from rectinet.analysis.codes import Array, check_layers, check_rectifiers, switches
from rectinet.errors import InputError

# Entries of a weight that are made double at a time: 32 MB.
_BLOCK = 1 << 22


def local_linear_model(layers: Sequence[Any], x: Any) -> tuple[Array, Array]:
    """Return the linear model that the stack is at `x`.

    Units that are off at `x` drop out, units that are on pass their value (times their sign), so
    the pre-activation of the top layer is ``x @ W + b`` at `x` and wherever the same units are on.

    The product is taken from the top down, over active units only, so nothing larger than the
    result or one hidden layer's width times n_out is made: long inputs (words) cost little.

    Args:
        layers: rectifier layers and, on top, a linear one; bottom to top.
        x: one input: shape (n_in,), or a row of shape (1, n_in), dense or sparse.

    Returns:
        W of shape (n_in, n_out) and b of shape (n_out,), in float64.

    Raises:
        InputError: if `x` has another shape or is not finite, or a weight is not finite.
        SettingError: if a layer is neither a rectifier nor linear, or the layers do not fit
            together.
    """
    check_layers(layers)
    h = _one_input(x, layers[0].weight.shape[0])
    check_rectifiers(layers, "only a network of rectifiers is a linear model at each input")
    masks = []  # per layer (n_units,): the sign of active units, 0 for the others
    for layer in layers:
        z = _row_product(h, layer.weight) + layer.bias
        active = z > 0 if switches(layer) else np.ones(len(z), bool)
        masks.append(np.where(active, layer.sign, 0.0).astype(np.float64))
        h = masks[-1] * z
    model = layers[-1].weight * masks[-1]  # (n_in of the top layer, n_out)
    bias = layers[-1].bias * masks[-1]
    for layer, mask in zip(layers[-2::-1], masks[-2::-1], strict=True):
        model *= mask[:, None]
        bias = bias + layer.bias @ model
        model = _matrix_product(layer.weight, model)
    return model, bias


def _one_input(x: Any, n_in: int) -> Array:
    shape = x.shape if issparse(x) else np.shape(x)
    if shape not in ((n_in,), (1, n_in)):
        raise InputError(
            f"x has shape {shape}; expected one input of shape ({n_in},), or a row of shape "
            f"(1, {n_in})"
        )
    dense = csr_array(x).toarray() if issparse(x) else np.asarray(x)
    row = dense.astype(np.float64).ravel()
    if not np.isfinite(row).all():
        raise InputError(
            f"x has {np.count_nonzero(~np.isfinite(row))} values that are NaN or infinite; "
            "expected finite numbers: fill them in"
        )
    return row


def _row_product(h: Array, weight: Array) -> Array:
    """Return ``h @ weight`` in double precision, touching the rows of active inputs only."""
    active = np.flatnonzero(h)
    rows = max(1, _BLOCK // weight.shape[1])
    total = np.zeros(weight.shape[1])
    for start in range(0, len(active), rows):
        block = active[start : start + rows]
        total += h[block] @ weight[block].astype(np.float64)
    return total


def _matrix_product(weight: Array, model: Array) -> Array:
    """Return ``weight @ model`` in double precision, leaving out the rows of `model` that are 0."""
    active = np.flatnonzero(model.any(axis=1))
    product = np.zeros((weight.shape[0], model.shape[1]))
    rows = max(1, _BLOCK // weight.shape[1])
    for start in range(0, weight.shape[0], rows):
        block = weight[start : start + rows]
        product[start : start + rows] = block[:, active].astype(np.float64) @ model[active]
    return product
