"""Results of a study, read back from its folders; nothing here trains."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from rectinet.errors import StudyError
from rectinet.studies.folder import RunFolder, StudyFolder
from rectinet.training import EpochRecord


@dataclass(frozen=True)
class ClassifierResult:
    """One finished classifier.

    Attributes:
        folder: where it is.
        spec: what was run, as JSON-ready values.
        values: what came out, as written by `rectinet.studies.execute`.
    """

    folder: RunFolder
    spec: dict[str, Any]
    values: dict[str, Any]

    @property
    def activation(self) -> str:
        """Name of the hidden activation."""
        return str(self.spec["activation"]["type"]).lower()

    @property
    def pretrained(self) -> bool:
        """Whether it started from pre-trained layers."""
        return self.spec["pretraining"] is not None

    @property
    def labels_per_class(self) -> int | None:
        """Labelled training examples of each class; None: all."""
        labels = self.spec["labels_per_class"]
        return None if labels is None else int(labels)

    @property
    def seed(self) -> int:
        """The run's seed."""
        return int(self.spec["seed"])

    @property
    def test_error(self) -> float:
        """Share of wrong test examples."""
        return float(self.values["test_error"])

    @property
    def mean_zeros(self) -> float:
        """Share of exact zeros on the test set, mean over the hidden layers."""
        return float(np.mean(self.values["zeros"]))

    @property
    def records(self) -> list[EpochRecord]:
        """Its epochs."""
        return [EpochRecord.from_json(record) for record in self.values["records"]]


@dataclass(frozen=True)
class PretrainingResult:
    """One finished stack of denoising auto-encoders; attributes as in `ClassifierResult`."""

    folder: RunFolder
    spec: dict[str, Any]
    values: dict[str, Any]


@dataclass(frozen=True)
class StudyResults:
    """All that a study folder holds.

    Attributes:
        folder: where it is.
        description: its ``study.json``.
        classifiers: the finished ones.
        stacks: the finished pre-trained stacks.
        unfinished: how many runs are still to be done.
    """

    folder: Path
    description: dict[str, Any]
    classifiers: tuple[ClassifierResult, ...]
    stacks: tuple[PretrainingResult, ...]
    unfinished: int

    @property
    def dataset(self) -> str:
        """Name of the data set."""
        return str(self.description["dataset"])


@dataclass(frozen=True)
class Summary:
    """Mean of one figure over seeds.

    Attributes:
        mean: over the runs.
        half_width: of the 95% interval of the mean (Student's t over seeds); None for one run.
        n: number of runs.
    """

    mean: float
    half_width: float | None
    n: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Summary:
        """Summarize the figure's values, at least one."""
        array = np.asarray(list(values), np.float64)
        n = len(array)
        half_width = None
        if n > 1:
            half_width = float(stats.t.ppf(0.975, n - 1) * array.std(ddof=1) / math.sqrt(n))
        return cls(float(array.mean()), half_width, n)


def read_study(folder: Path) -> StudyResults:
    """Read a study folder.

    Raises:
        StudyError: if it is not a study folder, of another version, or no classifier in it is
            finished.
        StorageError: if a file in it is damaged.
    """
    store = StudyFolder(folder)
    description = store.description()
    classifiers: list[ClassifierResult] = []
    stacks: list[PretrainingResult] = []
    runs = store.runs()
    finished = [run for run in runs if run.finished]
    for run in finished:
        spec, values = run.spec(), run.result()
        if spec["type"] == "ClassifierSpec":
            classifiers.append(ClassifierResult(run, spec, values))
        else:
            stacks.append(PretrainingResult(run, spec, values))
    if not classifiers:
        raise StudyError(
            f"no run in {folder} is finished yet; run the command that began it once more"
        )
    unfinished = len(runs) - len(finished)
    return StudyResults(folder, description, tuple(classifiers), tuple(stacks), unfinished)


def cell(
    results: Sequence[ClassifierResult],
    activation: str,
    pretrained: bool,
    labels_per_class: int | None = None,
) -> list[ClassifierResult]:
    """Return the runs of one cell of the table, all seeds."""
    return [
        result
        for result in results
        if result.activation == activation
        and result.pretrained == pretrained
        and result.labels_per_class == labels_per_class
    ]
