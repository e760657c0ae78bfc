"""Whether the same units stay on when the input changes a little (paper section 2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse

from rectinet.analysis.codes import (
    BATCH_SIZE,
    Array,
    Inputs,
    batched_outputs,
    check_layers,
    outputs,
    read_inputs,
    switches,
)
from rectinet.errors import SettingError
from rectinet.randomness import generator

STRENGTHS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True, eq=False)
class PerturbationStability:
    """How the set of active units answers to noise.

    Two sets are compared by their overlap (Jaccard): units on in both over units on in either; 1
    for two empty sets.

    Attributes:
        n_examples: how many examples were looked at.
        strengths: length of the noise over the length of the input.
        noise_on: ``"all"`` inputs, or the ``"nonzero"`` ones only.
        overlap: shape (n_layers, n_strengths): mean overlap with the set of the clean input.
        switched: shape (n_layers, n_strengths): mean share of a layer's units that go on or off.
        between_examples: shape (n_layers,): mean overlap of two different examples drawn at
            random, what noise would do that left nothing of the input; NaN for a single example.
    """

    n_examples: int
    strengths: tuple[float, ...]
    noise_on: str
    overlap: Array
    switched: Array
    between_examples: Array


def perturbation_stability(
    layers: Sequence[Any],
    X: Inputs,
    *,
    strengths: Sequence[float] = STRENGTHS,
    noise_on: str | None = None,
    seed: int = 0,
    batch_size: int = BATCH_SIZE,
) -> PerturbationStability:
    """Add noise to each input and compare the active units before and after.

    The noise has a random direction (Gaussian) and an exact length: strength times the length of
    the input. The same direction is used at all strengths.

    Args:
        layers: rectifier layers, bottom to top.
        X: inputs, shape (n, n_features), dense or sparse.
        strengths: lengths of the noise, relative to the input's; 0 or more.
        noise_on: ``"all"``: every input is moved; ``"nonzero"``: zeros stay zeros. None: all of
            dense inputs, the non-zero ones of sparse inputs, which then stay sparse.
        seed: of the noise and of the pairs of examples.
        batch_size: how many examples at a time.

    Raises:
        InputError: if `X` or the layers' numbers cannot be used.
        SettingError: if a layer's units are never off (other than rectifiers), a strength is
            negative or not finite, or `noise_on` is unknown or would make sparse inputs dense.
    """
    check_layers(layers)
    for number, layer in enumerate(layers, start=1):
        if not switches(layer):
            raise SettingError(
                f"layer {number} has the activation {layer.activation.name!r}, whose units are "
                "never off; give rectifier layers only"
            )
    matrix = read_inputs(X, layers)
    levels = _strengths(strengths)
    where = _where(noise_on, issparse(matrix))
    random = generator(seed, "analysis", "perturbation")
    n, n_layers = matrix.shape[0], len(layers)
    overlap, switched = np.zeros((2, n_layers, len(levels)))
    # Neighbors on a random round trip: two different examples, wherever X is sorted by class.
    trip = random.permutation(n)
    partner = np.empty(n, np.int64)
    partner[trip] = np.roll(trip, 1)
    between = np.zeros(n_layers)
    for rows, values in batched_outputs(layers, matrix, batch_size=batch_size):
        clean = [h != 0 for h in values[1:]]
        noise = _noise(values[0], where, random)
        for column, level in enumerate(levels):
            moved = values[0] + noise * values[0].dtype.type(level)
            for index, h in enumerate(outputs(layers, moved)[1:]):
                now = h != 0
                overlap[index, column] += _overlaps(clean[index], now).sum()
                switched[index, column] += (clean[index] != now).mean(axis=1).sum()
        for index, h in enumerate(outputs(layers, matrix[partner[rows]])[1:]):
            between[index] += _overlaps(clean[index], h != 0).sum()
    if n == 1:
        between[:] = np.nan
    return PerturbationStability(n, levels, where, overlap / n, switched / n, between / n)


def _strengths(strengths: Sequence[float]) -> tuple[float, ...]:
    try:
        levels = tuple(float(level) for level in strengths)
    except (TypeError, ValueError):
        levels = ()
    if not levels or not all(0 <= level < np.inf for level in levels):
        raise SettingError(
            f"strengths is {strengths!r}; give a list of at least one finite number of 0 or "
            "more, such as [0.1]"
        )
    return levels


def _where(noise_on: str | None, sparse: bool) -> str:
    if noise_on is None:
        return "nonzero" if sparse else "all"
    if noise_on not in ("all", "nonzero"):
        raise SettingError(f"noise_on is {noise_on!r}; use 'all', 'nonzero' or None")
    if sparse and noise_on == "all":
        raise SettingError(
            "noise_on is 'all' but X is sparse, and would have to become dense; use 'nonzero'"
        )
    return noise_on


def _noise(x: Any, where: str, random: np.random.Generator) -> Any:
    """Return noise of the length of each row, shape of `x`; rows of zeros get none."""
    if issparse(x):
        noise = x.copy()
        noise.data = random.standard_normal(len(x.data)).astype(x.dtype)
        noise.data[x.data == 0] = 0  # stored zeros
        lengths, drawn = (np.sqrt(_squares(each)) for each in (x, noise))
        scale = np.divide(lengths, drawn, out=np.zeros_like(drawn), where=drawn > 0)
        noise.data *= np.repeat(scale, np.diff(x.indptr)).astype(x.dtype)
        return noise
    noise = random.standard_normal(x.shape).astype(x.dtype)
    if where == "nonzero":
        noise *= x != 0
    lengths, drawn = (np.linalg.norm(each, axis=1) for each in (x, noise))
    noise *= np.divide(lengths, drawn, out=np.zeros_like(drawn), where=drawn > 0)[:, None]
    return noise


def _squares(x: Any) -> Array:
    return np.asarray(x.multiply(x).sum(axis=1)).ravel()


def _overlaps(first: Array, second: Array) -> Array:
    """Return the overlap of each pair of rows of two masks, shape (n,)."""
    both = np.count_nonzero(first & second, axis=1)
    either = np.count_nonzero(first | second, axis=1)
    overlaps: Array = np.divide(both, either, out=np.ones(len(both)), where=either > 0)
    return overlaps
