"""The one loop that walks over minibatches."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rectinet import randomness
from rectinet.errors import DivergedError, SettingError, StorageError
from rectinet.nn import Array
from rectinet.training.checkpoint import Checkpoint, State
from rectinet.training.objective import Objective
from rectinet.training.observer import Observer, Silent
from rectinet.training.records import EpochRecord, Evaluation

# Examples that a layer is looked for in at once.
_AT_ONCE = 256

DECAY = 5.0
"""What the learning rates are divided by where training has come to a halt (`Schedule.decays`)."""


@dataclass(frozen=True)
class Schedule:
    """How long to train.

    Attributes:
        epochs: passes over the training examples, at most.
        batch_size: examples per minibatch (paper: 10).
        patience: stop after so many epochs in a row without a better evaluation; None: never.
        keep_best: end with the weights of the best evaluation rather than the last.
        tolerance: a loss counts as better if it is lower by more than this.
        decays: how often all learning rates are divided by `DECAY` where training would stop, and
            the patience begins anew; 0: training stops. With decays, and without validation
            examples, an epoch's training loss is what has to get better: it is the mean of many
            minibatches, where an evaluation is the chance of the last few steps.
    """

    epochs: int
    batch_size: int = 10
    patience: int | None = None
    keep_best: bool = True
    tolerance: float = 0.0
    decays: int = 0

    def __post_init__(self) -> None:
        if self.epochs < 0:
            raise SettingError(f"epochs is {self.epochs}; give 0 or more")
        if self.batch_size < 1:
            raise SettingError(f"batch_size is {self.batch_size}; give 1 or more")
        if self.patience is not None and self.patience < 1:
            raise SettingError(f"patience is {self.patience}; give 1 or more, or None")
        if self.decays < 0:
            raise SettingError(f"decays is {self.decays}; give 0 or more")


def score(evaluation: Evaluation) -> tuple[float, float]:
    """Order evaluations, lower is better: by what is reported of ratings or classes, then by loss.

    Of ratings that is the error of the expected value, of classes the share of wrong ones.
    """
    reported = evaluation.error if evaluation.rmse is None else evaluation.rmse
    return (reported if reported is not None else 0.0, evaluation.loss)


class Loop:
    """Trains an objective epoch by epoch; iterate over it to run it.

    Yields one `EpochRecord` per epoch, after the epoch's checkpoint is on disk. Ctrl-C ends the
    iteration at the last finished epoch and sets `interrupted`. `finish` leaves the kept weights
    in the objective's layers.

    Args:
        objective: what is trained.
        schedule: for how long.
        order: draws the order of the examples.
        observer: is told about progress.
        checkpoint: where the state is kept; a state found there is taken up at once.

    Attributes:
        records: of the finished epochs.
        best_epoch: the epoch with the best evaluation; 0 before the first.
        interrupted: whether Ctrl-C ended the run.
    """

    def __init__(
        self,
        objective: Objective,
        schedule: Schedule,
        order: np.random.Generator,
        observer: Observer | None = None,
        checkpoint: Checkpoint | None = None,
    ):
        self._objective = objective
        self._schedule = schedule
        self._observer = observer or Silent()
        self._checkpoint = checkpoint
        self._generators = {"order": order, **objective.generators}
        self.records: list[EpochRecord] = []
        self._records_json: list[dict[str, Any]] = []
        self.best_epoch = 0
        # The epoch from which the patience counts, and the decays until then.
        self._patient_from = self._decays = 0
        self.interrupted = False
        # Without `keep_best`, both are one: an epoch's copy of a wide layer takes half a gigabyte.
        self._last = self._best = self._parameters()
        state = checkpoint.load() if checkpoint else None
        if state:
            try:
                self._restore(state)
            except (KeyError, TypeError, ValueError) as error:
                raise StorageError(
                    f"the checkpoint is damaged ({error!r}); delete its folder to start afresh"
                ) from error
            self._last = self._parameters()

    def __iter__(self) -> Iterator[EpochRecord]:
        """Run the remaining epochs.

        Raises:
            DivergedError: at the first loss that is not finite, or when a layer has no active
                unit left.
        """
        self._observer.started(self._objective.stage, self._schedule.epochs, len(self.records))
        while not self._finished():
            try:
                record = self._epoch(len(self.records) + 1)
                self._keep(record)
            except KeyboardInterrupt:
                self._set_parameters(self._last)
                self.interrupted = True
                return
            yield record

    def finish(self) -> None:
        """Put the kept weights into the objective's layers."""
        if self._schedule.keep_best and self.best_epoch:
            self._set_parameters(self._best)

    def best_evaluation(self) -> Evaluation | None:
        """Return the kept epoch's evaluation, or None before the first epoch."""
        if not self.records:
            return None
        return self._best_evaluation() if self._schedule.keep_best else self.records[-1].evaluation

    def _best_evaluation(self) -> Evaluation:
        return self.records[self.best_epoch - 1].evaluation

    def _is_better(self, record: EpochRecord) -> bool:
        error, loss = self._score(record)
        best = self._score(self.records[self.best_epoch - 1])
        return (error, loss + self._schedule.tolerance) < best

    def _score(self, record: EpochRecord) -> tuple[float, float]:
        if self._schedule.decays and record.evaluated_on == "training":
            return (0.0, record.training_loss)
        return score(record.evaluation)

    def _stale(self) -> bool:
        patience = self._schedule.patience
        return patience is not None and len(self.records) - self._patient_from >= patience

    def _finished(self) -> bool:
        done = len(self.records)
        return done >= self._schedule.epochs or (self._stale() and done > 0)

    def _keep(self, record: EpochRecord) -> None:
        self._last = self._parameters()
        better = self._note(record)
        if better or not self._schedule.keep_best:
            self._best = self._last
        self._records_json.append(record.to_json())
        if self._checkpoint:
            self._checkpoint.save(self._state())
        self._observer.epoch(record)

    def _note(self, record: EpochRecord) -> bool:
        """Add a record, lower the learning rates if it is time, and return whether it is the best.

        What it does follows from the records alone, so that a resumed run does the same.
        """
        better = not self.best_epoch or self._is_better(record)
        if better:
            self.best_epoch = self._patient_from = record.epoch
        self.records.append(record)
        if self._stale() and self._decays < self._schedule.decays:
            self._decays += 1
            self._patient_from = record.epoch
            for update in self._objective.updates:
                update.learning_rate /= DECAY
        return better

    def _epoch(self, epoch: int) -> EpochRecord:
        started = time.perf_counter()
        objective, n, size = self._objective, self._objective.n_examples, self._schedule.batch_size
        objective.begin(epoch)
        order = self._generators["order"].permutation(n)
        starts = range(0, n, size)
        total, wrong = 0.0, 0
        # A diverging run overflows; it is reported below, not by a warning.
        with np.errstate(over="ignore", invalid="ignore"):
            for number, start in enumerate(starts, start=1):
                rows = order[start : start + size]
                step = objective.step(rows)
                if not math.isfinite(step.loss):
                    raise self._diverged(epoch, f"minibatch {number} of {len(starts)}", rows)
                total += step.loss * len(rows)
                wrong += step.wrong or 0
                self._observer.minibatch(number, len(starts))
            evaluation = objective.evaluate()
            if not math.isfinite(evaluation.loss):
                raise self._diverged(epoch, "the evaluation after it", order[:size])
            self._refuse_dead_layer(epoch, evaluation)
        return EpochRecord(
            stage=objective.stage,
            epoch=epoch,
            learning_rate=tuple(update.learning_rate for update in objective.updates),
            training_loss=total / n,
            training_error=wrong / n if evaluation.error is not None else None,
            evaluation=evaluation,
            evaluated_on=objective.evaluated_on,
            seconds=time.perf_counter() - started,
        )

    def _refuse_dead_layer(self, epoch: int, evaluation: Evaluation) -> None:
        # No gradient passes a layer without active units: it, and all below it, stay as they are.
        objective = self._objective
        for index, dead in enumerate(evaluation.dead_units):
            if dead == objective.layers[index].n_out and not self._active_in_training(index):
                what = (
                    f"{objective.stage} died in epoch {epoch}: no unit of "
                    f"{objective.layer_names[index]} is active for any {objective.evaluated_on} "
                    "example"
                )
                raise self._failure(what, index, epoch, " or a weaker activation_l1", died=True)

    def _active_in_training(self, index: int) -> bool:
        """Return whether a layer that is dead on the evaluation examples is at work elsewhere.

        Of few examples, all may be out of its units' reach.
        """
        rows = np.arange(self._objective.n_examples)
        return any(
            np.asarray(self._objective.outputs(rows[start : start + _AT_ONCE])[index]).any()
            for start in range(0, len(rows), _AT_ONCE)
        )

    def _diverged(self, epoch: int, place: str, rows: Array) -> DivergedError:
        objective = self._objective
        finite = [
            all(np.isfinite(np.asarray(values)).all() for values in (layer.weight, layer.bias, h))
            for layer, h in zip(objective.layers, objective.outputs(rows), strict=True)
        ]
        # All outputs finite: the loss itself overflowed, above the last layer.
        index = finite.index(False) if False in finite else len(finite) - 1
        what = (
            f"{objective.stage} diverged in epoch {epoch} at {place}: the loss is not finite, and "
            f"{objective.layer_names[index]} is the first whose values blew up"
        )
        return self._failure(what, index, epoch)

    def _failure(
        self, what: str, index: int, epoch: int, other_cure: str = "", *, died: bool = False
    ) -> DivergedError:
        rates = tuple(update.learning_rate for update in self._objective.updates)
        others = "" if len(set(rates)) == 1 else f" (all layers: {', '.join(map(str, rates))})"
        return DivergedError(
            f"{what}; its learning rate was {rates[index]:g}{others}, try {max(rates) / 10:g}"
            f"{other_cure}",
            learning_rate=rates,
            layer=self._objective.layer_names[index],
            epoch=epoch,
            died=died,
        )

    def _parameters(self) -> list[tuple[Array, Array]]:
        return [(layer.weight.copy("K"), layer.bias.copy()) for layer in self._objective.layers]

    def _set_parameters(self, parameters: list[tuple[Array, Array]]) -> None:
        for layer, (weight, bias) in zip(self._objective.layers, parameters, strict=True):
            layer.weight[...] = weight
            layer.bias[...] = bias

    def _state(self) -> State:
        tensors: dict[str, Array] = {}
        for name, parameters in (("last", self._last), ("best", self._best)):
            for index, (weight, bias) in enumerate(parameters):
                tensors[f"{name}.{index}.weight"] = weight
                tensors[f"{name}.{index}.bias"] = bias
        for index, update in enumerate(self._objective.updates):
            for name, buffer in update.buffers.items():
                tensors[f"update.{index}.{name}"] = buffer
        values = {
            "records": self._records_json,
            "best_epoch": self.best_epoch,
            "steps": [update.steps for update in self._objective.updates],
            "generators": {
                name: randomness.state_of(random) for name, random in self._generators.items()
            },
        }
        return State(tensors, values)

    def _restore(self, state: State) -> None:
        tensors, values = state.tensors, state.values
        indices = range(len(self._objective.layers))
        self._best, last = (
            [(tensors[f"{name}.{i}.weight"], tensors[f"{name}.{i}.bias"]) for i in indices]
            for name in ("best", "last")
        )
        self._set_parameters(last)
        self._records_json = values["records"]
        for record in values["records"]:
            self._note(EpochRecord.from_json(record))
        for index, update in enumerate(self._objective.updates):
            update.steps = values["steps"][index]
            for name, buffer in update.buffers.items():
                buffer[...] = tensors[f"update.{index}.{name}"]
        for name, random in self._generators.items():
            randomness.restore(random, values["generators"][name])
