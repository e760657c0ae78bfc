"""A study read back, from its runs' folders or from what was saved of it without the weights."""

from __future__ import annotations

from pathlib import Path

from rectinet.errors import StudyError
from rectinet.studies.condensed import classifier_values, stack_values
from rectinet.studies.folder import StudyFolder
from rectinet.studies.results import (
    BaselineResult,
    ClassifierResult,
    PretrainingResult,
    StudyResults,
)
from rectinet.studies.saved import is_saved, read_saved


def read_study(folder: Path) -> StudyResults:
    """Read a study folder, or a folder that `save_study` wrote.

    Raises:
        StudyError: if it is neither, of another version, or no classifier in it is finished.
        StorageError: if a file in it is damaged.
    """
    store = StudyFolder(folder)
    if is_saved(folder) and not store.exists:
        return read_saved(folder)
    description = store.description()
    classifiers: list[ClassifierResult] = []
    stacks: list[PretrainingResult] = []
    baselines: list[BaselineResult] = []
    unfinished = []
    for run in store.runs():
        if not run.finished:
            unfinished.append(run.path.name)
            continue
        spec = run.spec()
        if spec["type"] == "ClassifierSpec":
            values = classifier_values(run)
            classifiers.append(ClassifierResult(run.path.name, spec, values, run))
        elif spec["type"] == "BaselineSpec":
            baselines.append(BaselineResult(run.path.name, spec, run.result(), run))
        else:
            stacks.append(PretrainingResult(run.path.name, spec, stack_values(run), run))
    if not classifiers:
        raise StudyError(
            f"no run in {folder} is finished yet; run the command that began it once more"
        )
    return StudyResults(
        folder,
        description,
        tuple(classifiers),
        tuple(stacks),
        tuple(unfinished),
        tuple(baselines),
    )


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
