"""What is shown while a study runs: runs done, runs under way, and the estimated end."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from rectinet.studies.backends import Workers
from rectinet.studies.folder import RunFolder

_REFRESH = 0.3
"""Seconds between two looks at the folders."""
_MEMORY = 3600.0
"""Seconds over which the speed is measured: an epoch may take minutes, a run an hour."""


class StudyProgress:
    """Shows the progress of runs from a thread of its own.

    Args:
        runs: the folders of all runs, finished or not. Those that are done on this machine say in
            a file in which epoch they are.
        workers: who does them.
        console: where to; None: standard error.
    """

    def __init__(
        self,
        runs: Sequence[RunFolder],
        workers: Workers,
        console: Console | None = None,
    ):
        self._n_runs = len(runs)
        self._unfinished = list(runs)
        self._workers = workers
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._progress = Progress(
            TextColumn("{task.fields[finished]} of {task.total:.0f} runs"),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[current]}"),
            console=console or Console(stderr=True),
            speed_estimate_period=_MEMORY,
        )
        self._task = self._progress.add_task("", total=len(runs), finished=0, current="")

    def __enter__(self) -> Self:
        self._update()
        self._progress.start()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._update()
        self._progress.stop()

    def _watch(self) -> None:
        while not self._stop.wait(_REFRESH):
            self._update()

    def _update(self) -> None:
        self._unfinished = [run for run in self._unfinished if not run.finished]
        finished = self._n_runs - len(self._unfinished)
        share, current = 0.0, []
        for run in self._unfinished:
            try:
                state = json.loads(run.progress.read_bytes())
                share += state["share"]
            except (OSError, ValueError, KeyError):
                continue
            current.append(f"{state['stage']} {state['epoch']}/{state['epochs']}")
        self._progress.update(
            self._task,
            completed=finished + share,
            finished=finished,
            current="" if self._stop.is_set() else self._under_way(current),
        )

    def _under_way(self, epochs: Sequence[str]) -> str:
        if self._workers.here:
            return ", ".join(epochs[:2])
        running = min(self._workers.count, len(self._unfinished))
        return f"{running} running" if running else ""
