"""A name for everything that decides a run's result, so that a resumed run is the same run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from scipy.sparse import csr_array, issparse

from rectinet.engine import Inputs
from rectinet.nn import Array, Layer


def fingerprint(settings: Iterable[object], arrays: Iterable[Inputs]) -> str:
    """Return the SHA-256 of settings (by their repr) and arrays (shape, dtype, content)."""
    digest = hashlib.sha256(repr(tuple(settings)).encode())
    for array in arrays:
        for part in _parts(array):
            digest.update(f"{part.shape} {part.dtype}".encode())
            digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()


def _parts(array: Inputs) -> tuple[Array, ...]:
    if not issparse(array):
        return (np.asarray(array),)
    matrix = csr_array(array)
    return (matrix.data, matrix.indices, matrix.indptr, np.asarray(matrix.shape))


def layer_arrays(layers: Iterable[Layer]) -> tuple[Array, ...]:
    """Return all arrays of some layers, in order."""
    return tuple(part for layer in layers for part in (layer.weight, layer.bias, layer.sign))
