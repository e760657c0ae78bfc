"""The memory floor: what a training step would take if reading and writing weights were all of it.

The bandwidth is measured beside the contenders, in the same rounds, on arrays of the network's
size, which live where a network of this size lives (the third level of cache, or memory); each
thread does its part. In two ways, because they differ by a factor of two:

- a copy, the usual measure. It moves every cache line three times but counts two: a line that is
  written is read before.
- a multiplication by 1 in place, which is an update's traffic: every line is read once and written
  once. This is the stricter floor; no step can be faster.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from rectinet.bench.jobs import TrainingJob
from rectinet.engine import DEFAULT_ENGINE, forward
from rectinet.nn import Array, Network


@dataclass(frozen=True)
class Floor:
    """What a step must move, and how fast it can be moved.

    Attributes:
        forward, backward: bytes of weights per step, mean over the minibatches: rows of inputs
            that are active in some example are read going forward, and read and written going
            backward.
        copying, in_place: bytes read or written per second, by each measure.
    """

    forward: float
    backward: float
    copying: float
    in_place: float

    def seconds(self, bandwidth: float) -> float:
        """Return the least that a step can take at a bandwidth."""
        return (self.forward + self.backward) / bandwidth


def step_bytes(job: TrainingJob) -> tuple[float, float]:
    """Return the bytes of `Floor.forward` and `Floor.backward`."""
    moved = []
    for rows in job.order:
        inputs = forward(DEFAULT_ENGINE, job.network.layers, job.X[rows])[:-1]
        moved.append(
            sum(
                np.count_nonzero(np.any(np.asarray(x) != 0, axis=0)) * layer.weight[0].nbytes
                for x, layer in zip(inputs, job.network.layers, strict=True)
            )
        )
    read = float(np.mean(moved))
    return read, 2 * read


def pass_bytes(network: Network) -> int:
    """Return the bytes that one step of `copying` or `in_place` reads and writes."""
    return 2 * sum(layer.weight.nbytes for layer in network.layers)


class _Passes:
    def __init__(self, job: TrainingJob, threads: int, change: Callable[[Array, Array], object]):
        size = pass_bytes(job.network) // 2 // 4
        parts = (np.array_split(np.ones(size, np.float32), threads) for _ in range(2))
        self._parts = list(zip(*parts, strict=True))
        self._pool = ThreadPoolExecutor(threads)
        self._change = change

    def run(self, steps: int) -> None:
        def work(arrays: tuple[Array, Array]) -> None:
            for _ in range(steps):
                self._change(*arrays)

        for _ in self._pool.map(work, self._parts):
            pass

    def check(self) -> Array:
        return np.empty(0)


def copying(job: TrainingJob, threads: int) -> _Passes:
    """Return a runner whose step copies an array of the network's size."""
    return _Passes(job, threads, lambda a, b: np.copyto(a, b))


def in_place(job: TrainingJob, threads: int) -> _Passes:
    """Return a runner whose step reads and writes an array of the network's size."""
    return _Passes(job, threads, lambda a, _: np.multiply(a, np.float32(1), out=a))
