"""JAX: the whole step jitted, the parameters' buffers donated, so that they change in place."""

from __future__ import annotations

import importlib
import itertools
from typing import Any

import numpy as np

from rectinet.bench.drawn import plain_layers
from rectinet.bench.jobs import TrainingJob
from rectinet.nn import Array


class _Training:
    def __init__(self, job: TrainingJob):
        jax: Any = importlib.import_module("jax")
        jax.config.update("jax_platforms", "cpu")

        def cost(layers: Any, x: Any, y: Any) -> Any:
            for weight, bias in layers[:-1]:
                x = jax.nn.relu(x @ weight + bias)
            weight, bias = layers[-1]
            logs = jax.nn.log_softmax(x @ weight + bias)
            return -jax.numpy.take_along_axis(logs, y[:, None], axis=1).mean()

        def step(layers: Any, X: Any, y: Any, rows: Any) -> Any:
            loss, slopes = jax.value_and_grad(cost)(layers, X[rows], y[rows])
            return jax.tree.map(lambda p, slope: p - job.rate * slope, layers, slopes), loss

        self._step = jax.jit(step, donate_argnums=0)
        self._jax = jax
        # Copies: a donated buffer must be JAX's own.
        self._layers = jax.tree.map(
            lambda p: jax.numpy.array(p, copy=True), plain_layers(job.network)
        )
        self._X, self._y = jax.device_put(job.X), jax.device_put(job.y.astype(np.int32))
        self._rows = [jax.device_put(rows.astype(np.int32)) for rows in job.order]
        self._checked = job.checked
        self._order = itertools.cycle(self._rows)

    def run(self, steps: int) -> None:
        for rows in itertools.islice(self._order, steps):
            self._layers, _ = self._step(self._layers, self._X, self._y, rows)
        self._jax.block_until_ready(self._layers)

    def check(self) -> Array:
        losses = []
        for rows in self._rows[: self._checked]:
            self._layers, loss = self._step(self._layers, self._X, self._y, rows)
            losses.append(float(loss))
        return np.array(losses)


def training(job: TrainingJob, _: int) -> _Training:
    """Return JAX's loop; NPROC says how many threads."""
    return _Training(job)
