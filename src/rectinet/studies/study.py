"""What a study is: a named set of runs."""

from __future__ import annotations

from dataclasses import dataclass

from rectinet.studies.spec import BaselineSpec, ClassifierSpec, PretrainingSpec


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
