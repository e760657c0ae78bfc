"""How much gradient reaches each layer, example by example (paper section 2.2).

Gradients flow along the paths of active units as if these were linear; where too few units are on,
an example passes nothing down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse
from scipy.special import softmax

from rectinet.analysis.codes import (
    BATCH_SIZE,
    Array,
    Inputs,
    batched_outputs,
    check_layers,
    read_inputs,
)
from rectinet.analysis.separability import class_numbers
from rectinet.errors import InputError, SettingError


@dataclass(frozen=True)
class GradientNorms:
    """Euclidean norms of single examples' gradients, mean over examples, one per layer.

    Attributes:
        n_examples: how many examples were looked at.
        output: of the cost with respect to what the layer hands on.
        pre_activation: with respect to the layer's pre-activation: what its active units let by.
        weight: with respect to the layer's weights.
        blocked: share of the examples whose gradient does not reach the layer's weights at all.
    """

    n_examples: int
    output: tuple[float, ...]
    pre_activation: tuple[float, ...]
    weight: tuple[float, ...]
    blocked: tuple[float, ...]


def gradient_norms(
    layers: Sequence[Any],
    X: Inputs,
    y: Any,
    *,
    loss: Any = None,
    batch_size: int = BATCH_SIZE,
) -> GradientNorms:
    """Measure the gradient of each example's cost at every layer.

    An example's gradient with respect to a weight matrix is ``outer(x, delta)``, whose norm is
    ``|x| |delta|``; so no gradient matrix is made.

    Args:
        layers: the whole network, bottom to top, of any activation; a linear output layer on top.
        X: inputs, shape (n, n_features), dense or sparse.
        y: class numbers from 0, shape (n,); with a loss, whatever targets it takes, a row each.
        loss: an object with ``gradient(z, target)``, which returns the gradient of each example's
            cost with respect to the output, shape of z. None: the softmax's log-likelihood.
        batch_size: how many examples at a time.

    Raises:
        InputError: if `X`, `y` or the layers' numbers cannot be used.
        SettingError: if the top layer is not linear, the layers do not fit together, or
            `batch_size` is not positive.
    """
    check_layers(layers)
    top = layers[-1]
    if top.activation.name != "linear":
        raise SettingError(
            f"the top layer has the activation {top.activation.name!r}; gradients start at a "
            "linear output layer: give the whole network"
        )
    n = read_inputs(X, layers).shape[0]
    target = _targets(y, n, top.weight.shape[1], loss)
    sums = np.zeros((4, len(layers)))
    for rows, values in batched_outputs(layers, X, batch_size=batch_size):
        z = values[-1]
        gradient = (loss.gradient if loss is not None else _softmax_gradient)(z, target[rows])
        for index in reversed(range(len(layers))):
            layer = layers[index]
            a = values[index + 1] * layer.sign
            delta = gradient * layer.activation.derivative(a) * layer.sign
            reaching, passing = _lengths(gradient), _lengths(delta)
            on_weights = _lengths(values[index]) * passing
            sums[:, index] += [part.sum() for part in (reaching, passing, on_weights)] + [
                np.count_nonzero(on_weights == 0)
            ]
            if index > 0:
                gradient = delta @ layer.weight.T
    output, pre_activation, weight, blocked = ((row / n).tolist() for row in sums)
    return GradientNorms(n, tuple(output), tuple(pre_activation), tuple(weight), tuple(blocked))


def _targets(y: Any, n: int, n_out: int, loss: Any) -> Array:
    if loss is not None:
        target = np.asarray(y)
        if len(target) != n:
            raise InputError(f"y has {len(target)} targets; expected {n}: one per example")
        return target
    labels = class_numbers(y, n)
    wrong = (labels < 0) | (labels >= n_out)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise InputError(
            f"y has the label {labels[first]} at position {first}; expected 0..{n_out - 1}: drop "
            "unlabeled examples"
        )
    return labels


def _softmax_gradient(z: Array, labels: Array) -> Array:
    """Return ``softmax(z) - onehot(labels)``, shape of `z`."""
    delta = softmax(z.astype(np.float64), axis=1)
    rows = np.arange(len(z))
    # The same as subtracting 1, but exact where the right class has all but 1e-17.
    delta[rows, labels] = 0
    delta[rows, labels] = -delta.sum(axis=1)
    return np.asarray(delta.astype(z.dtype))


def _lengths(x: Any) -> Array:
    """Return the Euclidean length of each row in double precision, shape (n,)."""
    x = x.astype(np.float64)
    squares = x.multiply(x).sum(axis=1) if issparse(x) else np.einsum("ij,ij->i", x, x)
    return np.asarray(np.sqrt(np.asarray(squares).ravel()))
