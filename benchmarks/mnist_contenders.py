"""The two contenders of `mnist_run.py`; a file of its own, which their processes import."""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rectinet import generator, initialize_network, load_dataset
from rectinet.bench.drawn import plain_layers
from rectinet.engine import CpuEngine, Update, new_update
from rectinet.nn import Array, Network, Penalties, Rectifier
from rectinet.training.loop import Loop, Schedule
from rectinet.training.supervised import Examples, Supervised

BATCH, RATE, ACTIVATION_L1 = 10, 0.1, 0.00003
COMPARED = 100  # steps whose losses are compared
AT_ONCE = 500  # examples per evaluated batch, as in rectinet


@dataclass(frozen=True)
class Run:
    """What both are asked to do."""

    data_dir: str | None
    hidden: tuple[int, ...]
    examples: int | None
    epochs: int
    seed: int


@dataclass(frozen=True)
class Epoch:
    """What one epoch gave; `loss` and `error` are on the validation set."""

    seconds: float
    loss: float
    error: float
    zeros: float = float("nan")


class Ours:
    """rectinet's training loop, with all that belongs to it."""

    def __init__(self, run: Run):
        self._run = run
        self._data = data(run)
        loop = Loop(self._objective(), Schedule(run.epochs, BATCH), generator(run.seed, "order"))
        self._epochs = iter(loop)

    def run(self, steps: int) -> None:
        """Do some steps that leave the run alone, to find the better number of threads."""
        objective = self._objective()
        for rows in trial_rows(steps, objective.n_examples):
            objective.step(rows)

    def first_losses(self, dtype: str) -> list[float]:
        """Return the losses of the first steps from the run's initial weights."""
        objective = self._objective(dtype)
        return [objective.step(rows).loss for rows in first_rows(self._run, objective.n_examples)]

    def epoch(self) -> Epoch:
        """Train for an epoch and evaluate."""
        record = next(self._epochs)
        evaluation = record.evaluation
        zeros = float(np.mean(evaluation.zeros))
        return Epoch(record.seconds, evaluation.loss, evaluation.error or 0.0, zeros)

    def _objective(self, dtype: str = "float32") -> Supervised:
        X, y, X_validation, y_validation = self._data
        network = initial(self._run, X.shape[1], dtype)
        penalties = [Penalties(ACTIVATION_L1)] * len(network.hidden) + [Penalties()]
        updates = [
            new_update(layer, Update(RATE, penalties=penalty))
            for layer, penalty in zip(network.layers, penalties, strict=True)
        ]
        training = Examples(X.astype(dtype, copy=False), y)
        validation = Examples(X_validation, y_validation)
        return Supervised(CpuEngine(), network, training, validation, updates, "validation")


class Theirs:
    """PyTorch's usual loop, doing what it must."""

    def __init__(self, run: Run, threads: int):
        self._torch: Any = importlib.import_module("torch")
        self._torch.set_num_threads(threads)
        self._run = run
        self._X, self._y, self._X_validation, self._y_validation = (
            self._torch.from_numpy(array) for array in data(run)
        )
        self._order = generator(run.seed, "order")
        self._start("float32")

    def run(self, steps: int) -> None:
        """See `Ours.run`."""
        for rows in trial_rows(steps, len(self._X)):
            self._step(self._X, self._torch.from_numpy(rows))
        self._start("float32")

    def first_losses(self, dtype: str) -> list[float]:
        """See `Ours.first_losses`."""
        self._start(dtype)
        X = self._X.to(getattr(self._torch, dtype))
        rows = map(self._torch.from_numpy, first_rows(self._run, len(X)))
        losses = [float(self._step(X, each)) for each in rows]
        self._start("float32")
        return losses

    def epoch(self) -> Epoch:
        """See `Ours.epoch`."""
        started = time.perf_counter()
        order = self._torch.from_numpy(self._order.permutation(len(self._X)))
        for rows in order.split(BATCH):
            self._step(self._X, rows)
        loss, error = self._evaluate()
        return Epoch(time.perf_counter() - started, loss, error)

    def _start(self, dtype: str) -> None:
        torch = self._torch
        self._layers = []
        for weight, bias in plain_layers(initial(self._run, self._X.shape[1], dtype)):
            linear = torch.nn.Linear(*weight.shape, dtype=getattr(torch, dtype))
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(weight.T))
                linear.bias.copy_(torch.from_numpy(bias))
            self._layers.append(linear)
        parameters = torch.nn.ModuleList(self._layers).parameters()
        self._optimizer = torch.optim.SGD(parameters, lr=RATE)

    def _forward(self, x: Any) -> tuple[Any, Any]:
        """Return the output and the sum of all hidden activations."""
        total = 0
        for layer in self._layers[:-1]:
            x = self._torch.relu(layer(x))
            total = total + x.sum()
        return self._layers[-1](x), total

    def _step(self, X: Any, rows: Any) -> Any:
        self._optimizer.zero_grad()
        z, activity = self._forward(X[rows])
        loss = self._torch.nn.functional.cross_entropy(z, self._y[rows])
        (loss + ACTIVATION_L1 / len(rows) * activity).backward()
        self._optimizer.step()
        return loss.detach()

    def _evaluate(self) -> tuple[float, float]:
        loss = wrong = 0.0
        with self._torch.inference_mode():
            parts = zip(
                self._X_validation.split(AT_ONCE), self._y_validation.split(AT_ONCE), strict=True
            )
            for x, y in parts:
                z = self._forward(x)[0]
                loss += float(self._torch.nn.functional.cross_entropy(z, y, reduction="sum"))
                wrong += int((z.argmax(1) != y).sum())
        n = len(self._X_validation)
        return loss / n, wrong / n


def ours(run: Run, _: int) -> Ours:
    return Ours(run)


def theirs(run: Run, threads: int) -> Theirs:
    return Theirs(run, threads)


def data(run: Run) -> tuple[Array, Array, Array, Array]:
    mnist = load_dataset("mnist", data_dir=run.data_dir)
    train, validation = mnist.train, mnist.validation
    arrays = (train.X[: run.examples], train.y[: run.examples], validation.X, validation.y)
    # Copies: PyTorch wants arrays that it could write.
    X, y, X_validation, y_validation = map(np.array, arrays)
    return X, y.astype(np.int64), X_validation, y_validation.astype(np.int64)


def initial(run: Run, n_features: int, dtype: str) -> Network:
    """Return the initial network; the same numbers in every dtype."""
    network = initialize_network(
        n_features, run.hidden, 10, Rectifier(), generator(run.seed, "weights")
    )
    layers = [
        replace(
            layer,
            weight=layer.weight.astype(dtype),
            bias=layer.bias.astype(dtype),
            sign=layer.sign.astype(dtype),
        )
        for layer in network.layers
    ]
    return replace(network, layers=tuple(layers)).copy()


def first_rows(run: Run, n_examples: int) -> Array:
    """Return the first minibatches of the run."""
    rows = generator(run.seed, "order").permutation(n_examples)[: COMPARED * BATCH]
    return rows[: len(rows) // BATCH * BATCH].reshape(-1, BATCH)


def trial_rows(steps: int, n_examples: int) -> Array:
    """Return minibatches of another order."""
    return generator(0, "trial").integers(0, n_examples, (steps, BATCH))
