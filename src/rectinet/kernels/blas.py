"""The dense formulas through BLAS: faster than skipping where most inputs are active.

All calls go to SciPy's BLAS. NumPy brings another one with threads of its own, and two pools of
spinning threads in one pass cost more than the arithmetic (8 ms instead of 0.6 for a 1000 x 1000
backward pass on two cores).
"""

from __future__ import annotations

import numpy as np
from scipy.linalg.blas import dgemm, sgemm
from scipy.sparse import csr_array, issparse

from rectinet.kernels import reference
from rectinet.kernels.step import GRADIENT, SGD, Array, Step


def forward(x: Array | csr_array, weight: Array, bias: Array, sign: Array, rectify: bool) -> Array:
    """See `rectinet.kernels.reference.forward`."""
    _check(x, weight, bias, sign=sign)
    if issparse(x):
        z = np.asarray(reference.checked(x) @ weight)
        z += bias
    else:
        z = np.empty((len(x), len(bias)), weight.dtype)
        z[...] = bias
        # SciPy copies what is not Fortran's; of a transposed weight, that is the transpose.
        turned = not weight.flags.c_contiguous
        a = weight if turned else weight.T
        _add_product(1, a, np.ascontiguousarray(x).T, z.T, trans_a=turned)
    if rectify:
        np.maximum(z, 0, out=z)
    z *= sign
    return z


def backward(
    x: Array | csr_array,
    delta: Array,
    weight: Array,
    bias: Array,
    step: Step,
    below_sign: Array | None = None,
    below_l1: float = 0.0,
) -> Array | None:
    """See `rectinet.kernels.reference.backward`."""
    _check(x, weight, bias, delta=delta, below_sign=below_sign)
    # BLAS would move a copy of anything else.
    if not weight.flags.carray:
        raise TypeError("a layer's weight must be writable, aligned and C-contiguous")
    below = None
    if issparse(x):
        x = reference.checked(x)
    if below_sign is not None:
        x = reference.dense(x)
        below = input_gradient(weight, delta)
        below *= below_sign
        if below_l1:
            below += below_l1
        below *= x != 0
    if step.rule != SGD:
        slope = weight_gradient(x, delta)
        if step.rule != GRADIENT:
            slope += step.weight_l1 * np.sign(weight)
            slope += 2 * step.weight_l2 * weight
        reference.move(weight, slope, step, step.first, step.second)
        reference.move(bias, delta.sum(axis=0), step, step.first_bias, step.second_bias)
        return below
    # In place, without a gradient matrix; both penalties see the weights of before the step.
    shrinkage = step.rate * step.weight_l1 * np.sign(weight) if step.weight_l1 else None
    if step.weight_l2:
        np.multiply(weight, 1 - 2 * step.rate * step.weight_l2, out=weight)
    if shrinkage is not None:
        np.subtract(weight, shrinkage, out=weight)
    if issparse(x):
        _subtract_sparse_product(weight, x, delta, step.rate)
    else:
        _add_product(-step.rate, delta.T, np.ascontiguousarray(x).T, weight.T, trans_b=True)
    bias -= step.rate * delta.sum(axis=0)
    return below


def input_gradient(weight: Array, delta: Array) -> Array:
    """Return ``delta @ weight.T``, shape (n, n_in)."""
    gradient = np.zeros((len(delta), len(weight)), weight.dtype)
    _add_product(1, weight.T, np.ascontiguousarray(delta).T, gradient.T, trans_a=True)
    return gradient


def weight_gradient(x: Array | csr_array, delta: Array) -> Array:
    """Return ``x.T @ delta``, shape (n_in, n_out)."""
    if issparse(x):
        return np.asarray(x.T @ delta)
    gradient = np.zeros((x.shape[1], delta.shape[1]), delta.dtype)
    delta = np.ascontiguousarray(delta)
    _add_product(1, delta.T, np.ascontiguousarray(x).T, gradient.T, trans_b=True)
    return gradient


def _check(
    x: Array | csr_array,
    weight: Array,
    bias: Array,
    *,
    sign: Array | None = None,
    delta: Array | None = None,
    below_sign: Array | None = None,
) -> None:
    """Refuse what NumPy would stretch to fit, and types that BLAS does not have.

    Raises:
        ValueError: if shapes do not fit.
        TypeError: if the weight is not float32 or float64.
    """
    if weight.dtype not in (np.float32, np.float64):
        raise TypeError(f"a layer's weight is {weight.dtype}; give float32 or float64")
    n_in, n_out = weight.shape
    shapes = {
        "x": (x, (x.shape[0], n_in)),
        "bias": (bias, (n_out,)),
        "sign": (sign, (n_out,)),
        "delta": (delta, (x.shape[0], n_out)),
        "below_sign": (below_sign, (n_in,)),
    }
    for name, (array, shape) in shapes.items():
        if array is not None and array.shape != shape:
            raise ValueError(f"{name} has shape {array.shape}; expected {shape}")


def _add_product(
    factor: float,
    a: Array,
    b: Array,
    c: Array,
    *,
    trans_a: bool = False,
    trans_b: bool = False,
) -> None:
    """Do ``c += factor * a @ b`` in place, in one accumulating call.

    No gradient matrix is written. At batch 10 and 1000 x 1000 it took 0.28 ms on one thread, the
    two-step form 5.8.
    """
    if a.size and b.size:  # SciPy refuses empty matrices
        gemm = sgemm if c.dtype == np.float32 else dgemm
        gemm(factor, a, b, beta=1, c=c, trans_a=trans_a, trans_b=trans_b, overwrite_c=True)


def _subtract_sparse_product(weight: Array, x: csr_array, delta: Array, rate: float) -> None:
    """Do ``weight -= rate * x.T @ delta`` on the rows of inputs that are present in the batch."""
    active, columns = np.unique(x.indices, return_inverse=True)
    compact = csr_array((x.data, columns, x.indptr), shape=(x.shape[0], len(active)))
    weight[active] -= rate * (compact.T @ delta)
