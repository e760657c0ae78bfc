"""A study read back, from its runs' folders or from what was saved of it without the weights."""

from __future__ import annotations

from pathlib import Path

from rectinet.errors import StorageError, StudyError
from rectinet.studies.catalog import check_name
from rectinet.studies.folder import StudyFolder
from rectinet.studies.joining import join
from rectinet.studies.results import RunResult, StudyResults, check_reportable, collect
from rectinet.studies.run_reading import read_run
from rectinet.studies.saved import is_saved, read_saved
from rectinet.studies.schema import DESCRIPTION, check


def read_study(folder: Path, *others: Path) -> StudyResults:
    """Read a study folder, or a folder that `save_study` wrote.

    Runs of a study folder whose result is damaged count as unfinished: `run_study` does them again.

    Args:
        folder: the study's.
        others: more folders of the same study, whose runs are added; see `rectinet.studies.join`.

    Raises:
        StudyError: if one is neither, of another version or an unknown or another study, or no
            classifier in it is finished.
        StorageError: if what a folder says of the study, or what was saved, is damaged.
    """
    results = join([_read(each) for each in (folder, *others)])
    check_reportable(results)
    return results


def _read(folder: Path) -> StudyResults:
    store = StudyFolder(folder)
    if is_saved(folder) and not store.exists:
        results = read_saved(folder)
        check_name(results.study, folder)
        return results
    description = store.description()
    check(description, DESCRIPTION, str(folder / "study.json"))
    study = str(description["study"])
    check_name(study, folder)
    runs: list[RunResult] = []
    unfinished, damaged = [], []
    for run in store.runs():
        try:
            if run.finished:
                runs.append(read_run(run, study))
                continue
        except StorageError:
            damaged.append(run.path.name)
        unfinished.append(run.path.name)
    return collect(folder, description, runs, unfinished, damaged)


def find_studies(folder: Path) -> list[Path]:
    """Return the folders directly in `folder` that hold a study or what was saved of one, sorted.

    Whether any run in them is finished is not looked at.

    Raises:
        StudyError: if there is none.
    """
    found = []
    if folder.is_dir():
        found = [
            path for path in sorted(folder.iterdir()) if StudyFolder(path).exists or is_saved(path)
        ]
    if not found:
        raise StudyError(
            f"there is no study in {folder}; give the folder that holds the folders which "
            "`rectinet reproduce` printed"
        )
    return found
