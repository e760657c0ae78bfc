"""Draws over what a sparse matrix does not store."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from rectinet.nn.entries import at_positions, canonical, draw_absent, positions


@given(
    present=st.sets(st.integers(0, 11)), chosen=st.sets(st.integers(0, 11)), p=st.floats(0.01, 0.99)
)
def test_every_subset_of_the_absent_comes_from_its_own_gaps(
    successes: Callable[..., Any], present: set[int], chosen: set[int], p: float
) -> None:
    absent = sorted(set(range(12)) - present)
    ranks = [rank for rank, position in enumerate(absent) if position in chosen]
    drawn = draw_absent(np.array(sorted(present), np.int64), 12, p, successes(ranks))
    np.testing.assert_array_equal(drawn, sorted(chosen - present))


@given(
    seed=st.integers(0, 99),
    share=st.floats(0, 1),
    p=st.one_of(st.sampled_from([0.0, 1e-300, 1e-9, 1.0]), st.floats(0, 1)),
)
def test_drawn_positions_are_absent_ascending_and_within(seed: int, share: float, p: float) -> None:
    random = np.random.default_rng(seed)
    present = np.flatnonzero(random.random(60) < share)
    drawn = draw_absent(present, 60, p, random)
    assert (np.diff(drawn) > 0).all()
    assert not np.intersect1d(drawn, present).size
    assert ((drawn >= 0) & (drawn < 60)).all()
    if p in (0, 1):
        assert len(drawn) == p * (60 - len(present))


def test_the_number_drawn_is_binomial() -> None:
    random, p, absent, repeats = np.random.default_rng(0), 0.01, 9_000, 400
    counts = [len(draw_absent(np.arange(1000), 10_000, p, random)) for _ in range(repeats)]
    deviation = math.sqrt(absent * p * (1 - p))
    # Five deviations of a mean, and of a deviation (of nearly normal numbers), of 400 draws.
    assert abs(np.mean(counts) - absent * p) < 5 * deviation / math.sqrt(repeats)
    assert abs(np.std(counts) - deviation) < 5 * deviation / math.sqrt(2 * repeats)


def test_a_hundred_million_absent_cost_what_is_drawn() -> None:
    drawn = draw_absent(np.array([5]), 10**14, 1e-11, np.random.default_rng(0))
    assert 800 < len(drawn) < 1200  # 1000 expected; six deviations
    assert drawn.max() > 9 * 10**13


def test_positions_and_back(random: np.random.Generator) -> None:
    dense = random.random((5, 7)) * (random.random((5, 7)) < 0.4)
    dense[2] = 0
    x = csr_array(dense)
    np.testing.assert_array_equal(positions(x), np.flatnonzero(dense))
    back = at_positions(positions(x), x.data, x.shape)
    back.check_format(full_check=True)
    np.testing.assert_array_equal(back.toarray(), dense)


@pytest.mark.parametrize(
    ("columns", "data"),
    [([3, 1], [1.0, 2.0]), ([1, 3, 1], [1.5, 1.0, 0.5]), ([0, 1, 3], [0.0, 2.0, 1.0])],
    ids=["unsorted", "repeated", "stored zero"],
)
def test_every_spelling_becomes_the_canonical_one(columns: list[int], data: list[float]) -> None:
    x = csr_array((data, columns, [0, len(columns)]), shape=(1, 4))
    before = x.data.copy()
    same = canonical(x)
    assert same.has_canonical_format
    assert (same.indices.tolist(), same.data.tolist()) == ([1, 3], [2.0, 1.0])
    np.testing.assert_array_equal(x.data, before)
