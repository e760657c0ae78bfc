"""Numbered pieces of work, done ahead in the background and handed over in order."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Production:
    """How pieces are made.

    Attributes:
        make: makes the piece with a number; must not depend on any other piece.
        workers: how many are made at the same time; 0: none ahead.
        processes: in processes instead of threads.
        ahead: how many may wait.
    """

    make: Callable[[int], Any]
    workers: int
    processes: bool
    ahead: int

    @contextlib.contextmanager
    def run(self, start: int) -> Iterator[Iterator[Any]]:
        """Make pieces `start`, `start` + 1, ... for as long as the context is open.

        Leaving it, for whatever reason, cancels what has not begun and waits for the rest, which
        is a piece per worker.
        """
        if not self.workers:
            yield map(self.make, itertools.count(start))
            return
        executor = self._executor()
        try:
            yield self._in_order(executor, start)
        finally:
            executor.shutdown(wait=True, cancel_futures=True)

    def _executor(self) -> Executor:
        if not self.processes:
            return ThreadPoolExecutor(self.workers, thread_name_prefix="rectinet-stream")
        # Not by fork: it would copy the locks of the kernels' threads in whatever state they are.
        return ProcessPoolExecutor(
            self.workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(self.make,),
        )

    def _in_order(self, executor: Executor, start: int) -> Iterator[Any]:
        make = _make if self.processes else self.make
        waiting: deque[Future[Any]] = deque()
        for number in itertools.count(start):
            with _without_ctrl_c() if self.processes else contextlib.nullcontext():
                waiting.append(executor.submit(make, number))
            if len(waiting) > max(self.ahead, self.workers):
                yield waiting.popleft().result()


@contextlib.contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Hold Ctrl-C back: a process started meanwhile never hears of it, not even while it starts.

    Where signals cannot be held back (Windows), `_begin` alone has to do.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


_made_by: list[Callable[[int], Any]] = []
"""In a worker process: what makes the pieces. It is sent once, for it holds the images."""


def _begin(make: Callable[[int], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends this process
    _made_by[:] = [make]


def _make(number: int) -> Any:
    return _made_by[0](number)
