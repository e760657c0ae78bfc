"""All runs of one study or several, on the cores of this machine or on a cluster."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from rectinet.errors import SettingError, StorageError
from rectinet.studies.backends import Task, open_workers
from rectinet.studies.folder import RunFolder, StudyFolder
from rectinet.studies.progress import StudyProgress
from rectinet.studies.run_reading import read_run
from rectinet.studies.spec import BaselineSpec, ClassifierSpec, PretrainingSpec, Spec


@dataclass(frozen=True)
class Study:
    """A named set of runs.

    Attributes:
        name: e.g. ``"image-table"``.
        dataset: name of the data set, or of the family that its runs' data sets belong to.
        protocol: ``"quick"`` or ``"paper"``.
        runs: the classifiers and what stands beside them; the pre-training that some need is done
            before them, each stack once.
    """

    name: str
    dataset: str
    protocol: str
    runs: tuple[ClassifierSpec | BaselineSpec, ...]

    @property
    def pretraining(self) -> tuple[PretrainingSpec, ...]:
        """The distinct stacks that the runs start from."""
        return tuple(dict.fromkeys(run.pretraining for run in self.runs if run.pretraining))

    @property
    def datasets(self) -> tuple[str, ...]:
        """The distinct data sets of the runs."""
        return tuple(dict.fromkeys(run.dataset for run in self.runs))


@dataclass(frozen=True)
class _Plan:
    """The runs of one study that are wanted now, by when they can begin."""

    study: Study
    store: StudyFolder
    stacks: list[Task]
    independent: list[Task]
    dependent: list[Task]

    @property
    def tasks(self) -> list[Task]:
        """All of them."""
        return [*self.stacks, *self.independent, *self.dependent]


def run_study(
    study: Study,
    folder: Path,
    *,
    data_dir: Path | None = None,
    jobs: int | None = None,
    backend: str = "local",
    address: str | None = None,
    seeds: Collection[int] | None = None,
    console: Console | None = None,
) -> None:
    """Do all runs that are not finished yet, and once more those whose result is damaged.

    A run that diverges is recorded with its reason, and the others go on.

    Args:
        study: what to run.
        folder: where the runs' folders go; finished runs found there are not done again, begun
            ones go on from their last finished epoch.
        data_dir: where the data sets' files are, on every machine that does runs; None: see
            `rectinet.data.locate`.
        jobs: runs at the same time on this machine; None: one per core.
        backend: who does the runs: ``"local"`` (this machine), ``"dask"`` or ``"ray"``; the
            bits are the same where the machines are.
        address: of the Dask scheduler or the Ray cluster.
        seeds: those whose runs are done now; the others stay unfinished. None: all.
        console: where progress is shown; None: standard error.

    Raises:
        SettingError: if `jobs` is below 1, the backend is unknown or cannot be used, or no run
            has one of the seeds.
        StudyError: if the folder holds another study or another version's, or a cluster failed.
        StorageError: if something cannot be written.
        KeyboardInterrupt: after Ctrl-C; all finished epochs are kept.
    """
    for _ in run_studies(
        [(study, folder)],
        data_dir=data_dir,
        jobs=jobs,
        backend=backend,
        address=address,
        seeds=seeds,
        console=console,
    ):
        pass


def run_studies(
    studies: Sequence[tuple[Study, Path]],
    *,
    data_dir: Path | None = None,
    jobs: int | None = None,
    backend: str = "local",
    address: str | None = None,
    seeds: Collection[int] | None = None,
    console: Console | None = None,
) -> Iterator[Path]:
    """Do the runs of several studies, each as `run_study` does it; yield the folders as they end.

    Nobody waits between two studies: the stacks of the next are trained beside the runs that
    still belong to the one before, and so are runs that need no stack.

    Args:
        studies: what to run, in this order, and each one's folder.
        data_dir: see `run_study`.
        jobs: see `run_study`.
        backend: see `run_study`.
        address: see `run_study`.
        seeds: of every study; see `run_study`.
        console: see `run_study`.

    Raises:
        SettingError, StudyError, StorageError, KeyboardInterrupt: see `run_study`; another
            study's folder is found before anything runs.
    """
    plans = [_plan(study, StudyFolder(folder), seeds) for study, folder in studies]
    console = console or Console(stderr=True)
    with open_workers(backend, address, jobs) as workers:
        for plan in plans:
            everything = (*plan.study.pretraining, *plan.study.runs)
            plan.store.begin(plan.study.name, plan.study.dataset, plan.study.protocol, everything)
        for plan in plans:
            for task in plan.tasks:
                _heal(task.folder, plan.study.name, console)
        folders = [task.folder for plan in plans for task in plan.tasks]
        with StudyProgress(folders, workers, console):
            waiting: list[Task] = []
            for number, plan in enumerate(plans):
                # Stacks first: others wait for them, and they take the longest.
                workers.perform([*plan.stacks, *waiting, *plan.independent], data_dir)
                waiting = plan.dependent
                if number > 0:
                    yield plans[number - 1].store.path
            workers.perform(waiting, data_dir)
            yield plans[-1].store.path


def _plan(study: Study, store: StudyFolder, seeds: Collection[int] | None) -> _Plan:
    """Sort the runs of the wanted seeds.

    Raises:
        SettingError: if no run has one of the seeds.
    """
    planned = {spec.seed for spec in (*study.pretraining, *study.runs)}
    wanted = planned if seeds is None else set(seeds)
    if unknown := wanted - planned:
        raise SettingError(
            f"there is no run with seed {min(unknown)}; the study has seeds up to {max(planned)}: "
            "ask for more seeds, or for others of them"
        )

    def tasks(specs: Iterable[Spec]) -> list[Task]:
        return [Task(spec, store) for spec in specs if spec.seed in wanted]

    return _Plan(
        study,
        store,
        stacks=tasks(study.pretraining),
        independent=tasks(run for run in study.runs if run.pretraining is None),
        dependent=tasks(run for run in study.runs if run.pretraining is not None),
    )


def _heal(run: RunFolder, study: str, console: Console) -> None:
    """Take a damaged result away and say so."""
    if not run.finished:
        return
    try:
        read_run(run, study)
    except StorageError as error:
        run.discard()
        said = f"rectinet: a result is damaged and its run is done again: {error}"
        console.print(said, soft_wrap=True, markup=False, highlight=False)
