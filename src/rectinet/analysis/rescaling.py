"""The ill-conditioning of rectifier networks (paper section 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rectinet.analysis.codes import Array, check_layers
from rectinet.errors import SettingError


def rescale(layers: Sequence[Any], alphas: Sequence[float]) -> tuple[Any, ...]:
    """Divide each layer's weights by its alpha and each bias by the product of alphas so far.

    The output of the stack is divided by the product of all alphas, and nothing else changes; with
    product 1 the function is the same (paper section 3.1).

    Args:
        layers: bottom to top, each a dataclass with ``weight``, ``bias`` and ``activation``.
        alphas: one positive number per layer.

    Returns:
        New layers; the given ones are left alone.

    Raises:
        InputError: if a weight or a bias is not finite.
        SettingError: if a number is missing or not positive, or a layer's activation is not
            homogeneous (``phi(c z) = c phi(z)``), as tanh and softplus are not.
    """
    check_layers(layers)
    if len(alphas) != len(layers) or not all(0 < alpha < np.inf for alpha in alphas):
        raise SettingError(
            f"alphas is {list(alphas)!r}; give {len(layers)} positive finite numbers, one per layer"
        )
    for number, layer in enumerate(layers, start=1):
        if not layer.activation.homogeneous:
            raise SettingError(
                f"layer {number} has the activation {layer.activation.name!r}, which is not "
                "homogeneous; only rectifier and linear layers can be rescaled"
            )
    products = np.cumprod(np.asarray(alphas, np.float64))
    return tuple(
        replace(
            layer,
            weight=(layer.weight / alpha).astype(layer.weight.dtype),
            bias=(layer.bias / product).astype(layer.bias.dtype),
        )
        for layer, alpha, product in zip(layers, alphas, products, strict=True)
    )


def weight_norms(layers: Sequence[Any]) -> Array:
    """Return the Frobenius norm of each layer's weights, shape (n_layers,), float64.

    Raises:
        InputError: if a weight or a bias is not finite.
        SettingError: if the layers do not fit together.
    """
    check_layers(layers)
    return np.array([_norm(layer.weight) for layer in layers])


def balance(layers: Sequence[Any]) -> tuple[Any, ...]:
    """Give all layers weights of the same Frobenius norm without changing the function.

    The alphas of `rescale` are each layer's norm over the geometric mean of all norms, so their
    product is 1 (paper section 3.1); which units are on for an input stays as it is, too.

    Args:
        layers: the whole network, bottom to top; see `rescale`.

    Returns:
        New layers; the given ones are left alone.

    Raises:
        InputError: if a weight is not finite.
        SettingError: if all weights of a layer are 0, or a layer is neither a rectifier nor linear.
    """
    norms = weight_norms(layers)
    if not norms.all():
        raise SettingError(
            f"layer {int(np.argmin(norms)) + 1} has a weight norm of 0, which no alpha makes equal "
            "to the others; leave this network as it is"
        )
    logarithms = np.log(norms)
    return rescale(layers, np.exp(logarithms - logarithms.mean()).tolist())


def _norm(weight: Array) -> float:
    # In blocks, so that no second weight matrix is made in double precision.
    total = sum(
        float(np.square(weight[start : start + 256], dtype=np.float64).sum())
        for start in range(0, len(weight), 256)
    )
    return float(np.sqrt(total))
