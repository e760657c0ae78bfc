"""All runs of one study or several, on the cores of this machine or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

from rich.console import Console

from rectinet.errors import StorageError
from rectinet.studies.backends import open_workers
from rectinet.studies.claim import claim
from rectinet.studies.folder import RunFolder, StudyFolder
from rectinet.studies.progress import StudyProgress
from rectinet.studies.run_reading import read_run
from rectinet.studies.stages import Stages, groups_of, stages_of
from rectinet.studies.study import Study


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
        StudyError: if the folder holds another study or another version's, another process is
            working in it, or a cluster failed.
        StorageError: if something cannot be written.
        KeyboardInterrupt: after Ctrl-C; all finished epochs are kept.
    """
    run_studies(
        [(study, folder)],
        data_dir=data_dir,
        jobs=jobs,
        backend=backend,
        address=address,
        seeds=seeds,
        console=console,
    )


def run_studies(
    studies: Sequence[tuple[Study, Path]],
    *,
    data_dir: Path | None = None,
    jobs: int | None = None,
    backend: str = "local",
    address: str | None = None,
    seeds: Collection[int] | None = None,
    console: Console | None = None,
    ended: Callable[[Path], None] | None = None,
) -> None:
    """Do the runs of several studies, each as `run_study` does it.

    Beside the stacks of a study, those runs are done that need none, those of the study before that
    waited for its stacks, and the studies after it that have no stacks.

    Args:
        studies: what to run, at least one, in this order, and each one's folder.
        data_dir: see `run_study`.
        jobs: see `run_study`.
        backend: see `run_study`.
        address: see `run_study`.
        seeds: of every study; see `run_study`.
        console: see `run_study`.
        ended: called with the folder of each study when its last run is finished.

    Raises:
        SettingError, StudyError, StorageError, KeyboardInterrupt: see `run_study`; another
            study's folder is found before anything runs.
    """
    console = console or Console(stderr=True)
    todo = [stages_of(study, StudyFolder(folder), seeds) for study, folder in studies]
    with open_workers(backend, address, jobs) as workers, ExitStack() as claims:

        def begin(group: Sequence[Stages]) -> None:
            for stages in group:
                claims.enter_context(claim(stages.store.path))
                stages.begin()

        for stages in todo:
            stages.check()
        for stages in todo:
            for task in stages.tasks:
                _heal(task.folder, stages.study.name, console)
        folders = [task.folder for stages in todo for task in stages.tasks]
        groups = groups_of(todo)
        # Before the progress bar, which would stand beside the reason why it cannot be written.
        begin(groups[0])
        with StudyProgress(folders, workers, console):
            before: list[Stages] = []
            for group, after in pairwise([*groups, [], []]):
                # Stacks first: others wait for them.
                tasks = (
                    *(task for stages in group for task in stages.stacks),
                    *(task for stages in before for task in stages.dependent),
                    *(task for stages in group for task in stages.independent),
                )
                workers.perform(tasks, data_dir)
                for stages in (*before, *(each for each in group if not each.dependent)):
                    if ended:
                        ended(stages.store.path)
                begin(after)
                before = [stages for stages in group if stages.dependent]


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
