"""How a layer's parameters move: what every kernel of the backward pass is told."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

SGD, MOMENTUM, ADAM, GRADIENT = range(4)
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
"""Adam's constants (Kingma and Ba 2015)."""


class Step(NamedTuple):
    """One step of one layer.

    Attributes:
        rule: `SGD`; `MOMENTUM`, ``v = momentum v - rate g; w += v``; `ADAM`, with the constants
            above; or `GRADIENT`, which leaves the layer alone and writes the gradient of the cost
            without weight penalties into `first`.
        rate: the learning rate; Adam's includes the bias correction.
        momentum: of `MOMENTUM`.
        weight_l1, weight_l2: strengths of the penalties ``l1 sum |w| + l2 sum w^2``.
        first, first_bias: velocity, Adam's running mean, or where the gradient goes; shaped like
            weight and bias.
        second, second_bias: Adam's running mean of squares.
    """

    rule: int = SGD
    rate: float = 0.0
    momentum: float = 0.0
    weight_l1: float = 0.0
    weight_l2: float = 0.0
    first: Array | None = None
    first_bias: Array | None = None
    second: Array | None = None
    second_bias: Array | None = None


CROSS_ENTROPY, LINEAR, SOFTPLUS, RECTIFIER = range(4)


class Cost(NamedTuple):
    """What an output is compared with its target by.

    Attributes:
        kind: `CROSS_ENTROPY` of its logistic function; or the squared difference from its value
            under a unit that is `LINEAR`, a `SOFTPLUS` or a `RECTIFIER`.
        alpha: sharpness of the softplus.
    """

    kind: int
    alpha: float = 1.0


class Pairs(NamedTuple):
    """Pairs of an output and an example, output by output.

    Attributes:
        output: the outputs that have pairs, ascending, shape (n_used,), int64.
        start: where the pairs of each begin, and their number; shape (n_used + 1,), int64.
        example: of each pair, shape (n_pairs,), int32.
        target: what the output should say, shape (n_pairs,).
        weight: factor of the pair's cost, shape (n_pairs,).
    """

    output: Array
    start: Array
    example: Array
    target: Array
    weight: Array
