"""Layers packed for prediction."""

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
        bias, sign: shape (n_out,).
        rectify: whether its units are rectifiers.
    """

    weight: Array
    bias: Array
    sign: Array
    rectify: bool


class PackedLayers:
    """All layers of a network, copied once into the order in which the kernels read them.

    One call does all layers with one team of threads. Several threads may share one object.

    Args:
        layers: bottom to top; dtype float32 or float64, the same for all.
        softmax: whether the topmost sums become probabilities.
    """

    def __init__(self, layers: Sequence[LayerArrays], *, softmax: bool):
        module: Any = native.module()
        self._dtype = layers[0].weight.dtype
        self._n_out = layers[-1].weight.shape[1]
        self._softmax = softmax
        double = self._dtype == np.float64
        self._packed = module.Predictor64() if double else module.Predictor32()
        for weight, bias, sign, rectify in layers:
            arrays = (native.readable(each, self._dtype) for each in (weight, bias, sign))
            self._packed.add(*arrays, rectify)

    def __call__(self, x: Array | csr_array) -> Array | None:
        """Return the topmost sums or probabilities, shape (n, n_out); None if x is not finite.

        Args:
            x: shape (n, n_in), dense or CSR.

        Raises:
            ValueError: if the shape does not fit, or a CSR array's indices are out of range.
        """
        out = np.empty((x.shape[0], self._n_out), self._dtype)
        if issparse(x):
            parts = native.csr_parts(x, self._dtype)
            finite = self._packed.predict_csr(*parts, self._softmax, out)
        else:
            finite = self._packed.predict(native.readable(x, self._dtype), self._softmax, out)
        return out if finite else None
