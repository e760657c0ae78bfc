"""How much each example counts."""

from __future__ import annotations

import numpy as np

from rectinet.engine import Engine
from rectinet.errors import InputError
from rectinet.nn import Array, Loss


def weighed(
    engine: Engine, loss: Loss, z: Array, target: Array, weight: Array | None
) -> tuple[float, Array]:
    """Return the mean cost of a minibatch, and its gradient with respect to `z`.

    Args:
        engine: does the arithmetic.
        loss: the cost.
        z: pre-activation of the output layer, shape (n, n_outputs).
        target: as the loss needs.
        weight: how much each example counts, shape (n,); None: all the same.
    """
    if weight is None:
        return engine.loss_and_gradient(loss, z, target)
    delta = engine.loss_gradient(loss, z, target)
    delta *= weight[:, None]
    return float((loss.values(z, target) * weight).mean()), delta


def mean_one(values: Array, n_examples: int, dtype: np.dtype, name: str) -> Array:
    """Return weights of examples with mean 1, shape (n_examples,).

    Raises:
        InputError: if they are not finite numbers of 0 or more, some of them above 0.
    """
    weight = np.asarray(values)
    if weight.shape != (n_examples,) or weight.dtype.kind not in "buif":
        raise InputError(
            f"{name} has shape {weight.shape} and type {weight.dtype}; expected numbers of "
            f"shape ({n_examples},), one for each example"
        )
    weight = weight.astype(np.float64)
    if not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise InputError(
            f"{name} holds negative, infinite or NaN values, or zeros only; give finite "
            "weights of 0 or more, some of them above 0"
        )
    weight /= weight.max()  # or the sum of large ones would overflow
    return np.asarray(weight / weight.mean(), dtype)
