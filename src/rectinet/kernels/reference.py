"""What every kernel means, in slow and obvious NumPy: the tests' oracle and the last resort."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, issparse
from scipy.special import expit

from rectinet.kernels.step import (
    ADAM,
    BETA1,
    BETA2,
    CROSS_ENTROPY,
    EPSILON,
    GRADIENT,
    MOMENTUM,
    RECTIFIER,
    SOFTPLUS,
    Array,
    Cost,
    Pairs,
    Step,
)


def checked(x: csr_array) -> csr_array:
    """Return `x`; SciPy itself reads beyond its arrays where they are damaged.

    Raises:
        ValueError: if they are.
    """
    x = csr_array(x)
    x.check_format(full_check=True)
    # SciPy looks at this only where the last of the row starts is above 0.
    if (np.diff(x.indptr) < 0).any():
        raise ValueError("indptr does not ascend")
    return x


def dense(x: Array | csr_array) -> Array:
    """Return `x` as an array; repeated CSR entries are added up."""
    return np.asarray(checked(x).toarray() if issparse(x) else x)


def forward(x: Array | csr_array, weight: Array, bias: Array, sign: Array, rectify: bool) -> Array:
    """Return ``sign * max(0, x @ weight + bias)``, or without the max.

    Args:
        x: shape (n, n_in), dense or CSR.
        weight: shape (n_in, n_out), input-major.
        bias: shape (n_out,).
        sign: +1 or -1 per unit, shape (n_out,).
        rectify: whether the units are rectifiers.

    Returns:
        Shape (n, n_out), dtype of `weight`.
    """
    z = dense(x) @ weight + bias
    if rectify:
        z = np.maximum(z, 0)
    return np.asarray(sign * z)


def backward(
    x: Array | csr_array,
    delta: Array,
    weight: Array,
    bias: Array,
    step: Step,
    below_sign: Array | None = None,
    below_l1: float = 0.0,
) -> Array | None:
    """Return what reaches the rectifier layer below, and move the layer in place.

    Args:
        x: the layer's input, shape (n, n_in), dense or CSR; an output of rectifiers where
            `below_sign` is given.
        delta: gradient with respect to the pre-activation, shape (n, n_out).
        weight: shape (n_in, n_out); changed in place.
        bias: shape (n_out,); changed in place.
        step: how they move.
        below_sign: signs of the layer below, shape (n_in,); None: nothing is passed down.
        below_l1: strength of the penalty on that layer's activations, over n.

    Returns:
        The gradient with respect to the pre-activation of the layer below, shape (n, n_in): where
        x is 0, 0; elsewhere ``sign (delta @ weight.T) + l1``. None without `below_sign`.
    """
    x = dense(x)
    below = None
    if below_sign is not None:
        below = np.where(x != 0, below_sign * (delta @ weight.T) + below_l1, 0)
        below = below.astype(weight.dtype)
    weight_slope, bias_slope = x.T @ delta, delta.sum(axis=0)
    if step.rule != GRADIENT:
        weight_slope = weight_slope + step.weight_l1 * np.sign(weight)
        weight_slope += 2 * step.weight_l2 * weight
    move(weight, weight_slope, step, step.first, step.second)
    move(bias, bias_slope, step, step.first_bias, step.second_bias)
    return below


def move(
    parameter: Array, slope: Array, step: Step, first: Array | None, second: Array | None
) -> None:
    """Change `parameter` in place by one step down `slope`; `first` and `second` as in `Step`."""
    if first is None:
        parameter -= step.rate * slope
    elif step.rule == GRADIENT:
        first[...] = slope
    elif step.rule == MOMENTUM:
        first *= step.momentum
        first -= step.rate * slope
        parameter += first
    else:
        assert step.rule == ADAM and second is not None
        first += (1 - BETA1) * (slope - first)
        second += (1 - BETA2) * (slope * slope - second)
        parameter -= step.rate * first / (np.sqrt(second) + EPSILON)


def softmax_nll(z: Array, target: Array) -> tuple[float, Array]:
    """Return the mean of ``-log softmax(z)[target]`` and its gradient with respect to z.

    Args:
        z: shape (n, n_classes).
        target: class numbers, shape (n,), int64.
    """
    shifted = z - z.max(axis=1, keepdims=True)
    exponential = np.exp(shifted)
    total = exponential.sum(axis=1)
    rows = np.arange(len(z))
    cost = float((np.log(total) - shifted[rows, target]).mean())
    delta = exponential / total[:, None]
    delta[rows, target] -= 1
    return cost, delta / len(z)


def decoder_step(
    code: Array, pairs: Pairs, weight: Array, bias: Array, rate: float, cost: Cost
) -> tuple[float, Array]:
    """Move a decoder down the cost of some of its outputs; the others stay as they are.

    Args:
        code: what is decoded, shape (n, n_hidden).
        pairs: the outputs that count, and for which examples.
        weight: shape (n_outputs, n_hidden), output-major; changed in place.
        bias: shape (n_outputs,); changed in place.
        rate: the learning rate.
        cost: of an output.

    Returns:
        The mean over examples of the sum of their weighted costs, and its gradient with respect
        to `code`, shape (n, n_hidden), at the weights of before the step.
    """
    total, gradient = 0.0, np.zeros_like(code)
    for k, output in enumerate(pairs.output):
        chosen = slice(pairs.start[k], pairs.start[k + 1])
        example = pairs.example[chosen]
        z = code[example] @ weight[output] + bias[output]
        value, slope = _cost_and_slope(cost, z, pairs.target[chosen])
        total += float(pairs.weight[chosen] @ value)
        delta = pairs.weight[chosen] * slope / len(code)
        # Not `+=`: an example that is there twice would count once.
        np.add.at(gradient, example, np.outer(delta, weight[output]))
        weight[output] -= rate * (delta @ code[example])
        bias[output] -= rate * delta.sum()
    return total / max(1, len(code)), gradient


def _cost_and_slope(cost: Cost, z: Array, target: Array) -> tuple[Array, Array]:
    """Return the cost of each output and its slope with respect to the pre-activation."""
    if cost.kind == CROSS_ENTROPY:
        return np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z))), expit(z) - target
    value, derivative = z, np.ones_like(z)
    if cost.kind == SOFTPLUS:
        value = np.logaddexp(0, cost.alpha * z) / cost.alpha
        derivative = expit(cost.alpha * z)
    elif cost.kind == RECTIFIER:
        value, derivative = np.maximum(z, 0), (z > 0).astype(z.dtype)
    difference = value - target
    return difference**2, 2 * difference * derivative
