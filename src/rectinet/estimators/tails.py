"""Means and deviations that one outlier does not decide."""

from __future__ import annotations

import numpy as np

from rectinet.nn import Array

LIMIT = 10.0
"""In deviations: what is further out is an outlier.

Of a normal distribution one value in 10^23 is. Inputs are clipped there: a column that is not 0 in
one row of 16,000 would have that row at 126, and one step at the usual learning rate blew up the
network.
"""

# Where so few values differ from all others, or fewer, nothing would be left without them.
_RARE = 1 / LIMIT**2

# One value among n is at most sqrt(n - 1) deviations out, so of few values less is an outlier; of
# ten or fewer, none can be told.
_OF_FEW, _LEAST = 0.75, 3.0

# Where a few percent are one number far out (999 for what is missing), they decide the deviation,
# and none is far out. Then the middle half of the values spans next to nothing of it: of a
# log-normal distribution with sigma 3, the heaviest tail tried, a 54th.
_SQUEEZED = 100.0
_NORMAL_QUARTERS = 1.349  # deviations between the quarters of a normal distribution

# In each round an outlier's share of the deviation falls to LIMIT / sqrt(n): 13 rounds for one
# 10^12 deviations out among 10,000, 660 for 10^200 among 400; the tails of a Cauchy distribution
# settle in about 20.
_ROUNDS, _SETTLED = 2000, 1e-3


def has_tail(values: Array, reach: Array, deviation: Array) -> Array:
    """Return which columns have outliers.

    Args:
        values: shape (n, n_columns).
        reach: the largest distance to the mean in each column, shape (n_columns,).
        deviation: standard deviations, shape (n_columns,).
    """
    middle = _middle(values)
    squeezed = (middle > 0) & (deviation > _SQUEEZED * middle)
    return np.asarray((reach > _limit(len(values), middle) * deviation) | squeezed)


def moments_without_tail(values: Array, weight: Array | None = None) -> tuple[float, float]:
    """Return mean and standard deviation once the values of a heavy tail are clipped.

    What is more than `LIMIT` deviations from the mean is moved there, and both are taken anew,
    until they have settled; without such values they are the plain ones. Of fewer than 178 values
    the limit is lower. If the middle half of the values then spans next to nothing of the
    deviation, they are those of what is left once it is clipped at `LIMIT` deviations of a normal
    distribution with that middle half. If a hundredth of the
    values or fewer differ from the median, as in a column that is seldom anything but 0, it is the
    median, and such a deviation that those few are at about `LIMIT`.

    Args:
        values: shape (n,).
        weight: how much each counts, shape (n,), or None: all the same.
    """
    median = float(np.median(values if weight is None else values[weight > 0]))
    apart = values != median
    if np.average(apart, weights=weight) <= _RARE:
        if not apart.any():
            return median, 0.0
        others = None if weight is None else weight[apart]
        return median, deviation_without_tail(values[apart] - median, others) / LIMIT
    mean = float(np.average(values, weights=weight))
    deviation = _root_mean_square(values - mean, weight)
    middle = float(_middle(values))
    limit = float(_limit(len(values), middle))
    for _ in range(_ROUNDS):
        clipped = np.clip(values, mean - limit * deviation, mean + limit * deviation)
        mean = float(np.average(clipped, weights=weight))
        before = deviation
        deviation = _root_mean_square(clipped - mean, weight)
        if deviation >= (1 - _SETTLED) * before:
            break
    if 0 < middle < deviation / _SQUEEZED:
        clipped = np.clip(values, median - LIMIT * middle, median + LIMIT * middle)
        mean = float(np.average(clipped, weights=weight))
        deviation = _root_mean_square(clipped - mean, weight)
    return mean, deviation


def deviation_without_tail(values: Array, weight: Array | None = None) -> float:
    """Return the root mean square of values once those beyond `LIMIT` times it are clipped.

    Args:
        values: shape (n,), not all 0.
        weight: see `moments_without_tail`.
    """
    magnitude = np.abs(values)
    root = _root_mean_square(magnitude, weight)
    for _ in range(_ROUNDS):
        before = root
        root = _root_mean_square(np.minimum(magnitude, LIMIT * root), weight)
        if root >= (1 - _SETTLED) * before:
            break
    return root


def _limit(n: int, middle: Array | float) -> Array:
    """Return how many deviations from the mean an outlier is; of flags and the like, `LIMIT`."""
    return np.where(np.asarray(middle) > 0, np.clip(_OF_FEW * np.sqrt(n), _LEAST, LIMIT), LIMIT)


def _middle(values: Array) -> Array:
    """Return the deviation of a normal distribution with the same quarters, column by column."""
    lower, upper = np.quantile(values, [0.25, 0.75], axis=0)
    return np.asarray((upper - lower) / _NORMAL_QUARTERS)


def _root_mean_square(values: Array, weight: Array | None) -> float:
    unit = float(power_of_2(np.abs(values).max()))  # an outlier's square may leave the range
    return unit * float(np.sqrt(np.average(np.square(values / unit), weights=weight)))


def power_of_2(largest: Array) -> Array:
    """Return the power of 2 at or below each number, 1 for 0.

    Divided by it, squares stay in the range of floats, and no digit is lost.
    """
    return np.where(largest > 0, np.exp2(np.frexp(largest)[1] - 1.0), 1.0)
