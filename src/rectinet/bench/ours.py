"""Rectinet as a contender, through what training and prediction use themselves."""

from __future__ import annotations

import itertools

import numpy as np

from rectinet.bench.jobs import InferenceJob, TrainingJob
from rectinet.engine import (
    CpuEngine,
    Predictor,
    Update,
    backward_and_update,
    forward,
    new_update,
)
from rectinet.nn import Array


class _Training:
    def __init__(self, job: TrainingJob):
        self._job = job
        self._network = job.network.copy()
        self._updates = [new_update(layer, Update(job.rate)) for layer in self._network.layers]
        self._order = itertools.cycle(job.order)
        self._engine = CpuEngine()

    def run(self, steps: int) -> None:
        for rows in itertools.islice(self._order, steps):
            self._step(rows)

    def check(self) -> Array:
        return np.array([self._step(rows) for rows in self._job.order[: self._job.checked]])

    def _step(self, rows: Array) -> float:
        engine, layers = self._engine, self._network.layers
        values = forward(engine, layers, engine.minibatch(self._job.X, rows))
        z = np.asarray(values[-1])
        loss, delta = engine.loss_and_gradient(self._network.loss, z, self._job.y[rows])
        backward_and_update(engine, layers, values, delta, self._updates)
        return loss


class _Inference:
    def __init__(self, job: InferenceJob):
        self._predict = Predictor(job.network)
        self._inputs = job.inputs
        self._cycle = itertools.cycle(job.inputs)

    def run(self, steps: int) -> None:
        for x in itertools.islice(self._cycle, steps):
            self._predict(x)

    def check(self) -> Array:
        return self._predict(self._inputs[0])


def training(job: TrainingJob, _: int) -> _Training:
    """Return rectinet's training loop; OMP_NUM_THREADS says how many threads."""
    return _Training(job)


def inference(job: InferenceJob, _: int) -> _Inference:
    """Return rectinet's predictor."""
    return _Inference(job)
