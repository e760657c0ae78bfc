"""Means and deviations that one outlier does not decide."""

from __future__ import annotations

import numpy as np
import pytest

from rectinet.estimators.tails import LIMIT, deviation_without_tail, moments_without_tail

_NORMAL = np.random.default_rng(0).standard_normal(2000)


def test_without_a_tail_they_are_the_plain_ones() -> None:
    assert moments_without_tail(_NORMAL) == (_NORMAL.mean(), pytest.approx(_NORMAL.std()))
    assert deviation_without_tail(np.array([3.0, -4])) == pytest.approx(np.sqrt(12.5))


def test_they_settle_where_clipped_values_are_at_the_limit() -> None:
    values = np.r_[_NORMAL, 1e9]
    mean, deviation = moments_without_tail(values)
    clipped = values.clip(mean - LIMIT * deviation, mean + LIMIT * deviation)
    assert clipped.mean() == pytest.approx(mean, abs=0.01)
    assert clipped.std() == pytest.approx(deviation, rel=0.01)
    # One of n at 10 deviations adds 100 / n to the variance.
    assert deviation**2 == pytest.approx(1 / (1 - 100 / 2001), rel=0.1)


def test_rare_values_keep_a_deviation() -> None:
    values = np.zeros(1000)
    values[:4] = 6, 8, -6, -8  # root mean square sqrt(50)
    assert moments_without_tail(values + 3) == (3, pytest.approx(np.sqrt(50) / LIMIT))
    assert moments_without_tail(np.full(5, 7.0)) == (7, 0)


def test_a_weight_of_2_counts_twice_and_0_not_at_all() -> None:
    values = np.r_[_NORMAL, 1e6, 50]
    weight = np.r_[np.full(2000, 1.0), 0, 2]
    expected = moments_without_tail(np.r_[_NORMAL, 50, 50])
    assert moments_without_tail(values, weight) == pytest.approx(expected)
