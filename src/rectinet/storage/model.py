"""What a model file holds: plain data, from which an estimator is built again."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rectinet.errors import SettingError
from rectinet.nn import Activation, Array, Layer, Softplus, activation, activation_names
from rectinet.storage.plain import check_plain
from rectinet.storage.unfit import UnfitError, check_name, shown

LAYER_DTYPES = ("float32", "float64")
ARRAY_DTYPES = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64"),
)


@dataclass(frozen=True)
class StoredModel:
    """A model as it is written to a folder and read back.

    Names of stacks and arrays, and `kind`, are plain words: letters, digits and underscores.

    Attributes:
        kind: what it is a model of, such as ``"RectifierClassifier"``; the reader decides whether
            it knows it.
        layers: stacks by name, each with its layers in the order in which values pass through
            them (a stack of decoders: topmost first), all float32 or all float64.
        arrays: further arrays by name, numeric or bool, finite (shift and scale of the inputs,
            class values, ...).
        values: whatever JSON knows (parameters, class names, ...); tuples come back as lists.
    """

    kind: str
    layers: Mapping[str, tuple[Layer, ...]]
    arrays: Mapping[str, Array]
    values: Mapping[str, Any]


def check_model(model: StoredModel) -> None:
    """Refuse a model that could not be read back, or that could not predict.

    Raises:
        UnfitError: naming the part, its value and what was expected.
    """
    if not isinstance(model, StoredModel):
        raise UnfitError(f"the model is a {type(model).__name__}; expected a StoredModel")
    check_name(model.kind, "the kind of model")
    for part in ("layers", "arrays", "values"):
        if not isinstance(getattr(model, part), Mapping):
            kind = type(getattr(model, part)).__name__
            raise UnfitError(f"`{part}` of the model is a {kind}; expected a dict")
    for name, stack in model.layers.items():
        check_name(name, "the name of a stack of layers")
        _check_stack(stack, f"the stack {name!r}")
    for name, array in model.arrays.items():
        check_name(name, "the name of an array")
        _check_array(array, ARRAY_DTYPES, f"the array {name!r}")
    check_plain(dict(model.values), "values")


def known_activation(name: Any, softplus_alpha: float, what: str) -> Activation:
    """Return an activation by the name that model files use; see `rectinet.nn.activation`.

    Raises:
        UnfitError: if the name is unknown, or alpha out of range.
    """
    if name not in activation_names():
        raise UnfitError(
            f"{what} has the activation {shown(name)}; the known ones are "
            f"{', '.join(activation_names())}"
        )
    try:
        return activation(name, softplus_alpha=softplus_alpha)
    except SettingError as error:
        raise UnfitError(f"{what} cannot be used: {error}") from error


def _check_stack(stack: Any, what: str) -> None:
    if not isinstance(stack, tuple | list) or not stack:
        raise UnfitError(f"{what} is {shown(stack)}; expected a tuple of at least one layer")
    for number, layer in enumerate(stack, start=1):
        _check_layer(layer, f"layer {number} of {what}")
    for number, (below, above) in enumerate(itertools.pairwise(stack), start=1):
        if below.n_out != above.n_in:
            raise UnfitError(
                f"layer {number} of {what} has {below.n_out} units but layer {number + 1} takes "
                f"{above.n_in} inputs; they must agree, in the order in which values pass"
            )
        if below.weight.dtype != above.weight.dtype:
            raise UnfitError(
                f"layer {number} of {what} is {below.weight.dtype} but layer {number + 1} is "
                f"{above.weight.dtype}; they must agree"
            )


def _check_layer(layer: Any, what: str) -> None:
    if not isinstance(layer, Layer):
        raise UnfitError(f"{what} is a {type(layer).__name__}; expected a Layer")
    _check_array(layer.weight, LAYER_DTYPES, f"the weight of {what}")
    if layer.weight.ndim != 2 or not layer.weight.size:
        raise UnfitError(
            f"the weight of {what} has shape {layer.weight.shape}; expected (n_in, n_out)"
        )
    for name in ("bias", "sign"):
        array = getattr(layer, name)
        _check_array(array, (layer.weight.dtype.name,), f"the {name} of {what}")
        if array.shape != (layer.n_out,):
            raise UnfitError(
                f"the {name} of {what} has shape {array.shape}; expected ({layer.n_out},), as many "
                "as there are units"
            )
    wrong = np.abs(layer.sign) != 1
    if wrong.any():
        raise UnfitError(
            f"the sign of {what} has the value {layer.sign[wrong][0]}; expected +1 or -1"
        )
    alpha = layer.activation.alpha if isinstance(layer.activation, Softplus) else 1.0
    known = known_activation(getattr(layer.activation, "name", None), float(alpha), what)
    if known != layer.activation:
        raise UnfitError(
            f"{what} has an activation of type {type(layer.activation).__name__}; expected one of "
            f"rectinet's own: {', '.join(activation_names())}"
        )


def _check_array(array: Any, dtypes: tuple[str, ...], what: str) -> None:
    if not isinstance(array, np.ndarray):
        raise UnfitError(f"{what} is a {type(array).__name__}; expected an array")
    if array.dtype.name not in dtypes:
        raise UnfitError(f"{what} is of type {array.dtype}; expected {' or '.join(dtypes)}")
    if array.dtype.kind == "f":
        wrong = ~np.isfinite(array)
        if wrong.any():
            raise UnfitError(
                f"{what} contains {array[wrong][0]} ({np.count_nonzero(wrong)} of {array.size} "
                "values are NaN or infinite); expected finite numbers"
            )
