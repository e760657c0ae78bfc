"""Costs of an output layer, computed from its pre-activation.

A loss owns the output's non-linearity, because the two are only stable together: the softmax with
the log-likelihood, the logistic function with the cross-entropy. Sums run over units, means over
the examples of the batch, and there is no factor 1/2 (PAPER section 2: "sum over units, mean over
the batch").
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit

from rectinet.nn.activations import Activation, Linear

Array = np.ndarray[Any, np.dtype[Any]]


class Loss(ABC):
    """The cost of a batch of outputs.

    Attributes:
        name: the name that settings and model files use.
    """

    name: ClassVar[str]

    @abstractmethod
    def prediction(self, z: Array) -> Array:
        """Return what the output layer says: probabilities, reconstruction. Shape (n, n_out)."""

    @abstractmethod
    def values(self, z: Array, target: Array) -> Array:
        """Return the cost of each example.

        Args:
            z: pre-activation of the output layer, shape (n, n_out).
            target: class numbers of shape (n,) or values of shape (n, n_out), as the loss needs.

        Returns:
            Shape (n,), dtype of `z`.
        """

    @abstractmethod
    def gradient(self, z: Array, target: Array) -> Array:
        """Return the gradient of each example's cost with respect to `z`, shape (n, n_out)."""


@dataclass(frozen=True)
class SoftmaxNLL(Loss):
    """Softmax and the negative log-likelihood of the right class; targets are class numbers."""

    name: ClassVar[str] = "softmax-nll"

    # By hand: at batch 10 scipy.special's softmax and log_softmax cost a fifth of the whole step
    # of a small network (60 us each, nearly all of it overhead).

    def prediction(self, z: Array) -> Array:
        """Return the probability of each class."""
        exponential: Array = np.exp(z - z.max(axis=1, keepdims=True))
        exponential /= exponential.sum(axis=1, keepdims=True)
        return exponential

    def values(self, z: Array, target: Array) -> Array:
        """Return ``-log softmax(z)[target]``."""
        shifted = z - z.max(axis=1, keepdims=True)
        log_sum: Array = np.log(np.exp(shifted).sum(axis=1))
        values: Array = log_sum - shifted[np.arange(len(z)), target]
        return values

    def gradient(self, z: Array, target: Array) -> Array:
        """Return ``softmax(z) - onehot(target)``."""
        delta = self.prediction(z)
        delta[np.arange(len(z)), target] -= 1
        return delta


@dataclass(frozen=True)
class SquaredError(Loss):
    """``sum (phi(z) - target)^2``, with any output activation phi."""

    activation: Activation = field(default_factory=Linear)
    name: ClassVar[str] = "squared-error"

    def prediction(self, z: Array) -> Array:
        """Return ``phi(z)``."""
        return self.activation.value(z.copy())

    def values(self, z: Array, target: Array) -> Array:
        """Return the sum over units of the squared difference."""
        difference = self.prediction(z) - target
        return np.asarray(np.einsum("ij,ij->i", difference, difference))

    def gradient(self, z: Array, target: Array) -> Array:
        """Return ``2 (phi(z) - target) phi'(z)``."""
        a = self.prediction(z)
        return 2 * (a - target) * self.activation.derivative(a)


@dataclass(frozen=True)
class HuberLoss(Loss):
    """``sum d^2`` with ``d = z - target``, from ``|d| = limit`` on its tangent (Huber 1964).

    So a target far out pulls no harder than one at the limit. Within, values and gradients have the
    bits of `SquaredError`.

    Attributes:
        limit: above 0, in units of the target.
    """

    limit: float = 10.0
    name: ClassVar[str] = "huber"

    def prediction(self, z: Array) -> Array:
        """Return z."""
        return z.copy()

    def values(self, z: Array, target: Array) -> Array:
        """Return the sum over units of ``d^2``, or ``limit (2 |d| - limit)`` beyond."""
        difference = z - target
        within = np.clip(difference, -self.limit, self.limit)
        return np.asarray(np.einsum("ij,ij->i", within, 2 * difference - within))

    def gradient(self, z: Array, target: Array) -> Array:
        """Return ``2 d``, or ``2 limit sign(d)`` beyond."""
        return np.asarray(2 * np.clip(z - target, -self.limit, self.limit))


@dataclass(frozen=True)
class CrossEntropy(Loss):
    """Cross-entropy of independent logistic outputs with targets in [0, 1]."""

    name: ClassVar[str] = "cross-entropy"

    def prediction(self, z: Array) -> Array:
        """Return the logistic function of z."""
        return np.asarray(expit(z))

    def values(self, z: Array, target: Array) -> Array:
        """Return ``sum max(z, 0) - z t + log(1 + exp(-|z|))``, finite wherever z is."""
        return np.asarray(
            (np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z)))).sum(axis=1)
        )

    def gradient(self, z: Array, target: Array) -> Array:
        """Return ``sigmoid(z) - target``."""
        return np.asarray(expit(z) - target)
