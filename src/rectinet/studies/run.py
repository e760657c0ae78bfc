"""All runs of a study, on the cores of this machine or on a cluster."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from rectinet.errors import SettingError, StorageError
from rectinet.studies.backends import open_workers
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
        runs: the classifiers and what stands beside them; the pre-training they need is done
            first, each stack once.
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
    everything: Sequence[Spec] = (*study.pretraining, *study.runs)
    planned = {spec.seed for spec in everything}
    wanted = planned if seeds is None else set(seeds)
    if unknown := wanted - planned:
        raise SettingError(
            f"there is no run with seed {min(unknown)}; the study has seeds up to {max(planned)}: "
            "ask for more seeds, or for others of them"
        )
    stages = [
        [spec for spec in stage if spec.seed in wanted] for stage in (study.pretraining, study.runs)
    ]
    here = [spec for stage in stages for spec in stage]
    with open_workers(backend, address, jobs) as workers:
        store = StudyFolder(folder)
        store.begin(study.name, study.dataset, study.protocol, everything)
        console = console or Console(stderr=True)
        for spec in here:
            _heal(store.run(spec), study.name, console)
        with StudyProgress([store.run(spec) for spec in here], workers, console):
            for stage in stages:
                todo = [spec for spec in stage if not store.run(spec).finished]
                for _ in workers.perform(todo, store, data_dir):
                    pass


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
