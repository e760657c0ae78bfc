"""Rectinet's kernels one by one: natively, through BLAS, or by choice."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from rectinet.kernels import Kernels, Step
from rectinet.nn import Array, Rectifier, initialize_layer
from rectinet.randomness import generator

# As many weight matrices as a usual net has, so that they live in the caches as they do there;
# and a number of inputs that has no divisor in common with it.
_WEIGHTS = 3
_INPUTS = 16

# Of the backward pass: so small that no weight grows however many steps are done.
_RATE = 1e-8


@dataclass(frozen=True)
class KernelJob:
    """Calls of one kernel, a fresh input and another weight matrix on every call.

    Attributes:
        kernel: ``"forward"`` or ``"backward"``.
        batch: examples per call.
        n_in, n_out: of the layer.
        active: share of the inputs that are not 0.
    """

    kernel: str
    batch: int
    n_in: int
    n_out: int
    active: float


class _Calls:
    """The gradient that comes from above is dense."""

    def __init__(self, job: KernelJob, mode: str):
        random = generator(0, "bench kernels")
        self.kernels = Kernels(mode)
        self._backward = job.kernel == "backward"
        layers = [
            initialize_layer(job.n_in, job.n_out, Rectifier(), random, sign_flip="half")
            for _ in range(_WEIGHTS)
        ]
        inputs = [_inputs(job, random) for _ in range(_INPUTS)]
        shape = job.batch, job.n_out
        self._delta = random.standard_normal(shape, dtype=np.float32) / np.float32(job.batch)
        self._below_sign = np.ones(job.n_in, np.float32)
        pairs = [(layers[n % _WEIGHTS], inputs[n % _INPUTS]) for n in range(_WEIGHTS * _INPUTS)]
        self._pairs = itertools.cycle(pairs)

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self._call()

    def check(self) -> Array:
        return self._call()

    def _call(self) -> Array:
        layer, x = next(self._pairs)
        if not self._backward:
            return self.kernels.forward(x, layer.weight, layer.bias, layer.sign, True)
        passed = self.kernels.backward(
            x, self._delta, layer.weight, layer.bias, Step(rate=_RATE), self._below_sign
        )
        assert passed is not None
        return passed


def _inputs(job: KernelJob, random: np.random.Generator) -> Array:
    x = random.random((job.batch, job.n_in), dtype=np.float32)
    x *= random.random(x.shape, dtype=np.float32) < job.active
    return x


def auto(job: KernelJob, _: int) -> _Calls:
    """Return calls of whichever kernel rectinet chooses."""
    return _Calls(job, "auto")


def native(job: KernelJob, _: int) -> _Calls:
    """Return calls of the native kernel."""
    return _Calls(job, "native")


def blas(job: KernelJob, _: int) -> _Calls:
    """Return calls of BLAS."""
    return _Calls(job, "blas")


def chosen(job: KernelJob) -> str:
    """Return which kernel rectinet chooses, ``"native"`` or ``"blas"``."""
    calls = _Calls(job, "auto")
    calls.run(1)
    return next(iter(calls.kernels.chosen())).split()[-1]
