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


@pytest.mark.parametrize("n", [20, 30, 90, 101, 102, 150, 1000])
@pytest.mark.parametrize("outlier", [100.0, -1e6, 1e12])
def test_one_outlier_among_any_number_leaves_the_others_their_deviation(
    n: int, outlier: float
) -> None:
    values = np.random.default_rng(n).normal(5, 2, n)
    plain = moments_without_tail(values)
    values[n // 2] = outlier
    mean, deviation = moments_without_tail(values)
    assert mean == pytest.approx(plain[0], abs=4)
    assert deviation < 4 * plain[1]


@pytest.mark.parametrize("share", [0.01, 0.02, 0.05, 0.2])
@pytest.mark.parametrize("number", [999.0, -1e6, 9.97e36])
def test_one_number_for_what_is_missing_leaves_the_others_their_deviation(
    share: float, number: float
) -> None:
    values = np.random.default_rng(0).normal(0, 1, 1000)
    values[: int(share * 1000)] = number
    mean, deviation = moments_without_tail(values)
    assert abs(mean) < 3
    assert deviation < 6


@pytest.mark.parametrize("n", [5, 20, 90])
def test_a_flag_that_is_seldom_set_has_its_plain_moments(n: int) -> None:
    values = np.zeros(n)
    values[2] = 1
    assert moments_without_tail(values) == pytest.approx((values.mean(), values.std()))


def test_few_values_without_an_outlier_have_their_plain_moments() -> None:
    random = np.random.default_rng(0)
    for n in (5, 20, 60, 100):
        values = random.random(n)
        mean, deviation = moments_without_tail(values)
        assert mean == pytest.approx(values.mean())
        assert deviation == pytest.approx(values.std())
