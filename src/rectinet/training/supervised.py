"""Fine-tuning as an objective: a whole network, labels, and the output's loss."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from rectinet.engine import Engine, Inputs, Update, backward_and_update, batches, forward
from rectinet.nn import Array, Layer, Network
from rectinet.training.objective import ActivityCount, Step
from rectinet.training.records import Evaluation


class Supervised:
    """Trains every layer of a classifier; see `Objective`."""

    stage = "fine-tuning"

    def __init__(
        self,
        engine: Engine,
        network: Network,
        X: Inputs,
        y: Array,
        X_evaluation: Inputs,
        y_evaluation: Array,
        updates: Sequence[Update],
        evaluated_on: str,
    ):
        self.layers: Sequence[Layer] = network.layers
        n_hidden = len(network.hidden)
        self.layer_names: tuple[str, ...] = (
            *(f"hidden layer {i + 1}" for i in range(n_hidden)),
            "output layer",
        )
        self.updates = updates
        self.n_examples = X.shape[0]
        self.evaluated_on = evaluated_on
        self.generators: Mapping[str, np.random.Generator] = {}
        self._engine = engine
        engine.kernels_used()  # from here on, they are this run's
        self._network = network
        self._X, self._y = X, y
        self._X_evaluation, self._y_evaluation = X_evaluation, y_evaluation

    def step(self, rows: Array) -> Step:
        """See `Objective.step`."""
        engine, loss = self._engine, self._network.loss
        y = self._y[rows]
        values = forward(engine, self.layers, engine.minibatch(self._X, rows))
        z = np.asarray(values[-1])
        mean_loss, delta = engine.loss_and_gradient(loss, z, y)
        if math.isfinite(mean_loss):
            backward_and_update(engine, self.layers, values, delta, self.updates)
        return Step(mean_loss, int((z.argmax(axis=1) != y).sum()))

    def evaluate(self) -> Evaluation:
        """See `Objective.evaluate`."""
        activity = ActivityCount(self._engine, self._network.hidden)
        n, total, wrong = self._X_evaluation.shape[0], 0.0, 0
        for rows in batches(n):
            y = self._y_evaluation[rows]
            values = forward(
                self._engine, self.layers, self._engine.minibatch(self._X_evaluation, rows)
            )
            z = np.asarray(values[-1])
            total += self._engine.loss(self._network.loss, z, y) * len(rows)
            wrong += int((z.argmax(axis=1) != y).sum())
            activity.add(values[1:-1])
        return Evaluation(
            total / n,
            wrong / n,
            activity.zeros(),
            activity.dead_units(),
            kernels=self._engine.kernels_used(),
        )

    def outputs(self, rows: Array) -> list[Inputs]:
        """See `Objective.outputs`."""
        return forward(self._engine, self.layers, self._engine.minibatch(self._X, rows))[1:]
