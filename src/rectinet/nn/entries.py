"""Entries of sparse minibatches as sorted positions, and draws over what is not stored.

The position of an entry is ``row * n_columns + column``. Everything here costs as much as there are
entries, stored or drawn; nothing is as large as the dense matrix.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.sparse import csr_array

Array = np.ndarray[Any, np.dtype[Any]]


def canonical(x: csr_array) -> csr_array:
    """Return `x` with columns sorted, each at most once and none of them 0; `x` stays as it is."""
    x = csr_array(x)
    if x.has_canonical_format and (x.data != 0).all():
        return x
    x = x.copy()
    x.sum_duplicates()
    x.eliminate_zeros()
    return x


def positions(x: csr_array) -> Array:
    """Return the positions of the entries of a canonical matrix, ascending, int64."""
    rows = np.repeat(np.arange(x.shape[0], dtype=np.int64), np.diff(x.indptr))
    return np.asarray(rows * x.shape[1] + x.indices[: len(rows)])


def at_positions(position: Array, data: Array, shape: tuple[int, int]) -> csr_array:
    """Return the matrix with `data` at ascending positions, each at most once."""
    starts = np.searchsorted(position, np.arange(shape[0] + 1) * np.int64(shape[1]))
    x = csr_array((data, (position % shape[1]).astype(np.int32), starts), shape=shape)
    x.has_canonical_format = True
    return x


def distinct(position: Array) -> Array:
    """Return positions in ascending order, each once (`np.unique` hashes: seven times slower)."""
    ascending = np.sort(position)
    return ascending[np.diff(ascending, prepend=-1) > 0]


def draw_absent(
    present: Array, size: int, probability: float, random: np.random.Generator
) -> Array:
    """Choose each position that is not present with some probability, independently of the others.

    The gaps between the successes of independent trials are geometric, so only the successes are
    drawn, in ascending order and none twice.

    Args:
        present: ascending positions, each at most once.
        size: number of positions in all.
        probability: of each of the others.
        random: source of the draws.

    Returns:
        The chosen positions, ascending, int64.
    """
    absent = size - len(present)
    if probability <= 0 or absent == 0:
        return np.empty(0, np.int64)
    # Ranks among the absent. Nearly always one round is enough: four deviations more than expected.
    expected = absent * probability
    at_once = int(expected + 4 * math.sqrt(expected)) + 1
    last, rounds = -1, []
    while last < absent - 1:
        # A gap may be as wide as 64 bits can say; wider than all is wide enough.
        gaps = np.minimum(random.geometric(probability, at_once), absent + 1)
        rounds.append(last + np.cumsum(gaps))
        last = int(rounds[-1][-1])
    rank = np.concatenate(rounds)
    rank = rank[: np.searchsorted(rank, absent)]
    # So many present ones lie before the absent one of each rank.
    before = np.searchsorted(present - np.arange(len(present)), rank, side="right")
    return np.asarray(rank + before)
