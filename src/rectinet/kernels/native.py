"""The compiled kernels, which skip inactive inputs; None of them where no compiler was found.

Everything here takes what `rectinet.kernels.reference` takes and returns the same numbers. Arrays
that the kernels cannot read as they are (not contiguous, not aligned) are copied first; a layer's
own arrays, which change in place, are refused instead.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array, issparse

from rectinet.kernels import reference
from rectinet.kernels.step import Array, Cost, Pairs, Step
from rectinet.waiting import read_while_loading

if TYPE_CHECKING:
    from types import ModuleType


def _load() -> ModuleType | None:
    try:
        with read_while_loading("GOMP_SPINCOUNT", "10000", unless=("OMP_WAIT_POLICY",)):
            from rectinet.kernels import _native
    except ImportError:
        return None
    return _native


_MODULE: Any = _load()

AVAILABLE = _MODULE is not None
"""Whether the compiled kernels are there."""


def warn_if_missing() -> None:
    """Say once per process that everything is slow."""
    if not AVAILABLE:
        warnings.warn(
            "rectinet runs without its compiled kernels and is several times slower: no C++ "
            "compiler was found when it was installed; install GCC or Clang and reinstall rectinet",
            RuntimeWarning,
            stacklevel=2,
        )


def module() -> Any:
    """Return the compiled module; None where there is none."""
    return _MODULE


def instruction_set() -> str:
    """Return the name of the instruction set in use: avx512, avx2 or plain."""
    return str(_MODULE.instructions())


def instruction_sets() -> tuple[str, ...]:
    """Return those that this processor can run, best first."""
    return tuple(_MODULE.available_instructions())


def use_instruction_set(name: str) -> None:
    """Take another instruction set, for tests and measurements.

    Raises:
        ValueError: if this processor does not have it.
    """
    _MODULE.use_instructions(name)


def threads() -> int:
    """Return how many threads a large kernel would use now."""
    return int(_MODULE.threads())


def readable(x: Array, dtype: Any) -> Array:
    """Return `x`, or a copy of it that the kernels can read."""
    flags = x.flags
    if flags.c_contiguous and flags.aligned and x.dtype == dtype:
        return x
    return np.require(x, dtype, ("C_CONTIGUOUS", "ALIGNED"))


def csr_parts(x: csr_array, n_in: int, dtype: Any) -> tuple[Array, Array, Array]:
    """Return the three arrays of a CSR matrix with the types that the kernels take.

    Raises:
        TypeError: if `x` is of another sparse format.
        ValueError: if it has not `n_in` columns, or an array of the wrong length, or an index that
            32 bits do not hold.
    """
    if x.format != "csr":
        raise TypeError(f"x is in {x.format} format; give CSR")
    rows, columns = x.shape
    if columns != n_in or len(x.indptr) != rows + 1:
        raise ValueError(
            f"x has {columns} columns and {len(x.indptr)} row starts; expected {n_in} columns and "
            f"{rows + 1} row starts"
        )
    indices = readable(x.indices, np.int32)
    if indices is not x.indices and not np.array_equal(indices, x.indices):
        raise ValueError(f"x has an index beyond its {n_in} columns")
    return readable(x.indptr, np.int64), indices, readable(x.data, dtype)


def forward(x: Array | csr_array, weight: Array, bias: Array, sign: Array, rectify: bool) -> Array:
    """See `rectinet.kernels.reference.forward`."""
    dtype = weight.dtype
    layer = readable(weight, dtype), readable(bias, dtype), readable(sign, dtype)
    if issparse(x):
        parts = csr_parts(x, len(weight), dtype)
        return np.asarray(_MODULE.forward_csr(*parts, *layer, rectify))
    return np.asarray(_MODULE.forward(readable(x, dtype), *layer, rectify))


def backward(
    x: Array | csr_array,
    delta: Array,
    weight: Array,
    bias: Array,
    step: Step,
    below_sign: Array | None = None,
    below_l1: float = 0.0,
) -> Array | None:
    """See `rectinet.kernels.reference.backward`; one pass over the active rows.

    Raises:
        TypeError: if `weight`, `bias` or a buffer of `step` is not C-contiguous or of another
            dtype: a copy would change instead.
        ValueError: if shapes do not fit, or a CSR array's indices are out of range.
    """
    dtype = weight.dtype
    delta = readable(delta, dtype)
    if below_sign is None and issparse(x):
        parts = csr_parts(x, len(weight), dtype)
        _MODULE.backward_csr(*parts, delta, weight, bias, *step)
        return None
    x = readable(reference.dense(x), dtype)
    sign = None if below_sign is None else readable(below_sign, dtype)
    below: Array | None = _MODULE.backward(x, delta, weight, bias, *step, sign, below_l1)
    return below


def softmax_nll(z: Array, target: Array) -> tuple[float, Array]:
    """See `rectinet.kernels.reference.softmax_nll`.

    Raises:
        ValueError: if a target is not one of the classes.
    """
    cost, delta = _MODULE.softmax_nll(readable(z, z.dtype), readable(target, np.int64))
    return float(cost), np.asarray(delta)


def decoder_step(
    code: Array, pairs: Pairs, weight: Array, bias: Array, rate: float, cost: Cost
) -> tuple[float, Array]:
    """See `rectinet.kernels.reference.decoder_step`; one pass over the rows of the outputs.

    Raises:
        TypeError: if `weight` or `bias` is not C-contiguous: a copy would change instead.
        ValueError: if shapes do not fit, or an output or example is out of range.
    """
    dtype = weight.dtype
    types = (np.int64, np.int64, np.int32, dtype, dtype)
    arrays = (readable(each, kind) for each, kind in zip(pairs, types, strict=True))
    mean, gradient = _MODULE.decoder_step(
        readable(code, dtype), *arrays, weight, bias, rate, cost.kind, cost.alpha
    )
    return float(mean), np.asarray(gradient)
