"""Turns, medians and ratios, with clocks that the tests wind."""

import itertools

import pytest

from rectinet.bench.timing import Effort, Rounds, interleave, median_ratio, steps_per_block
from rectinet.errors import SettingError


class Turns:
    """Blocks that write down who was called, and take a given time each."""

    def __init__(self, **seconds):
        self.called = []
        self.blocks = {name: self._block(name, iter(each)) for name, each in seconds.items()}

    def _block(self, name, seconds):
        def block():
            self.called.append(name)
            value = next(seconds)
            if value is KeyboardInterrupt:
                raise KeyboardInterrupt
            return value

        return block


def test_everybody_has_a_turn_in_every_round_and_the_order_turns_round():
    turns = Turns(a=itertools.count(), b=itertools.count(), c=itertools.count())
    rounds = interleave(turns.blocks, Effort(rounds=3))
    assert "".join(turns.called) == "abccbaabc"
    assert rounds == Rounds({"a": (0, 1, 2), "b": (0, 1, 2), "c": (0, 1, 2)})


def test_the_limit_in_seconds_ends_it_after_a_whole_round():
    clock = itertools.count(0, 4)  # start, then after each round: 0, 4, 8, 12
    turns = Turns(a=itertools.repeat(1.0), b=itertools.repeat(1.0))
    effort = Effort(rounds=100, seconds=10)
    rounds = interleave(turns.blocks, effort, clock=lambda: next(clock))
    assert [len(each) for each in rounds.seconds.values()] == [3, 3]


def test_there_is_one_round_however_short_the_limit():
    clock = itertools.count(0, 1000)
    turns = Turns(a=[1.0])
    rounds = interleave(turns.blocks, Effort(rounds=5, seconds=1e-9), clock=lambda: next(clock))
    assert rounds.seconds == {"a": (1.0,)}


def test_ctrl_c_drops_the_round_under_way():
    turns = Turns(a=[1.0, 2.0, 3.0], b=[4.0, 5.0, KeyboardInterrupt])
    rounds = interleave(turns.blocks, Effort(rounds=9))
    assert rounds == Rounds({"a": (1.0, 2.0), "b": (4.0, 5.0)}, interrupted=True)


def test_ctrl_c_between_rounds_keeps_all_that_is_done():
    def stop(done):
        raise KeyboardInterrupt

    turns = Turns(a=[1.0], b=[2.0])
    rounds = interleave(turns.blocks, Effort(rounds=9), after_round=stop)
    assert rounds == Rounds({"a": (1.0,), "b": (2.0,)}, interrupted=True)


def test_ratios_are_taken_within_rounds():
    # The machine is ten times slower in the second round: no ratio notices.
    assert median_ratio((3.0, 30.0, 3.0), (1.0, 10.0, 1.0)) == 3
    # The ratio of the medians would be 1.
    assert median_ratio((2.0, 4.0, 9.0), (4.0, 1.0, 3.0)) == 3


@pytest.mark.parametrize(
    ("per_step", "block", "steps"),
    [(0.01, 0.1, 10), (1.0, 0.1, 2), (1e-9, 0.1, 5000), (0.0, 0.1, 5000)],
)
def test_a_block_takes_about_the_time_that_it_should(per_step, block, steps):
    assert steps_per_block(per_step, block) == steps


@pytest.mark.parametrize(
    ("settings", "match"),
    [({"rounds": 0}, "rounds is 0"), ({"seconds": 0}, "seconds"), ({"seconds": -1}, "-1")],
)
def test_nonsense_is_refused(settings, match, raises_one_line):
    with raises_one_line(SettingError, match):
        Effort(**settings)
