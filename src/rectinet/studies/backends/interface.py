"""What every backend offers: it does runs, and says how many at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import joblib

from rectinet.errors import StudyError
from rectinet.studies.execute import execute_elsewhere, execute_on_one_thread, needed_by
from rectinet.studies.folder import StudyFolder
from rectinet.studies.spec import Spec
from rectinet.version import __version__


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

    def perform(
        self, specs: Sequence[Spec], study: StudyFolder, data_dir: Path | None
    ) -> Iterator[None]:
        """Do runs; yield after each, when its folder is finished.

        Raises:
            StudyError: if the workers failed and did not come back.
        """
        try:
            if self.here:
                run = joblib.delayed(execute_on_one_thread)
                for _ in self.parallel(run(spec, study.path, data_dir) for spec in specs):
                    yield
            else:
                send = joblib.delayed(execute_elsewhere)
                tasks = (
                    send(spec, needed_by(spec, study), data_dir, __version__) for spec in specs
                )
                for name, files in self.parallel(tasks):
                    study.run_named(name).receive(files)
                    yield
        except self.lost as error:
            what = str(error).strip().partition("\n")[0] or type(error).__name__
            raise StudyError(
                f"a worker ended in the middle of a run ({what}); what is finished is kept. Memory "
                "is the usual cause: free some, or use fewer workers, and give the same command "
                "again"
            ) from error
