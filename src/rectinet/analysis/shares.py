"""How distributed a code is: how evenly the units share the work over a data set.

Between a local code, in which a few units do everything, and one in which all units do the same
amount, the paper wants codes that are "distributed, but sparse" (section 2.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import entr

from rectinet.analysis.codes import BATCH_SIZE, Array, Inputs, batched_outputs, check_layers


@dataclass(frozen=True, eq=False)
class UnitShares:
    """Each unit's share of its layer's activity.

    Attributes:
        n_examples: how many examples were looked at.
        shares: per layer, shape (n_units,): the unit's sum of ``|h|`` over all examples, divided by
            the layer's; they add up to 1, or are all 0 in a layer that is never on.
    """

    n_examples: int
    shares: tuple[Array, ...]

    @property
    def effective_units(self) -> tuple[float, ...]:
        """Per layer, exp of the entropy of the shares: n equal units count n, dead ones nothing."""
        return tuple(
            float(np.exp(entr(share).sum())) if share.any() else 0.0 for share in self.shares
        )

    @property
    def evenness(self) -> tuple[float, ...]:
        """Per layer, the entropy of the shares over its largest value log(n_units).

        1 where all units do the same, 0 where one does everything, or none anything (Pielou's
        evenness). A layer of one unit that is ever on has 1.
        """
        return tuple(
            _normalized(share) if len(share) > 1 else float(share.any()) for share in self.shares
        )

    @property
    def gini(self) -> tuple[float, ...]:
        """Per layer, the Gini coefficient: 0 if all units do the same, near 1 if one does all."""
        return tuple(_gini(share) for share in self.shares)


def unit_shares(layers: Sequence[Any], X: Inputs, *, batch_size: int = BATCH_SIZE) -> UnitShares:
    """Measure how much of its layer's activity each unit carries.

    `rescale` leaves all of it alone: shares are taken within a layer.

    Args:
        layers: bottom to top, of any activation.
        X: inputs, shape (n, n_features), dense or sparse.
        batch_size: how many examples at a time.

    Raises:
        InputError: if `X` or the layers' numbers cannot be used.
        SettingError: if the layers do not fit together, or `batch_size` is not positive.
    """
    check_layers(layers)
    sums = [np.zeros(layer.weight.shape[1]) for layer in layers]
    n_examples = 0
    for rows, values in batched_outputs(layers, X, batch_size=batch_size):
        n_examples += len(rows)
        for total, h in zip(sums, values[1:], strict=True):
            total += np.abs(h).sum(axis=0, dtype=np.float64)
    shares = tuple(total / (total.sum() or 1.0) for total in sums)
    return UnitShares(n_examples, shares)


def _normalized(share: Array) -> float:
    return min(1.0, float(entr(share).sum() / np.log(len(share))))  # rounding may exceed 1


def _gini(share: Array) -> float:
    """Return ``sum_i (2 i - n - 1) s_i / (n sum s)`` of the ascending shares, i from 1."""
    n = len(share)
    if not share.any():
        return 0.0
    weights = 2 * np.arange(1, n + 1) - n - 1
    return max(0.0, float(weights @ np.sort(share) / (n * share.sum())))
