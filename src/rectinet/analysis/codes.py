"""What every layer says of a data set, a batch of examples at a time.

Nothing here holds more than one batch of codes, so a measurement needs as much memory for a million
examples as for a thousand. Layers are taken as plain data: ``weight`` of shape (n_in, n_units),
``bias`` and ``sign`` of shape (n_units,), and ``activation`` with ``name``, ``homogeneous``,
``value(z)`` and ``derivative(a)``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array, issparse

from rectinet.errors import InputError, SettingError

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

Inputs: TypeAlias = Any
"""Inputs, shape (n, n_features): an array, or a SciPy sparse matrix, which is read as CSR."""

BATCH_SIZE = 512


def check_layers(layers: Sequence[Any]) -> None:
    """Refuse layers that are not a stack of finite numbers.

    Raises:
        SettingError: if they are no layers, there is none, or two do not fit together.
        InputError: if a weight or a bias is not finite.
    """
    # A whole network is not taken for its layers: which of them are meant makes a difference, and
    # an estimator scales its inputs first.
    if not isinstance(layers, Sequence) or not all(hasattr(each, "weight") for each in layers):
        raise SettingError(
            f"layers is {_said(layers)}; give a list of layers, bottom to top, such as "
            "network.hidden or network.layers (of an estimator: clf.network_.hidden, with X as "
            "clf.scaling_(X) returns it)"
        )
    if len(layers) == 0:
        raise SettingError("layers is empty; give at least one layer")
    for number, (below, above) in enumerate(itertools.pairwise(layers), start=1):
        if below.weight.shape[1] != above.weight.shape[0]:
            raise SettingError(
                f"layer {number} has {below.weight.shape[1]} units but layer {number + 1} takes "
                f"{above.weight.shape[0]} inputs; give the layers bottom to top"
            )
    for number, layer in enumerate(layers, start=1):
        for name in ("weight", "bias"):
            if not np.isfinite(getattr(layer, name)).all():
                raise InputError(
                    f"the {name} of layer {number} is not finite everywhere; expected a trained "
                    "network: train it again with a smaller learning rate"
                )


def _said(layers: Any) -> str:
    kind = type(layers).__name__
    if not isinstance(layers, list | tuple):
        return f"a {kind}"
    others = {type(each).__name__ for each in layers if not hasattr(each, "weight")}
    return f"a {kind} of {', '.join(sorted(others))}"


def check_rectifiers(layers: Sequence[Any], purpose: str) -> None:
    """Refuse layers that do not make one linear model of each input.

    Raises:
        SettingError: if a layer is neither a rectifier nor linear.
    """
    for number, layer in enumerate(layers, start=1):
        if not layer.activation.homogeneous:
            raise SettingError(
                f"layer {number} has the activation {layer.activation.name!r}; {purpose}"
            )


def switches(layer: Any) -> bool:
    """Return whether the units of a layer are on or off: rectifiers, not linear or smooth units."""
    return bool(layer.activation.homogeneous) and layer.activation.name != "linear"


def read_inputs(X: Inputs, layers: Sequence[Any]) -> Any:
    """Return `X` as a matrix whose rows can be taken: an ndarray or CSR, not copied if it is one.

    Raises:
        InputError: if it is not a numeric matrix with at least one row, or of another width.
    """
    matrix = csr_array(X) if issparse(X) else np.asarray(X)
    n_in = layers[0].weight.shape[0]
    if matrix.dtype.kind not in "buif":
        raise InputError(f"X has the type {matrix.dtype}; expected numbers: encode it first")
    if matrix.ndim != 2 or matrix.shape[1] != n_in:
        raise InputError(
            f"X has shape {matrix.shape}; expected (n, {n_in}): a row for each example, and the "
            "same columns as in training"
        )
    if matrix.shape[0] == 0:
        raise InputError(f"X has shape {matrix.shape}; pass at least one row")
    return matrix


def outputs(layers: Sequence[Any], x: Any) -> list[Any]:
    """Return the input and every layer's ``sign * activation(x @ weight + bias)``.

    Args:
        layers: bottom to top.
        x: one batch, shape (n, n_in), dense or CSR.

    Returns:
        ``len(layers) + 1`` arrays: `x` in the layers' precision, then one array of shape
        (n, n_units) per layer.

    Raises:
        InputError: if an input or an output is not finite.
    """
    values = [finite_inputs(x, layers)]
    with np.errstate(over="ignore", invalid="ignore"):  # reported below
        for number, layer in enumerate(layers, start=1):
            z = values[-1] @ layer.weight
            z += layer.bias
            h = layer.activation.value(z)
            h *= layer.sign
            if not np.isfinite(h).all():
                raise InputError(
                    f"layer {number} gives values that are not finite; expected inputs of the size "
                    "seen in training: scale X as in training"
                )
            values.append(h)
    return values


def finite_inputs(x: Any, layers: Sequence[Any]) -> Any:
    """Return inputs, dense or CSR, in the precision of the layers.

    Raises:
        InputError: if one of them is not finite in it.
    """
    dtype = np.result_type(layers[0].weight.dtype, np.float32)  # whole numbers are no precision
    with np.errstate(over="ignore"):  # what the precision does not hold becomes infinite
        x = x.astype(dtype, copy=False)
    if not np.isfinite(x.data if issparse(x) else x).all():
        raise InputError(
            f"X has values that are NaN, infinite, or too large for {x.dtype}; expected finite "
            "numbers: fill in or drop these rows"
        )
    return x


def batched_outputs(
    layers: Sequence[Any],
    X: Inputs,
    *,
    batch_size: int = BATCH_SIZE,
    order: Array | None = None,
) -> Iterator[tuple[Array, list[Any]]]:
    """Yield row numbers and what `outputs` says of these rows, batch by batch.

    Args:
        layers: bottom to top.
        X: inputs, shape (n, n_features), dense or sparse.
        batch_size: how many examples at a time.
        order: row numbers to walk over; all rows in their order if None.

    Raises:
        InputError: if `X` or the layers' numbers cannot be used.
        SettingError: if the layers do not fit together, or `batch_size` is not positive.
    """
    check_layers(layers)
    matrix = read_inputs(X, layers)
    check_at_least_one("batch_size", batch_size)
    rows = np.arange(matrix.shape[0]) if order is None else order
    for start in range(0, len(rows), batch_size):
        batch = rows[start : start + batch_size]
        yield batch, outputs(layers, matrix[batch])


def check_at_least_one(name: str, value: Any) -> None:
    """Refuse what is not a positive whole number.

    Raises:
        SettingError: naming the setting and the value received.
    """
    if not isinstance(value, int | np.integer) or value < 1:
        raise SettingError(f"{name} is {value!r}; give a whole number of 1 or more")
