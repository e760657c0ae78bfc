"""Fine-tuning as an objective: a whole network, targets, and the output's loss."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rectinet.engine import Engine, Inputs, Update, backward_and_update, batches, forward
from rectinet.nn import Array, Layer, Network, SoftmaxNLL
from rectinet.training.dropout import Dropout
from rectinet.training.objective import ActivityCount, Step
from rectinet.training.records import Evaluation
from rectinet.training.weights import weighed


@dataclass(frozen=True)
class Examples:
    """What a network learns from, or is measured on.

    Attributes:
        X: inputs, shape (n, n_features), dense or CSR.
        target: class numbers, shape (n,), or values, shape (n, n_outputs), as the loss needs.
        weight: how much each example counts, shape (n,), of which only ratios matter; None: all the
            same.
    """

    X: Inputs
    target: Array
    weight: Array | None = None

    def __getitem__(self, rows: Array) -> Examples:
        """Return some of them, by row numbers of shape (n_taken,)."""
        weight = None if self.weight is None else self.weight[rows]
        return Examples(self.X[rows], self.target[rows], weight)


class Supervised:
    """Trains every layer of a network towards targets; see `Objective`."""

    stage = "fine-tuning"

    def __init__(
        self,
        engine: Engine,
        network: Network,
        training: Examples,
        evaluation: Examples,
        updates: Sequence[Update],
        evaluated_on: str,
        dropout: Dropout | None = None,
        generators: Mapping[str, np.random.Generator] | None = None,
        redraw: Callable[[int], Examples] | None = None,
        class_values: Array | None = None,
    ):
        self.layers: Sequence[Layer] = network.layers
        n_hidden = len(network.hidden)
        self.layer_names: tuple[str, ...] = (
            *(f"hidden layer {i + 1}" for i in range(n_hidden)),
            "output layer",
        )
        self.updates = updates
        self.n_examples = training.X.shape[0]
        self.evaluated_on = evaluated_on
        self.generators: Mapping[str, np.random.Generator] = generators or {}
        self._engine = engine
        engine.kernels_used()  # from here on, they are this run's
        self._network = network
        self._training, self._evaluation = training, evaluation
        self._redraw = redraw
        self._dropout = dropout
        self._classes = isinstance(network.loss, SoftmaxNLL)
        self._values = class_values

    def begin(self, epoch: int) -> None:
        """See `Objective.begin`."""
        if self._redraw:
            self._training = self._redraw(epoch)

    def step(self, rows: Array) -> Step:
        """See `Objective.step`."""
        engine, training, dropout = self._engine, self._training, self._dropout
        target = training.target[rows]
        x = engine.minibatch(training.X, rows)
        values = (
            dropout.forward(engine, self.layers, x) if dropout else forward(engine, self.layers, x)
        )
        z = np.asarray(values[-1])
        weight = None if training.weight is None else training.weight[rows]
        mean_loss, delta = weighed(engine, self._network.loss, z, target, weight)
        if math.isfinite(mean_loss):
            walk = dropout.backward_and_update if dropout else backward_and_update
            walk(engine, self.layers, values, delta, self.updates)
        return Step(mean_loss, self._wrong(z, target))

    def _wrong(self, z: Array, target: Array) -> int | None:
        return int((z.argmax(axis=1) != target).sum()) if self._classes else None

    def evaluate(self) -> Evaluation:
        """See `Objective.evaluate`."""
        activity = ActivityCount(self._engine, self._network.hidden)
        examples = self._evaluation
        n = examples.X.shape[0]
        weight = np.ones(n) if examples.weight is None else examples.weight
        total = wrong = squared = 0.0
        for rows in batches(n):
            target, counts = examples.target[rows], weight[rows]
            values = forward(self._engine, self.layers, self._engine.minibatch(examples.X, rows))
            z = np.asarray(values[-1])
            total += float(self._network.loss.values(z, target) @ counts)
            if self._classes:
                wrong += float((z.argmax(axis=1) != target) @ counts)
            if self._values is not None:
                expected = self._network.loss.prediction(z) @ self._values
                squared += float(np.square(expected - self._values[target]) @ counts)
            activity.add(values[1:-1])
        return Evaluation(
            total / float(weight.sum()),
            wrong / float(weight.sum()) if self._classes else None,
            activity.zeros(),
            activity.dead_units(),
            kernels=self._engine.kernels_used(),
            rmse=None if self._values is None else math.sqrt(squared / float(weight.sum())),
        )

    def outputs(self, rows: Array) -> list[Inputs]:
        """See `Objective.outputs`."""
        return forward(self._engine, self.layers, self._engine.minibatch(self._training.X, rows))[
            1:
        ]
