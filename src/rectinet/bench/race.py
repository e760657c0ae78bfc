"""A race: every contender in its process, at its best number of threads, taking turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np

from rectinet.bench.contenders import Contender
from rectinet.bench.results import Case, Measurement
from rectinet.bench.timing import Effort, interleave, steps_per_block
from rectinet.bench.workers import Worker, WorkerError
from rectinet.errors import SettingError
from rectinet.nn import Array

Watch = Callable[[str, float], None]
"""Is told what goes on, and what share of it is done."""

# A contender whose numbers are further from ours does something else, and its time means nothing.
# Sums of 1000 float32 products differ by some 1e-6.
_AGREEMENT = 1e-3

# Blocks by which the better number of threads is chosen.
_TRIALS = 5


def silent(text: str, share: float) -> None:
    """Watch nothing."""


@dataclass(frozen=True)
class Outcome:
    """What came of one job.

    Attributes:
        measurements: in the order of the contenders, without those that could not take part.
        absent: by name, why a contender did not take part.
    """

    measurements: tuple[Measurement, ...]
    absent: dict[str, str]


class Race:
    """Measures contenders on one job after another; use it as a context manager.

    The first contender is the one to which the others are compared.

    Args:
        task: which of the contenders' builds.
        contenders: those that are not installed are listed as absent.
        threads: each contender takes the fastest of these numbers.
        effort: how long to measure each job.

    Raises:
        SettingError: if a number of threads is not positive.

    Attributes:
        interrupted: whether Ctrl-C ended it; no further job can be run then.
    """

    def __init__(
        self, task: str, contenders: Sequence[Contender], threads: Sequence[int], effort: Effort
    ):
        for number in threads:
            if number < 1:
                raise SettingError(f"threads is {number}; give 1 or more")
        self._task = task
        self._contenders = contenders
        self._threads = threads
        self._effort = effort
        self._workers: dict[tuple[str, int], Worker] = {}
        self.interrupted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def run(self, job: Any, watch: Watch = silent) -> Outcome:
        """Measure all contenders on one job.

        Ctrl-C before the first round is done is passed on; after that, the rounds before it count.

        Raises:
            WorkerError: if the first contender fails.
        """
        absent: dict[str, str] = {}
        ready: dict[str, Worker] = {}
        checks: dict[str, float] = {}
        expected: Array | None = None
        for contender in self._contenders:
            watch(f"warming up {contender.name}", 0.0)
            if not contender.installed:
                absent[contender.name] = "not installed"
                continue
            try:
                worker, numbers = self._fastest(contender, job)
                expected = numbers if expected is None else expected
                checks[contender.name] = _difference(numbers, expected)
            except WorkerError as error:
                if contender is self._contenders[0]:
                    raise WorkerError(f"{contender.name}: {error}") from error
                absent[contender.name] = str(error)
            else:
                ready[contender.name] = worker
        return self._measure(ready, checks, absent, watch)

    def collect(self, cases: Iterator[Case]) -> tuple[Case, ...]:
        """Take what comes, until there is no more or Ctrl-C ends it."""
        collected = []
        try:
            for case in cases:
                collected.append(case)
                if self.interrupted:
                    break
        except KeyboardInterrupt:
            self.interrupted = True
        return tuple(collected)

    def _measure(
        self,
        ready: dict[str, Worker],
        checks: dict[str, float],
        absent: dict[str, str],
        watch: Watch,
    ) -> Outcome:
        started = time.perf_counter()

        def after_round(done: int) -> None:
            share = done / self._effort.rounds
            if self._effort.seconds:
                share = max(share, (time.perf_counter() - started) / self._effort.seconds)
            watch(f"round {done}", min(1.0, share))

        blocks = {name: worker.block for name, worker in ready.items()}
        rounds = interleave(blocks, self._effort, after_round=after_round)
        if rounds.interrupted:
            self.interrupted = True
            self._close()  # whoever was at work has an answer to give that nobody waits for
            if not any(rounds.seconds.values()):
                raise KeyboardInterrupt
        else:
            for worker in ready.values():
                worker.unload()
        versions = {contender.name: contender for contender in self._contenders}
        measurements = tuple(
            Measurement(name, versions[name].version, ready[name].threads, seconds, checks[name])
            for name, seconds in rounds.seconds.items()
        )
        return Outcome(measurements, absent)

    def _close(self) -> None:
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()

    def _fastest(self, contender: Contender, job: Any) -> tuple[Worker, Array]:
        """Return the contender at its best number of threads, and its check numbers."""
        candidates = []
        for threads in self._threads:
            worker = self._worker(contender, threads)
            worker.load(job)
            candidates.append(worker)
        numbers = [worker.call("check") for worker in candidates]
        best = fastest(candidates, self._effort.block)
        for index, worker in enumerate(candidates):
            if index != best:
                worker.unload()
        return candidates[best], numbers[best]

    def _worker(self, contender: Contender, threads: int) -> Worker:
        key = contender.key, threads
        if key not in self._workers:
            self._workers[key] = Worker(contender.builds[self._task], threads, contender.first)
        return self._workers[key]


def fastest(candidates: Sequence[Worker], block: float) -> int:
    """Return the number of the fastest of some loaded workers, after a few blocks in turn.

    Sets each worker's `steps` to what takes about `block` seconds.
    """
    for worker in candidates:
        worker.steps = 1
        worker.steps = steps_per_block(worker.block(), block)
    if len(candidates) == 1:
        return 0
    trials = [[worker.block() for worker in candidates] for _ in range(_TRIALS)]
    # Other work on the machine only ever adds, most of all to several threads.
    return int(np.argmin(np.min(trials, axis=0)))


def thread_choices(threads: int) -> tuple[int, ...]:
    """Return the numbers of threads to try: one and all."""
    return (1, threads) if threads > 1 else (threads,)


def _difference(numbers: Array, expected: Array) -> float:
    """Return the largest difference, relative to the largest number.

    Raises:
        WorkerError: if it is more than rounding.
    """
    if not numbers.size:  # it computes nothing that could be compared
        return 0.0
    difference = float(np.abs(numbers - expected).max() / np.abs(expected).max())
    if not difference < _AGREEMENT:
        raise WorkerError(f"it computes something else (relative difference {difference:.2g})")
    return difference
