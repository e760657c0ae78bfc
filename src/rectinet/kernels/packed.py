"""Layers copied for prediction, all of them done in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array, issparse

from rectinet.kernels import native
from rectinet.kernels.step import Array


class LayerArrays(NamedTuple):
    """A layer of rectifiers or of linear units.

    Attributes:
        weight: shape (n_in, n_out).
        bias: shape (n_out,).
        sign: +1 or -1 per unit, shape (n_out,).
        rectify: whether its units are rectifiers.
    """

    weight: Array
    bias: Array
    sign: Array
    rectify: bool


class Progress(NamedTuple):
    """How far `PackedLayers` came.

    Attributes:
        layers: how many are done; all of them, or those below one that has too many active inputs.
        values: the topmost sums or probabilities, shape (n, n_out); or what reaches the next
            layer, shape (n, its n_in).
    """

    layers: int
    values: Array


class PackedLayers:
    """All layers of a network, copied once: rows aligned, and spread over the caches' sets.

    One call does all layers with one team of threads. Several threads may share one object.

    Args:
        layers: bottom to top; dtype float32 or float64, the same for all.
        softmax: whether the topmost sums become probabilities.
    """

    def __init__(self, layers: Sequence[LayerArrays], *, softmax: bool):
        module: Any = native.module()
        self._dtype = layers[0].weight.dtype
        self._n_in = len(layers[0].weight)
        self._softmax = softmax
        double = self._dtype == np.float64
        self._packed = module.Predictor64() if double else module.Predictor32()
        for weight, bias, sign, rectify in layers:
            arrays = (native.readable(each, self._dtype) for each in (weight, bias, sign))
            self._packed.add(*arrays, rectify)

    def __call__(self, x: Array | csr_array, most_active: float = 1.0) -> Progress | None:
        """Do all layers, or stop below one of whose inputs more than a share are active.

        Args:
            x: shape (n, n_in), dense or CSR.
            most_active: that share; the first layer is done in any case.

        Returns:
            None if x is not finite.

        Raises:
            ValueError: if the shape does not fit, or a CSR array's indices are out of range.
        """
        if issparse(x):
            parts = native.csr_parts(x, self._n_in, self._dtype)
            result = self._packed.predict_csr(*parts, self._softmax, most_active)
        else:
            x = native.readable(x, self._dtype)
            result = self._packed.predict(x, self._softmax, most_active)
        return None if result is None else Progress(*result)
