"""Fair timing: everybody does a block in turn, many rounds, and each round is compared by itself.

A shared machine changes its speed by a factor of two within seconds. Such a change meets all
contenders of a round, so ratios within a round keep their meaning when times do not.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rectinet.errors import SettingError

Block = Callable[[], float]
"""Does some steps and returns the seconds that one of them took."""


@dataclass(frozen=True)
class Effort:
    """How long to measure.

    Attributes:
        rounds: blocks of each contender.
        seconds: begin no further round after so many, once every contender has had one; None: no
            such limit.
        block: seconds that one block should take.
    """

    rounds: int = 25
    seconds: float | None = None
    block: float = 0.1

    def __post_init__(self) -> None:
        if self.rounds < 1:
            raise SettingError(f"rounds is {self.rounds}; give 1 or more")
        if self.seconds is not None and not self.seconds > 0:
            raise SettingError(f"seconds is {self.seconds:g}; give more than 0")


@dataclass(frozen=True)
class Rounds:
    """What came of it.

    Attributes:
        seconds: by contender, seconds per step, one entry for each complete round.
        interrupted: whether Ctrl-C ended it.
    """

    seconds: Mapping[str, tuple[float, ...]]
    interrupted: bool = False


def interleave(
    blocks: Mapping[str, Block],
    effort: Effort,
    *,
    clock: Callable[[], float] = time.perf_counter,
    after_round: Callable[[int], None] = lambda done: None,
) -> Rounds:
    """Let every contender do a block in turn, in the opposite order in every second round.

    Turning round keeps one contender from always following the same other one. Ctrl-C drops the
    round under way.
    """
    done: dict[str, list[float]] = {name: [] for name in blocks}
    order = list(blocks)
    started, interrupted = clock(), False
    try:
        for number in range(effort.rounds):
            current = {name: blocks[name]() for name in order}
            for name, seconds in current.items():
                done[name].append(seconds)
            order.reverse()
            after_round(number + 1)
            if effort.seconds is not None and clock() - started >= effort.seconds:
                break
    except KeyboardInterrupt:
        interrupted = True
        complete = min(map(len, done.values()))
        done = {name: values[:complete] for name, values in done.items()}
    return Rounds({name: tuple(values) for name, values in done.items()}, interrupted)


def median_ratio(seconds: Sequence[float], ours: Sequence[float]) -> float:
    """Return the median over rounds of `seconds` / `ours`: how many times longer it took."""
    return statistics.median(a / b for a, b in zip(seconds, ours, strict=True))


def steps_per_block(seconds_per_step: float, block: float) -> int:
    """Return how many steps take about `block` seconds: 2 to 5000."""
    return min(5000, max(2, round(block / max(seconds_per_step, 1e-9))))
