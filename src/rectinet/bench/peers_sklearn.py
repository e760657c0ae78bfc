"""scikit-learn's MLPClassifier."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from rectinet.bench.drawn import plain_layers
from rectinet.bench.jobs import TrainingJob
from rectinet.nn import Array


class _Training:
    """Many minibatches per call of `partial_fit`, as in `fit`, so that checks cost it little."""

    def __init__(self, job: TrainingJob):
        module: Any = importlib.import_module("sklearn.neural_network")
        self._n, self._batch = job.order.shape
        rows = job.order.ravel()
        self._X, self._y = job.X[rows], job.y[rows]
        self._checked = job.checked
        self._next = 0
        layers = plain_layers(job.network)
        self._model = module.MLPClassifier(
            [bias.size for _, bias in layers[:-1]],
            solver="sgd",
            momentum=0,
            alpha=0,
            learning_rate_init=job.rate,
            batch_size=self._batch,
            shuffle=False,
        )
        self._steps(0, 1, classes=np.arange(layers[-1][1].size))
        for (weight, bias), own_weight, own_bias in zip(
            layers, self._model.coefs_, self._model.intercepts_, strict=True
        ):
            own_weight[...], own_bias[...] = weight, bias

    def run(self, steps: int) -> None:
        while steps:
            now = min(steps, self._n - self._next)
            self._steps(self._next, now)
            self._next = (self._next + now) % self._n
            steps -= now

    def check(self) -> Array:
        return np.array([self._steps(number, 1) for number in range(self._checked)])

    def _steps(self, first: int, steps: int, **classes: Array) -> float:
        part = slice(first * self._batch, (first + steps) * self._batch)
        self._model.partial_fit(self._X[part], self._y[part], **classes)
        return float(self._model.loss_)


def training(job: TrainingJob, _: int) -> _Training:
    """Return scikit-learn's loop; OMP_NUM_THREADS says how many threads its BLAS has."""
    return _Training(job)
