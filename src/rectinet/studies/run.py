"""All runs of a study, on the cores of this machine, one BLAS thread each.

One thread per run: two runs side by side finish sooner than one after the other on two threads,
and a result then does not depend on the number of cores.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import joblib
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from threadpoolctl import threadpool_limits

from rectinet.errors import SettingError
from rectinet.studies.execute import execute
from rectinet.studies.folder import RunFolder, StudyFolder
from rectinet.studies.spec import ClassifierSpec, PretrainingSpec, Spec


@dataclass(frozen=True)
class Study:
    """A named set of runs.

    Attributes:
        name: e.g. ``"image-table"``.
        dataset: name of the data set.
        protocol: ``"quick"`` or ``"paper"``.
        runs: the classifiers; the pre-training they need is done first, each stack once.
    """

    name: str
    dataset: str
    protocol: str
    runs: tuple[ClassifierSpec, ...]

    @property
    def pretraining(self) -> tuple[PretrainingSpec, ...]:
        """The distinct stacks that the runs start from."""
        return tuple(dict.fromkeys(run.pretraining for run in self.runs if run.pretraining))


def run_study(
    study: Study,
    folder: Path,
    *,
    data_dir: Path | None = None,
    jobs: int | None = None,
    console: Console | None = None,
) -> None:
    """Do all runs that are not finished yet.

    Args:
        study: what to run.
        folder: where the runs' folders go; finished runs found there are not done again, begun
            ones go on from their last finished epoch.
        data_dir: where the data sets' files are; None: see `rectinet.data.locate`.
        jobs: runs at the same time; None: one per core.
        console: where progress is shown; None: standard error.

    Raises:
        SettingError: if `jobs` is below 1.
        StudyError: if the folder holds another study or another version's.
        StorageError: if something cannot be written.
        DivergedError: if a run diverges.
        KeyboardInterrupt: after Ctrl-C; all finished epochs are kept.
    """
    if jobs is not None and jobs < 1:
        raise SettingError(f"jobs is {jobs}; give 1 or more, or leave it out: one per core")
    store = StudyFolder(folder)
    stages: tuple[Sequence[Spec], ...] = (study.pretraining, study.runs)
    everything = [spec for stage in stages for spec in stage]
    store.begin(study.name, study.dataset, study.protocol, everything)
    parallel = joblib.Parallel(
        n_jobs=jobs or len(os.sched_getaffinity(0)),
        backend="loky",
        return_as="generator_unordered",
    )
    with StudyProgress([store.run(spec) for spec in everything], console):
        for stage in stages:
            todo = [spec for spec in stage if not store.run(spec).finished]
            for _ in parallel(
                joblib.delayed(_execute_on_one_thread)(spec, folder, data_dir) for spec in todo
            ):
                pass


def _execute_on_one_thread(spec: Spec, study: Path, data_dir: Path | None) -> None:
    # Here and not by joblib's setting, which does nothing for a single job in this process.
    with threadpool_limits(1):
        execute(spec, study, data_dir)


class StudyProgress:
    """Shows runs done, runs under way with their epochs, and the estimated end."""

    def __init__(self, runs: Sequence[RunFolder], console: Console | None = None):
        self._runs = runs
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._progress = Progress(
            TextColumn("{task.fields[finished]} of {task.total:.0f} runs"),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[current]}"),
            console=console or Console(stderr=True),
        )
        self._task = self._progress.add_task("", total=len(runs), finished=0, current="")

    def __enter__(self) -> Self:
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
        while not self._stop.wait(0.3):
            self._update()

    def _update(self) -> None:
        finished, share, current = 0, 0.0, []
        for run in self._runs:
            if run.finished:
                finished += 1
                continue
            try:
                state = json.loads(run.progress.read_bytes())
            except (OSError, ValueError):
                continue
            share += state["epoch"] / max(1, state["epochs"])
            current.append(f"{state['stage']} {state['epoch']}/{state['epochs']}")
        self._progress.update(
            self._task,
            completed=finished + share,
            finished=finished,
            current="" if self._stop.is_set() else ", ".join(current[:2]),
        )
