"""PyTorch, eager and compiled."""

from __future__ import annotations

import importlib
import itertools
from typing import Any

import numpy as np

from rectinet.bench.drawn import plain_layers
from rectinet.bench.jobs import InferenceJob, TrainingJob
from rectinet.nn import Array, Network


class _Training:
    """The usual loop: SGD as `torch.optim` does it by default.

    Its other ways (foreach, fused, one by one) took the same time within 5% on two cores.
    """

    def __init__(self, job: TrainingJob, threads: int, *, compiled: bool):
        self._torch: Any = importlib.import_module("torch")
        self._torch.set_num_threads(threads)
        self._model = _model(self._torch, job.network)
        self._optimizer = self._torch.optim.SGD(self._model.parameters(), lr=job.rate)
        self._loss = self._torch.compile(self._forward) if compiled else self._forward
        self._X, self._y = self._torch.from_numpy(job.X), self._torch.from_numpy(job.y)
        self._rows = list(self._torch.from_numpy(job.order))
        self._checked = job.checked
        self._order = itertools.cycle(self._rows)

    def run(self, steps: int) -> None:
        for rows in itertools.islice(self._order, steps):
            self._step(rows)

    def check(self) -> Array:
        return np.array([float(self._step(rows)) for rows in self._rows[: self._checked]])

    def _forward(self, x: Any, y: Any) -> Any:
        return self._torch.nn.functional.cross_entropy(self._model(x), y)

    def _step(self, rows: Any) -> Any:
        self._optimizer.zero_grad()
        loss = self._loss(self._X[rows], self._y[rows])
        loss.backward()
        self._optimizer.step()
        return loss.detach()


class _Inference:
    def __init__(self, job: InferenceJob, threads: int):
        self._torch: Any = importlib.import_module("torch")
        self._torch.set_num_threads(threads)
        self._model = _model(self._torch, job.network).eval()
        self._inputs = job.inputs
        self._cycle = itertools.cycle(job.inputs)

    def run(self, steps: int) -> None:
        with self._torch.inference_mode():
            for x in itertools.islice(self._cycle, steps):
                self._predict(x)

    def check(self) -> Array:
        with self._torch.inference_mode():
            return self._predict(self._inputs[0])

    def _predict(self, x: Array) -> Array:
        z = self._model(self._torch.from_numpy(x))
        return np.asarray(self._torch.softmax(z, 1).numpy())


def training(job: TrainingJob, threads: int) -> _Training:
    """Return PyTorch's eager loop."""
    return _Training(job, threads, compiled=False)


def compiled_training(job: TrainingJob, threads: int) -> _Training:
    """Return the loop with `torch.compile` around model and loss.

    The optimizer compiled as well took longer (8.9 ms a step against 8.3).
    """
    return _Training(job, threads, compiled=True)


def inference(job: InferenceJob, threads: int) -> _Inference:
    """Return PyTorch's eager model in inference mode."""
    return _Inference(job, threads)


def _model(torch: Any, network: Network) -> Any:
    modules: list[Any] = []
    for weight, bias in plain_layers(network):
        linear = torch.nn.Linear(*weight.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight.T))
            linear.bias.copy_(torch.from_numpy(bias))
        modules += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1])
