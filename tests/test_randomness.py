from __future__ import annotations

import itertools
import json
import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rectinet.randomness import generator, restore, state_of

PURPOSES = [(), ("order",), ("order", 1), ("order", 2), ("corruption", 1), ("initial weights", 1)]
seeds = st.integers(0, 2**64)


@given(seed=seeds, purpose=st.sampled_from(PURPOSES))
def test_the_same_name_gives_the_same_stream(seed: int, purpose: tuple[str | int, ...]) -> None:
    first, second = (generator(seed, *purpose).random(5) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@given(seed=seeds)
def test_each_purpose_and_each_seed_has_a_stream_of_its_own(seed: int) -> None:
    streams = [generator(seed, *purpose).random(5) for purpose in PURPOSES]
    streams += [generator(seed + 1, *purpose).random(5) for purpose in PURPOSES]
    for first, second in itertools.combinations(streams, 2):
        assert not np.intersect1d(first, second).size


def test_streams_of_two_purposes_are_uncorrelated() -> None:
    first, second = (generator(0, name).standard_normal(10_000) for name in ("order", "corruption"))
    # The correlation of n independent pairs deviates by 1 / sqrt(n).
    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / np.sqrt(10_000)


def test_drawing_for_one_purpose_never_shifts_another() -> None:
    alone = generator(0, "corruption").random(5)
    order, noise = generator(0, "order"), generator(0, "corruption")
    order.random(1000)
    np.testing.assert_array_equal(noise.random(5), alone)


@given(seed=seeds, drawn=st.integers(0, 50))
def test_a_restored_generator_goes_on_where_it_was(seed: int, drawn: int) -> None:
    random = generator(seed, "order")
    random.random(drawn, dtype=np.float32)  # an odd number leaves half a word in the buffer
    state = json.loads(json.dumps(state_of(random)))
    expected = random.random(5, dtype=np.float32), random.permutation(9), random.standard_normal(3)
    other = generator(0)
    restore(other, state)
    for result, wanted in zip(
        (other.random(5, dtype=np.float32), other.permutation(9), other.standard_normal(3)),
        expected,
        strict=True,
    ):
        np.testing.assert_array_equal(result, wanted)


def test_a_stored_state_does_not_move_with_the_generator() -> None:
    random = generator(0)
    state = state_of(random)
    first = random.random(5)
    restore(random, state)
    np.testing.assert_array_equal(random.random(5), first)


def test_streams_are_pcg64_with_the_purpose_as_spawn_key() -> None:
    """NumPy keeps PCG64 and SeedSequence the same on every machine and in every version."""
    key = (zlib.crc32(b"corruption"), 2)
    expected = np.random.PCG64(np.random.SeedSequence(7, spawn_key=key))
    assert state_of(generator(7, "corruption", 2)) == expected.state
