"""The contenders of `text_step.py`; a file of its own, which their processes import."""

from __future__ import annotations

import importlib
import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from rectinet.engine import CpuEngine, Update, new_update
from rectinet.nn import (
    Array,
    CodeTarget,
    Corruption,
    Layer,
    Linear,
    NoCorruption,
    OutputSampler,
    ReconstructionSampling,
    Rectifier,
    SaltAndPepper,
    aligned,
    initialize_layer,
    reconstruction,
)
from rectinet.randomness import generator
from rectinet.training.decoding import OutputSteps
from rectinet.training.denoising import CleanCodes, Denoising

STRATEGY = reconstruction("sigmoid")  # the cross-entropy
RATE = 1e-6  # so small that thousands of steps leave the share of zeros as it is
DOCUMENTS, CHECKED = 1000, 3


@dataclass(frozen=True)
class Job:
    """One layer and its decoder, on documents drawn in each process.

    Attributes:
        words, units: of the layer.
        distinct: mean number of distinct words in a document.
        batch: documents per minibatch.
        off, on: shares of the salt-and-pepper noise.
        ratio: of the sampling.
    """

    words: int
    units: int
    distinct: float
    batch: int
    off: float = 0.8
    on: float = 0.005
    ratio: float = 0.01

    @property
    def noise(self) -> SaltAndPepper:
        """The paper's."""
        return SaltAndPepper(self.off, self.on)


def documents(job: Job) -> csr_array:
    """Draw binary documents in which word i is present with a probability near c / (i + 10)."""
    random = generator(0, "documents")
    share = 1 / (np.arange(job.words) + 10)
    low, high = 0.0, float(job.words)
    for _ in range(60):  # c, by halving: no word is in more than half of the documents
        c = (low + high) / 2
        low, high = (c, high) if np.minimum(c * share, 0.5).sum() < job.distinct else (low, c)
    share = np.minimum(c * share, 0.5)
    columns = [np.flatnonzero(random.random(job.words) < share) for _ in range(DOCUMENTS)]
    starts = np.cumsum([0, *map(len, columns)])
    data = np.ones(starts[-1], np.float32)
    return csr_array((data, np.concatenate(columns), starts), shape=(DOCUMENTS, job.words))


def minibatches(job: Job) -> Array:
    """Return row numbers of minibatches, over and over."""
    rows = generator(0, "order").permutation(DOCUMENTS)
    return rows[: DOCUMENTS // job.batch * job.batch].reshape(-1, job.batch)


def layers(job: Job) -> tuple[Layer, Layer]:
    """Return the encoder, and a decoder whose weight is kept output by output."""
    random = generator(0, "weights")
    encoder = initialize_layer(job.words, job.units, Rectifier(), random, sign_flip="none")
    outputs = initialize_layer(job.words, job.units, Linear(), random)
    bias, sign = np.zeros(job.words, np.float32), np.ones(job.words, np.float32)
    return encoder, Layer(outputs.weight.T, bias, sign, Linear())


class Ours:
    """One step of the objective that `pretrain` hands to its loop."""

    def __init__(self, job: Job, sampling: ReconstructionSampling | None):
        self._X = documents(job)
        frequency = np.bincount(self._X.indices, minlength=job.words) / DOCUMENTS
        sampler = OutputSampler(sampling, frequency) if sampling else None
        self._layers = layers(job)
        self._updates = [new_update(layer, Update(RATE)) for layer in self._layers]
        self._objective = self._denoising(job.noise, sampler)
        self._minibatches = minibatches(job)
        self._order = itertools.cycle(self._minibatches)

    def run(self, steps: int) -> None:
        """Do some steps, noise included."""
        for rows in itertools.islice(self._order, steps):
            self._objective.step(rows)

    def check(self) -> Array:
        """Return costs of all outputs without noise, which nobody draws alike."""
        exact = self._denoising(NoCorruption(), None)
        return np.array([exact.step(rows).loss for rows in self._minibatches[:CHECKED]])

    def _denoising(self, noise: Corruption, sampler: OutputSampler | None) -> Denoising:
        engine, loss = CpuEngine(), STRATEGY.loss
        step = OutputSteps(
            engine, self._layers, loss, self._updates, sampler, generator(0, "sampling")
        )
        clean = CleanCodes(engine, (), STRATEGY, CodeTarget())
        encoder, decoder = self._layers
        return Denoising(
            engine, encoder, decoder, step, clean, loss, noise, self._X, self._X, self._updates,
            number=1, seed=0, generators={}, evaluated_on="training",
        )  # fmt: skip


class Theirs:
    """PyTorch's usual loop: dense, noise included, `torch.optim.SGD`."""

    def __init__(self, job: Job, threads: int):
        torch: Any = importlib.import_module("torch")
        torch.set_num_threads(threads)
        self._torch, self._job = torch, job
        self._X = documents(job)
        encoder, decoder = layers(job)
        self._parameters = [
            torch.from_numpy(aligned(array)).requires_grad_()
            # As `torch.nn.Linear` keeps them, output by output.
            for array in (encoder.weight.T, encoder.bias, decoder.weight.T, decoder.bias)
        ]
        self._optimizer = torch.optim.SGD(self._parameters, lr=RATE)
        self._minibatches = minibatches(job)
        self._order = itertools.cycle(self._minibatches)

    def run(self, steps: int) -> None:
        """Do some steps, noise included."""
        for rows in itertools.islice(self._order, steps):
            x = self._minibatch(rows)
            draw = self._torch.rand_like(x)
            self._step(
                x,
                self._torch.where(x == 0, draw < self._job.on, x * (draw >= self._job.off)).float(),
            )

    def check(self) -> Array:
        """See `Ours.check`."""
        batches = map(self._minibatch, self._minibatches[:CHECKED])
        return np.array([float(self._step(x, x)) for x in batches])

    def _minibatch(self, rows: Array) -> Any:
        return self._torch.from_numpy(self._X[rows].toarray())

    def _step(self, x: Any, corrupted: Any) -> Any:
        functional = self._torch.nn.functional
        encoder, encoder_bias, decoder, decoder_bias = self._parameters
        self._optimizer.zero_grad()
        h = self._torch.relu(functional.linear(corrupted, encoder, encoder_bias))
        z = functional.linear(h, decoder, decoder_bias)
        total = functional.binary_cross_entropy_with_logits(z, x, reduction="sum")
        loss = total / len(x)
        loss.backward()
        self._optimizer.step()
        return loss.detach()


def exact(job: Job, _: int) -> Ours:
    return Ours(job, None)


def sampled(job: Job, _: int) -> Ours:
    return Ours(job, ReconstructionSampling(job.ratio))


def theirs(job: Job, threads: int) -> Theirs:
    return Theirs(job, threads)
