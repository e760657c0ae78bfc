"""Activation functions, each written in terms of its value so that no pre-activation is kept.

Every function here has a derivative that follows from its value alone (a rectifier's is 1 where
the value is positive, a softplus' is ``1 - exp(-alpha * value)``), so the backward pass needs only
what the forward pass hands on anyway.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit

from rectinet.errors import SettingError
from rectinet.nn.choices import check_choice

Array = np.ndarray[Any, np.dtype[Any]]


class Activation(ABC):
    """An elementwise function ``a = phi(z)``, finite for every finite z of magnitude up to 1e4.

    Attributes:
        name: the name that settings and model files use.
        homogeneous: whether ``phi(c z) = c phi(z)`` for c > 0, the property behind the rescaling
            of paper section 3.1.
        lower, upper: the bounds of the values.
    """

    name: ClassVar[str]
    homogeneous: ClassVar[bool] = False
    lower: ClassVar[float] = -math.inf
    upper: ClassVar[float] = math.inf

    @abstractmethod
    def value(self, z: Array) -> Array:
        """Return ``phi(z)``; `z` may be overwritten. Same shape and dtype."""

    @abstractmethod
    def derivative(self, a: Array) -> Array:
        """Return ``phi'(z)`` given ``a = phi(z)``, as a new array of the same shape and dtype."""


@dataclass(frozen=True)
class Rectifier(Activation):
    """``max(0, z)``; the derivative at 0 is 0 (paper section 3)."""

    name: ClassVar[str] = "rectifier"
    homogeneous: ClassVar[bool] = True
    lower: ClassVar[float] = 0.0

    def value(self, z: Array) -> Array:
        """Return ``max(0, z)``."""
        return np.maximum(z, 0, out=z)

    def derivative(self, a: Array) -> Array:
        """Return 1 where the unit is active, 0 elsewhere."""
        return (a > 0).astype(a.dtype)


@dataclass(frozen=True)
class Softplus(Activation):
    """``log(1 + exp(alpha z)) / alpha``: softplus at alpha = 1, the rectifier as alpha grows.

    Attributes:
        alpha: the sharpness, positive and finite.
    """

    alpha: float = 1.0
    name: ClassVar[str] = "softplus"
    lower: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        alpha: object = self.alpha
        if not (isinstance(alpha, int | float | np.number) and 0 < alpha < math.inf):
            raise SettingError(
                f"softplus_alpha is {self.alpha!r}; it must be positive and finite "
                "(for the limit of infinite alpha use the activation 'rectifier')"
            )
        # A NumPy number would lift single precision to double, and round otherwise than a float.
        object.__setattr__(self, "alpha", float(self.alpha))

    def value(self, z: Array) -> Array:
        """Return ``max(z, 0) + log1p(exp(-alpha |z|)) / alpha``, which cannot overflow."""
        tail = np.log1p(np.exp(-self.alpha * np.abs(z)))
        tail /= self.alpha
        return np.add(np.maximum(z, 0, out=z), tail, out=z)

    def derivative(self, a: Array) -> Array:
        """Return the logistic function of ``alpha z``, which is ``1 - exp(-alpha a)``."""
        return np.negative(np.expm1(-self.alpha * a))


@dataclass(frozen=True)
class Tanh(Activation):
    """The hyperbolic tangent."""

    name: ClassVar[str] = "tanh"
    lower: ClassVar[float] = -1.0
    upper: ClassVar[float] = 1.0

    def value(self, z: Array) -> Array:
        """Return ``tanh(z)``."""
        return np.tanh(z, out=z)

    def derivative(self, a: Array) -> Array:
        """Return ``1 - a^2``."""
        return 1 - a * a


@dataclass(frozen=True)
class Sigmoid(Activation):
    """The logistic function ``1 / (1 + exp(-z))``."""

    name: ClassVar[str] = "sigmoid"
    lower: ClassVar[float] = 0.0
    upper: ClassVar[float] = 1.0

    def value(self, z: Array) -> Array:
        """Return the logistic function of z."""
        expit(z, out=z)
        return z

    def derivative(self, a: Array) -> Array:
        """Return ``a (1 - a)``."""
        derivative: Array = a * (1 - a)
        return derivative


@dataclass(frozen=True)
class Linear(Activation):
    """The identity."""

    name: ClassVar[str] = "linear"
    homogeneous: ClassVar[bool] = True

    def value(self, z: Array) -> Array:
        """Return z itself."""
        return z

    def derivative(self, a: Array) -> Array:
        """Return ones."""
        return np.ones_like(a)


_ACTIVATIONS: dict[str, type[Activation]] = {
    kind.name: kind for kind in (Rectifier, Softplus, Tanh, Sigmoid, Linear)
}


def activation_names() -> tuple[str, ...]:
    """Return the names that `activation` knows."""
    return tuple(_ACTIVATIONS)


def activation(name: str, *, softplus_alpha: float = 1.0) -> Activation:
    """Return an activation function by name.

    Args:
        name: one of `activation_names`.
        softplus_alpha: the sharpness; used by ``"softplus"`` alone.

    Raises:
        SettingError: if the name is unknown, or the sharpness out of range, used or not.
    """
    check_choice(name, "activation", _ACTIVATIONS)
    softplus = Softplus(softplus_alpha)
    return softplus if name == Softplus.name else _ACTIVATIONS[name]()
