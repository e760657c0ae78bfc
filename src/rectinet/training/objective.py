"""What the minibatch loop trains: the interface between the loop and the two kinds of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rectinet.engine import Engine, Inputs, Update
from rectinet.nn import Array, Layer
from rectinet.training.records import Evaluation


@dataclass(frozen=True)
class Step:
    """What one minibatch gave.

    Attributes:
        loss: mean cost over the minibatch, without penalties.
        wrong: number of wrongly classified examples; None where there are no classes.
    """

    loss: float
    wrong: int | None = None


class Objective(Protocol):
    """Parameters, data, and how one minibatch changes the former.

    Attributes:
        stage: what the records call it.
        layers: the trained layers, bottom to top, changed in place.
        layer_names: what messages call them.
        updates: one update rule per layer.
        n_examples: number of training examples.
        evaluated_on: see `EpochRecord`.
        generators: the random streams that `step` draws from, by name.
    """

    stage: str
    layers: Sequence[Layer]
    layer_names: tuple[str, ...]
    updates: Sequence[Update]
    n_examples: int
    evaluated_on: str
    generators: Mapping[str, np.random.Generator]

    def begin(self, epoch: int) -> None:
        """Take the training examples of an epoch, counted from 1, where each has its own."""
        ...

    def step(self, rows: Array) -> Step:
        """Train on the given rows; a loss that is not finite ends the training."""
        ...

    def evaluate(self) -> Evaluation:
        """Measure on the evaluation examples."""
        ...

    def outputs(self, rows: Array) -> list[Inputs]:
        """Return each trained layer's output for the given rows (to find where values blow up)."""
        ...


class ActivityCount:
    """Counts, over batches, how often each hidden unit is active."""

    def __init__(self, engine: Engine, layers: Sequence[Layer]):
        self._engine = engine
        self._active = [np.zeros(layer.n_out, np.int64) for layer in layers]
        self._examples = 0

    def add(self, outputs: Sequence[Inputs]) -> None:
        """Add one batch, given each counted layer's output."""
        for active, h in zip(self._active, outputs, strict=True):
            active += self._engine.count_active(np.asarray(h))
        self._examples += outputs[0].shape[0] if outputs else 0

    def zeros(self) -> tuple[float, ...]:
        """Share of exact zeros per layer."""
        return tuple(
            float(1 - active.sum() / (active.size * max(1, self._examples)))
            for active in self._active
        )

    def dead_units(self) -> tuple[int, ...]:
        """Units per layer that were never active."""
        return tuple(int((active == 0).sum()) for active in self._active)
