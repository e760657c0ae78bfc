"""The ill-conditioning of rectifier networks (paper section 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

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
        SettingError: if a number is missing or not positive, or a layer's activation is not
            homogeneous (``phi(c z) = c phi(z)``), as tanh and softplus are not.
    """
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
