"""Update rules of one layer: the step that turns a gradient into new parameters.

A rule is plain numbers and, where it needs them, buffers shaped like the layer; the engine carries
it out, so that a kernel can do it in the same pass as the gradient.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rectinet.kernels.step import BETA1, BETA2, EPSILON
from rectinet.nn import NO_PENALTIES, Array, Layer, Penalties


@dataclass
class Update:
    """How one layer is updated; plain minibatch SGD unless buffers say otherwise.

    Attributes:
        learning_rate: the step's size.
        momentum: 0 for plain SGD; otherwise ``v = momentum v - rate g; w += v``.
        adam: whether to use Adam (Kingma and Ba 2015) with beta1 0.9, beta2 0.999, epsilon 1e-8.
        penalties: on the layer's weights and activations.
        steps: updates done so far (Adam's bias correction).
        buffers: running averages by name, shaped like the weight or the bias.
    """

    learning_rate: float
    momentum: float = 0.0
    adam: bool = False
    penalties: Penalties = NO_PENALTIES
    steps: int = 0
    buffers: dict[str, Array] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Whether this is SGD without memory."""
        return not self.adam and self.momentum == 0


def new_update(layer: Layer, update: Update) -> Update:
    """Give `update` the zeroed buffers that it needs for `layer`, and return it."""
    names = ("mean", "square") if update.adam else ("velocity",) if update.momentum else ()
    for name in names:
        update.buffers[f"{name}.weight"] = np.zeros_like(layer.weight)
        update.buffers[f"{name}.bias"] = np.zeros_like(layer.bias)
    return update


def apply_update(parameter: Array, gradient: Array, update: Update, which: str) -> None:
    """Change `parameter` in place by one step along `gradient`.

    Args:
        parameter: the layer's weight or bias.
        gradient: of the cost, same shape.
        update: the layer's rule; its buffers change, its step count does not.
        which: ``"weight"`` or ``"bias"``.
    """
    if update.adam:
        mean, square = update.buffers[f"mean.{which}"], update.buffers[f"square.{which}"]
        mean += (1 - BETA1) * (gradient - mean)
        square += (1 - BETA2) * (gradient * gradient - square)
        step = update.steps + 1
        rate = update.learning_rate * np.sqrt(1 - BETA2**step) / (1 - BETA1**step)
        parameter -= parameter.dtype.type(rate) * mean / (np.sqrt(square) + EPSILON)
    elif update.momentum:
        velocity = update.buffers[f"velocity.{which}"]
        velocity *= update.momentum
        velocity -= update.learning_rate * gradient
        parameter += velocity
    else:
        parameter -= update.learning_rate * gradient
