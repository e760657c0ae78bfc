"""Who watches the training: nobody, or progress bars."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from rectinet.training.records import EpochRecord


class Observer(Protocol):
    """Is told what the loop does; must not change anything."""

    def started(self, stage: str, epochs: int, done: int) -> None:
        """A stage begins, or goes on after `done` finished epochs."""
        ...

    def minibatch(self, done: int, total: int) -> None:
        """A minibatch of the current epoch is done."""
        ...

    def epoch(self, record: EpochRecord) -> None:
        """An epoch is done."""
        ...


class Silent:
    """Watches nothing."""

    def started(self, stage: str, epochs: int, done: int) -> None:
        """Do nothing."""

    def minibatch(self, done: int, total: int) -> None:
        """Do nothing."""

    def epoch(self, record: EpochRecord) -> None:
        """Do nothing."""


class ProgressBars:
    """A bar per stage, with the last epoch's figures beside it. Use it as a context manager."""

    def __init__(self, console: Console | None = None):
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("epochs {task.fields[figures]}"),
            TimeRemainingColumn(),
            console=console or Console(stderr=True),
        )
        self._task: TaskID | None = None
        self._epochs_done = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def started(self, stage: str, epochs: int, done: int) -> None:
        """Open the stage's bar."""
        self._epochs_done = done
        self._task = self._progress.add_task(stage, total=epochs, completed=done, figures="")

    def minibatch(self, done: int, total: int) -> None:
        """Move the bar within the epoch."""
        if self._task is not None and done % max(1, total // 50) == 0:
            self._progress.update(self._task, completed=self._epochs_done + done / total)

    def epoch(self, record: EpochRecord) -> None:
        """Show the epoch's figures."""
        self._epochs_done = record.epoch
        error = record.evaluation.error
        figures = f"loss {record.evaluation.loss:.4g}"
        figures += "" if error is None else f", error {error:.2%}"
        if self._task is not None:
            self._progress.update(self._task, completed=record.epoch, figures=figures)
