"""What every backend offers: it does runs, and says how many at once."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import joblib

from rectinet.errors import StudyError
from rectinet.studies.execute import execute_elsewhere, execute_on_one_thread, needed_by
from rectinet.studies.folder import RunFolder, StudyFolder
from rectinet.studies.spec import Spec
from rectinet.version import __version__


@dataclass(frozen=True)
class Task:
    """A run of a study."""

    spec: Spec
    study: StudyFolder

    @property
    def folder(self) -> RunFolder:
        """Its folder."""
        return self.study.run(self.spec)


@dataclass(frozen=True)
class Workers:
    """Processes that do runs, and how they are reached.

    Attributes:
        parallel: yields results as they come, one task per run.
        count: how many runs they do at a time.
        lost: what is raised here when the workers, not the run, fail.
        here: whether the workers are processes of this machine that write the runs' folders
            themselves. Others hand their files back, and this process alone writes them: no
            folder need be shared between machines, and a run that a cluster did twice because
            a worker was lost is still written once.
    """

    parallel: joblib.Parallel
    count: int
    lost: tuple[type[BaseException], ...]
    here: bool = False

    def perform(self, tasks: Iterable[Task], data_dir: Path | None) -> None:
        """Do those runs that are not finished.

        Raises:
            StudyError: if the workers failed and did not come back.
        """
        todo = [task for task in tasks if not task.folder.finished]
        try:
            if self.here:
                run = joblib.delayed(execute_on_one_thread)
                with warnings.catch_warnings():
                    # loky replaces a process that data have made larger: no run is lost, the new
                    # process loads them again.
                    warnings.filterwarnings("ignore", "A worker stopped while some jobs")
                    begun = (run(task.spec, task.study.path, data_dir) for task in todo)
                    for _ in self.parallel(begun):
                        pass
            else:
                send = joblib.delayed(execute_elsewhere)
                sent = (
                    send(number, task.spec, needed_by(task.spec, task.study), data_dir, __version__)
                    for number, task in enumerate(todo)
                )
                for number, files in self.parallel(sent):
                    todo[number].folder.receive(files)
        except self.lost as error:
            what = str(error).strip().partition("\n")[0] or type(error).__name__
            raise StudyError(
                f"a worker ended in the middle of a run ({what}); what is finished is kept. Memory "
                "is the usual cause: free some, or use fewer workers, and give the same command "
                "again"
            ) from error
