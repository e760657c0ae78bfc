"""Results of a study as they are reported, whole or without the weights; nothing here trains."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from scipy import stats

from rectinet.errors import StudyError
from rectinet.nn import Array
from rectinet.studies.folder import RunFolder
from rectinet.studies.schema import check_run

T = TypeVar("T", bound="RunResult")


@dataclass(frozen=True)
class RunResult:
    """One finished run.

    Attributes:
        name: of its folder.
        spec: what was run, as JSON-ready values.
        values: what came out.
        folder: where its weights are; None for results that were saved without them.
    """

    name: str
    spec: dict[str, Any]
    values: dict[str, Any]
    folder: RunFolder | None

    @property
    def seed(self) -> int:
        """The run's seed."""
        return int(self.spec["seed"])


class ClassifierResult(RunResult):
    """One finished classifier.

    `values` are as `rectinet.studies.condensed.classifier_values` has them.
    """

    @property
    def activation(self) -> str:
        """Name of the hidden activation."""
        return _activation(self.spec)

    @property
    def sharpness(self) -> float | None:
        """A softplus' alpha; infinite for the rectifier, its limit; None for any other."""
        if self.activation == "rectifier":
            return math.inf
        alpha = self.spec["activation"].get("alpha")
        return None if alpha is None else float(alpha)

    @property
    def activation_l1(self) -> float:
        """Strength of the L1 penalty on the activations, mean over the hidden layers."""
        return float(np.mean(self.spec["settings"]["activation_l1"]))

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
    def test_error(self) -> float:
        """Share of wrong test examples."""
        return float(self.values["test_error"])

    @property
    def mean_zeros(self) -> float:
        """Share of exact zeros on the test set, mean over the hidden layers."""
        return float(np.mean(self.values["zeros"]))

    @property
    def wrong(self) -> Array | None:
        """Which test examples are wrong, (n_test,) bool; None if the run did not keep them."""
        found: Array | None = self.values["wrong"]
        return found


class PretrainingResult(RunResult):
    """One finished stack of denoising auto-encoders.

    `values` are as `rectinet.studies.condensed.stack_values` has them.
    """


class DivergedResult(RunResult):
    """A run that ended without a network: its loss was not finite, or a layer died."""

    @property
    def reason(self) -> str:
        """What diverged, where, and the cure."""
        return str(self.values["diverged"]["message"])


class BaselineResult(RunResult):
    """One finished linear model; `values` are those of ``result.json``."""

    @property
    def code(self) -> str | None:
        """Activation of the stack whose code it was given; None: the inputs."""
        stack = self.spec["pretraining"]
        return None if stack is None else _activation(stack)

    @property
    def n_labels(self) -> int | None:
        """How many training examples kept their label; None: all."""
        n_labels = self.spec["n_labels"]
        return None if n_labels is None else int(n_labels)


def _activation(network: Mapping[str, Any]) -> str:
    return str(network["activation"]["type"]).lower()


@dataclass(frozen=True)
class StudyResults:
    """All that a study folder holds.

    Attributes:
        folder: where it is.
        description: its ``study.json``.
        classifiers: the finished ones.
        stacks: the finished pre-trained stacks.
        unfinished_runs: names of the runs that are still to be done.
        baselines: the finished linear models.
        diverged: the runs that ended without figures.
        damaged_runs: names of those of the unfinished runs whose result cannot be read.
    """

    folder: Path
    description: dict[str, Any]
    classifiers: tuple[ClassifierResult, ...]
    stacks: tuple[PretrainingResult, ...]
    unfinished_runs: tuple[str, ...]
    baselines: tuple[BaselineResult, ...] = ()
    diverged: tuple[DivergedResult, ...] = ()
    damaged_runs: tuple[str, ...] = ()

    @property
    def study(self) -> str:
        """Name of the study."""
        return str(self.description["study"])

    @property
    def dataset(self) -> str:
        """Name of the data set."""
        return str(self.description["dataset"])

    @property
    def unfinished(self) -> int:
        """How many runs are still to be done."""
        return len(self.unfinished_runs)

    @property
    def runs(self) -> tuple[RunResult, ...]:
        """All finished runs, those that diverged among them."""
        return (*self.classifiers, *self.stacks, *self.baselines, *self.diverged)


_KINDS: Mapping[str, type[RunResult]] = {
    "ClassifierSpec": ClassifierResult,
    "PretrainingSpec": PretrainingResult,
    "BaselineSpec": BaselineResult,
}


def run_result(
    name: str, spec: dict[str, Any], values: dict[str, Any], folder: RunFolder | None, study: str
) -> RunResult:
    """Return a finished run as the kind of result that it is.

    Args:
        name: of its folder.
        spec: what was run.
        values: what came out.
        folder: where its weights are, if they are.
        study: name of the study.

    Raises:
        StorageError: if something in it is missing or wrong.
    """
    kind = _KINDS[check_run(name, spec, values, study)]
    return (DivergedResult if "diverged" in values else kind)(name, spec, values, folder)


def collect(
    folder: Path,
    description: dict[str, Any],
    runs: Sequence[RunResult],
    unfinished: Sequence[str],
    damaged: Sequence[str] = (),
) -> StudyResults:
    """Sort the finished runs of a study by kind.

    Args:
        folder: where it is.
        description: its ``study.json``.
        runs: the finished ones.
        unfinished: names of the others.
        damaged: names of those of the others whose result cannot be read.
    """

    def of_kind(kind: type[T]) -> tuple[T, ...]:
        return tuple(run for run in runs if isinstance(run, kind))

    return StudyResults(
        folder,
        description,
        of_kind(ClassifierResult),
        of_kind(PretrainingResult),
        tuple(unfinished),
        of_kind(BaselineResult),
        of_kind(DivergedResult),
        tuple(damaged),
    )


def check_reportable(results: StudyResults) -> None:
    """Check that there is something to report.

    Raises:
        StudyError: if no classifier has figures.
    """
    diverged = results.diverged
    if not results.classifiers and diverged:
        raise StudyError(
            f"no classifier in {results.folder} has figures; {len(diverged)} runs diverged, such "
            f"as {diverged[0].name}: {diverged[0].reason}"
        )
    if not results.classifiers:
        raise StudyError(
            f"no run in {results.folder} is finished yet; run the command that began it once more"
        )


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
