"""Which units are exactly zero, and for how many examples (paper sections 2.2 and 4.1).

Off means exactly 0, of either sign of zero; there is no threshold. Tanh, sigmoid and linear units
can be measured too: they are hardly ever off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rectinet.analysis.codes import BATCH_SIZE, Array, Inputs, batched_outputs, check_layers


@dataclass(frozen=True, eq=False)
class SparsityProfile:
    """In how many examples each unit was on.

    Attributes:
        n_examples: how many examples were looked at.
        active: per layer, shape (n_units,), int64: the examples for which the unit is not 0.
    """

    n_examples: int
    active: tuple[Array, ...]

    @property
    def unit_zeros(self) -> tuple[Array, ...]:
        """Per layer, shape (n_units,): the share of examples for which the unit is exactly 0."""
        return tuple(1 - counts / self.n_examples for counts in self.active)

    @property
    def zeros(self) -> tuple[float, ...]:
        """The share of exact zeros of each layer, mean over examples and units."""
        return tuple(1 - float(counts.mean()) / self.n_examples for counts in self.active)

    @property
    def mean_zeros(self) -> float:
        """The mean of `zeros` over the layers, the figure that the paper gives per data set."""
        return float(np.mean(self.zeros))

    @property
    def dead(self) -> tuple[Array, ...]:
        """Per layer, the numbers of the units that are 0 for every example, ascending."""
        return tuple(np.flatnonzero(counts == 0) for counts in self.active)


def sparsity_profile(
    layers: Sequence[Any], X: Inputs, *, batch_size: int = BATCH_SIZE
) -> SparsityProfile:
    """Count, for every unit, the examples for which it is on.

    Args:
        layers: bottom to top; hidden layers alone, to count as the paper does.
        X: inputs, shape (n, n_features), dense or sparse.
        batch_size: how many examples at a time.

    Raises:
        InputError: if `X` or the layers' numbers cannot be used.
        SettingError: if the layers do not fit together, or `batch_size` is not positive.
    """
    check_layers(layers)
    active = [np.zeros(layer.weight.shape[1], np.int64) for layer in layers]
    n_examples = 0
    for rows, values in batched_outputs(layers, X, batch_size=batch_size):
        n_examples += len(rows)
        for counts, h in zip(active, values[1:], strict=True):
            counts += np.count_nonzero(h, axis=0)
    return SparsityProfile(n_examples, tuple(active))


def active_unit_counts(layers: Sequence[Any], X: Inputs, *, batch_size: int = BATCH_SIZE) -> Array:
    """Count, for every example, the units that are on: the size of its code.

    The paper's "efficient variable-size representation" (section 2.2) is that this varies.

    Args:
        layers: bottom to top.
        X: inputs, shape (n, n_features), dense or sparse.
        batch_size: how many examples at a time.

    Returns:
        Shape (n, n_layers), int64.

    Raises:
        InputError: if `X` or the layers' numbers cannot be used.
        SettingError: if the layers do not fit together, or `batch_size` is not positive.
    """
    counts = [
        np.stack([np.count_nonzero(h, axis=1) for h in values[1:]], axis=1)
        for _, values in batched_outputs(layers, X, batch_size=batch_size)
    ]
    return np.concatenate(counts).astype(np.int64, copy=False)


def dead_units(
    layers: Sequence[Any], X: Inputs, *, batch_size: int = BATCH_SIZE
) -> tuple[Array, ...]:
    """Return, per layer, the numbers of the units that are 0 for every example, ascending.

    No gradient reaches such a unit through these examples, so they cannot wake it.

    Args:
        layers: bottom to top.
        X: inputs, shape (n, n_features), dense or sparse.
        batch_size: how many examples at a time.

    Raises:
        InputError: if `X` or the layers' numbers cannot be used.
        SettingError: if the layers do not fit together, or `batch_size` is not positive.
    """
    return sparsity_profile(layers, X, batch_size=batch_size).dead
