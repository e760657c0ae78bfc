"""The reconstruction strategies of a denoising auto-encoder over rectifier codes (paper 3.2).

One object owns the decoder's activation, the target and the cost; nothing else asks which
strategy is in use.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from rectinet.errors import InputError, SettingError
from rectinet.nn.activations import Linear, Rectifier, Softplus
from rectinet.nn.choices import check_choice
from rectinet.nn.losses import CrossEntropy, Loss, SquaredError
from rectinet.nn.network import Array, Layer

SCALINGS = ("none", "layer", "unit")


@dataclass(frozen=True)
class CodeTarget:
    """How the codes of one layer become targets in the decoder's range.

    ``target = (value - shift) / scale``, where value is the unit's output before its sign flip
    (for a rectifier: its absolute value), or its pre-activation.

    Attributes:
        shift: lower end of the activation's range.
        scale: a number, or one per unit, shape (n_units,).
        divisor: what the layer's weights and bias were divided by before that, for good; a number,
            or one per unit, shape (n_units,).
    """

    shift: float = 0.0
    scale: float | Array = 1.0
    divisor: float | Array = 1.0

    def __call__(self, value: Array) -> Array:
        """Return the targets of a batch, same shape and dtype as `value`."""
        if self.shift == 0 and np.ndim(self.scale) == 0 and self.scale == 1:
            return value
        return np.asarray((value - self.shift) / self.scale, dtype=value.dtype)


@dataclass(frozen=True)
class Reconstruction:
    """What the decoder computes, what it is compared with, and at what cost.

    Attributes:
        name: the name that settings use.
        letter: the strategy's letter in PAPER section 2.
        loss: the decoder's activation and cost, from its pre-activation.
        lower, upper: the decoder's range; targets outside are refused.
        scaling: how unbounded codes are brought near [0, 1]: ``"layer"`` divides by the largest
            activation over the training set, ``"unit"`` by each unit's own largest, ``"none"``
            leaves them.
        preactivation: whether the target is the pre-activation of the layer below rather than its
            output (strategy C offers both; the first layer always takes the raw input).
    """

    name: str
    letter: str
    loss: Loss
    lower: float = -math.inf
    upper: float = math.inf
    scaling: str = "none"
    preactivation: bool = False

    def __post_init__(self) -> None:
        if self.scaling not in SCALINGS:
            raise SettingError(f"scaling {self.scaling!r} is unknown; use one of {SCALINGS}")

    def check_inputs(self, smallest: float, largest: float) -> None:
        """Refuse raw inputs that the decoder cannot produce.

        Raises:
            InputError: if they leave the decoder's range.
        """
        if smallest < self.lower or largest > self.upper:
            raise InputError(
                f"inputs run from {smallest:.6g} to {largest:.6g}, but the reconstruction "
                f"{self.name!r} reaches only {self.lower:g} to {self.upper:g}; scale the inputs "
                "into that range or use the reconstruction 'linear'"
            )

    def prepare(self, below: Layer, largest: Array) -> tuple[Layer, CodeTarget]:
        """Bring the codes of the layer below into the decoder's range.

        A layer with a homogeneous activation is rescaled for good: weights and bias are divided
        by the largest activation, which only moves the network along the ill-conditioning of
        paper section 3.1. Codes of a bounded activation are mapped onto [0, 1] by their bounds,
        and an unbounded activation that is not homogeneous (softplus) has its targets divided
        instead of its weights.

        Args:
            below: the layer whose codes are to be reconstructed.
            largest: largest output before the sign flip of each of its units over the training
                set, shape (n_units,); 0 for a unit that was never active.

        Returns:
            The layer to use from now on, and the map from its codes to targets.

        Raises:
            SettingError: if the codes cannot be brought into the decoder's range.
        """
        activation = below.activation
        if math.isfinite(activation.lower) and math.isfinite(activation.upper):
            if self.preactivation:
                return below, CodeTarget()
            return below, CodeTarget(activation.lower, activation.upper - activation.lower)
        if activation.lower < self.lower:
            raise SettingError(
                f"the reconstruction {self.name!r} cannot produce the negative codes of the "
                f"activation {activation.name!r}; use the reconstruction 'linear'"
            )
        divisor = self._divisor(largest)
        if divisor is None:
            return below, CodeTarget()
        if activation.homogeneous:
            rescaled = replace(below, weight=below.weight / divisor, bias=below.bias / divisor)
            return rescaled, CodeTarget(divisor=divisor)
        return below, CodeTarget(0.0, divisor)

    def _divisor(self, largest: Array) -> Array | None:
        if self.scaling == "none":
            if largest.max() > self.upper:
                raise SettingError(
                    f"the reconstruction {self.name!r} needs codes up to {self.upper:g}, and they "
                    f"reach {largest.max():.6g}; use scaling 'layer' or 'unit'"
                )
            return None
        divisor = largest if self.scaling == "unit" else np.full_like(largest, largest.max())
        # A dead unit has nothing to scale; dividing by 0 would fill the layer with infinities.
        return np.where(divisor > 0, divisor, 1).astype(largest.dtype)


_STRATEGIES: dict[str, Reconstruction] = {
    strategy.name: strategy
    for strategy in (
        Reconstruction("softplus", "A", SquaredError(Softplus()), lower=0.0),
        Reconstruction("sigmoid", "B", CrossEntropy(), lower=0.0, upper=1.0, scaling="layer"),
        Reconstruction("linear", "C", SquaredError(Linear()), scaling="layer"),
        Reconstruction(
            "linear-preactivation", "C", SquaredError(Linear()), scaling="layer", preactivation=True
        ),
        Reconstruction("rectifier", "D", SquaredError(Rectifier()), lower=0.0, scaling="layer"),
    )
}


def reconstruction_names() -> tuple[str, ...]:
    """Return the names that `reconstruction` knows."""
    return tuple(_STRATEGIES)


def reconstruction(name: str, *, scaling: str | None = None) -> Reconstruction:
    """Return a reconstruction strategy by name.

    Args:
        name: ``"softplus"`` (A), ``"sigmoid"`` (B), ``"linear"`` or ``"linear-preactivation"``
            (C), ``"rectifier"`` (D).
        scaling: ``"none"``, ``"layer"`` or ``"unit"``; the strategy's own by default.

    Raises:
        SettingError: if the name or the scaling is unknown.
    """
    check_choice(name, "reconstruction", _STRATEGIES)
    strategy = _STRATEGIES[name]
    return strategy if scaling is None else replace(strategy, scaling=scaling)
