"""Noise that a denoising auto-encoder has to undo; fresh for every minibatch (PAPER section 2).

Dense minibatches and CSR ones are corrupted alike, though not by the same draws: on CSR, only
entries that are stored or added are drawn.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np
from scipy.sparse import csr_array, issparse

from rectinet.errors import SettingError
from rectinet.nn.choices import check_choice
from rectinet.nn.entries import at_positions, canonical, draw_absent, positions

Array = np.ndarray[Any, np.dtype[Any]]
Minibatch: TypeAlias = Array | csr_array


def _check_share(name: str, value: float) -> None:
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise SettingError(f"{name} is {value!r}; it is a probability, give a number from 0 to 1")


class Corruption(ABC):
    """A random change of a minibatch of inputs."""

    name: ClassVar[str]

    @abstractmethod
    def __call__(self, x: Minibatch, random: np.random.Generator) -> Minibatch:
        """Return a corrupted copy of `x`; `x` stays as it is.

        Args:
            x: shape (n, n_in), dense or CSR.
            random: source of the noise.

        Returns:
            Same shape and dtype. Of CSR again CSR, columns sorted and none stored as 0, unless the
            noise reaches every input (`Gaussian`).
        """


@dataclass(frozen=True)
class NoCorruption(Corruption):
    """Leaves the input as it is: a plain auto-encoder."""

    name: ClassVar[str] = "none"

    def __call__(self, x: Minibatch, random: np.random.Generator) -> Minibatch:
        """Return `x` itself."""
        return x


@dataclass(frozen=True)
class Masking(Corruption):
    """Sets each input to 0 with probability `level`."""

    level: float = 0.25
    name: ClassVar[str] = "masking"

    def __post_init__(self) -> None:
        _check_share("the masking level", self.level)

    def __call__(self, x: Minibatch, random: np.random.Generator) -> Minibatch:
        """Return `x` with a share `level` of its entries set to 0."""
        if issparse(x):
            return _kept_and_added(x, self.level, 0.0, random)
        keep = random.random(x.shape, dtype=np.float32) >= self.level
        return x * keep


@dataclass(frozen=True)
class SaltAndPepper(Corruption):
    """``x * Bern(1 - off) + [x == 0] * Bern(on)``: the noise of binary text.

    Attributes:
        off: probability that an input is set to 0.
        on: probability that an input that is 0 is set to 1.
    """

    off: float = 0.8
    on: float = 0.005
    name: ClassVar[str] = "salt-and-pepper"

    def __post_init__(self) -> None:
        _check_share("the salt-and-pepper share set to 0", self.off)
        _check_share("the salt-and-pepper share set to 1", self.on)

    def __call__(self, x: Minibatch, random: np.random.Generator) -> Minibatch:
        """Return `x` with non-zeros dropped and zeros turned into ones."""
        if issparse(x):
            return _kept_and_added(x, self.off, self.on, random)
        # One draw serves both: an entry is either zero or not.
        draw = random.random(x.shape, dtype=np.float32)
        return np.where(x == 0, draw < self.on, x * (draw >= self.off)).astype(x.dtype)


@dataclass(frozen=True)
class Gaussian(Corruption):
    """``x + N(0, sigma^2)``: noise on every input, so what comes of CSR is dense."""

    sigma: float = 0.25
    name: ClassVar[str] = "gaussian"

    def __post_init__(self) -> None:
        if not isinstance(self.sigma, int | float) or not 0 <= self.sigma < math.inf:
            raise SettingError(
                f"the Gaussian corruption's sigma is {self.sigma!r}; give a finite number >= 0"
            )

    def __call__(self, x: Minibatch, random: np.random.Generator) -> Minibatch:
        """Return `x` plus independent Gaussian noise."""
        if issparse(x):
            x = csr_array(x).toarray()
        noise = random.standard_normal(x.shape, dtype=np.float32)
        return (x + self.sigma * noise).astype(x.dtype)


def _kept_and_added(x: csr_array, off: float, on: float, random: np.random.Generator) -> csr_array:
    """Return ``x * Bern(1 - off) + [x == 0] * Bern(on)``."""
    x = canonical(x)
    n_columns = np.int64(x.shape[1])
    before = positions(x)
    keep = random.random(x.nnz, dtype=np.float32) >= off
    added = draw_absent(before, x.shape[0] * n_columns, on, random)
    position = np.concatenate([before[keep], added])
    data = np.concatenate([x.data[keep], np.ones(len(added), x.dtype)])
    order = np.argsort(position, kind="stable")  # which merges two sorted runs
    return at_positions(position[order], data[order], x.shape)


_CORRUPTIONS: dict[str, type[Corruption]] = {
    kind.name: kind for kind in (NoCorruption, Masking, SaltAndPepper, Gaussian)
}


def corruption(name: str, *levels: float) -> Corruption:
    """Return a corruption by name.

    Args:
        name: ``"none"``, ``"masking"`` (level), ``"salt-and-pepper"`` (share set to 0, share set
            to 1) or ``"gaussian"`` (standard deviation).
        levels: as above; the defaults of the class where none are given.

    Raises:
        SettingError: if the name is unknown, a level is out of range, or there are too many.
    """
    check_choice(name, "corruption", _CORRUPTIONS)
    kind = _CORRUPTIONS[name]
    n_levels = len(getattr(kind, "__match_args__", ()))
    if len(levels) > n_levels:
        raise SettingError(f"corruption {name!r} takes {n_levels} levels; {len(levels)} were given")
    return kind(*levels)
