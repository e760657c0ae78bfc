"""What one epoch leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Evaluation:
    """Measurements on the evaluation examples.

    Attributes:
        loss: mean cost, without penalties.
        error: share of wrong classes, from 0 to 1; None where there are no classes.
        zeros: share of exact zeros in each hidden layer's output.
        dead_units: units per hidden layer that are 0 for every evaluation example.
        blocked: share of the non-zero reconstruction targets whose cost passes no gradient
            although the reconstruction is wrong (paper 3.2, strategy D); None in fine-tuning.
        kernels: who did the arithmetic of the epoch: calls by pass and kernel, such as
            ``"forward native"``.
        rmse: root of the mean squared error of the expected value, in units of the values, where
            classes are the values of a rating; None elsewhere.
    """

    loss: float
    error: float | None
    zeros: tuple[float, ...]
    dead_units: tuple[int, ...]
    blocked: float | None = None
    kernels: Mapping[str, int] = field(default_factory=dict)
    rmse: float | None = None


@dataclass(frozen=True)
class EpochRecord:
    """One epoch of one stage of training.

    Attributes:
        stage: e.g. ``"fine-tuning"`` or ``"pre-training layer 2"``.
        epoch: counted from 1.
        learning_rate: one per trained layer.
        training_loss: mean cost over the epoch's minibatches, without penalties.
        training_error: share of wrong classes over the epoch's minibatches, or None.
        evaluation: measurements after the epoch.
        evaluated_on: ``"validation"``, or ``"training"`` where no validation data was given.
        seconds: wall time of the epoch, evaluation included.
    """

    stage: str
    epoch: int
    learning_rate: tuple[float, ...]
    training_loss: float
    training_error: float | None
    evaluation: Evaluation
    evaluated_on: str
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON-ready values."""
        content = asdict(self)
        if self.evaluation.rmse is None:
            del content["evaluation"]["rmse"]
        return content

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> EpochRecord:
        """Rebuild a record from what `to_json` returned."""
        evaluation = dict(content["evaluation"])
        evaluation["zeros"] = tuple(evaluation["zeros"])
        evaluation["dead_units"] = tuple(evaluation["dead_units"])
        fields = {**content, "learning_rate": tuple(content["learning_rate"])}
        return cls(**{**fields, "evaluation": Evaluation(**evaluation)})
