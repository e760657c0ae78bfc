"""Penalties on a layer's activations and weights."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from rectinet.errors import SettingError
from rectinet.nn.network import Array, Layer


@dataclass(frozen=True)
class Penalties:
    """What a layer pays for being active and for having large weights.

    The cost added is ``activation_l1 * mean over examples of sum over units |h|``, plus
    ``weight_l1 * sum |W|`` plus ``weight_l2 * sum W^2``; biases are free, and there is no factor
    1/2. Each layer adds a term of its own, so over three hidden layers the activation terms add up
    (PAPER section 1 on why the paper's 0.001 fits another normalization).

    Raises:
        SettingError: if a strength is negative or not finite.
    """

    activation_l1: float = 0.0
    weight_l1: float = 0.0
    weight_l2: float = 0.0

    def __post_init__(self) -> None:
        for entry in fields(self):
            strength = getattr(self, entry.name)
            if not 0 <= strength < math.inf:
                raise SettingError(f"{entry.name} is {strength!r}; give a finite number >= 0")

    @property
    def on_weights(self) -> bool:
        """Whether the weights are penalized at all."""
        return self.weight_l1 > 0 or self.weight_l2 > 0

    def cost(self, layer: Layer, h: Array) -> float:
        """Return the penalty of one layer on a batch of its outputs `h`, shape (n, n_out)."""
        cost = self.activation_l1 * np.abs(h).sum() / len(h)
        cost += self.weight_l1 * np.abs(layer.weight).sum()
        cost += self.weight_l2 * np.square(layer.weight).sum()
        return float(cost)

    def weight_gradient(self, weight: Array) -> Array:
        """Return the gradient of the weight terms, shape of `weight`; |w| has slope 0 at 0."""
        gradient = self.weight_l1 * np.sign(weight)
        gradient += 2 * self.weight_l2 * weight
        return gradient


NO_PENALTIES = Penalties()
