"""Pre-training of one layer as an objective: a denoising auto-encoder over the layers below."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from rectinet.engine import (
    Engine,
    Inputs,
    Update,
    backward_and_update,
    batches,
    forward,
    gradients,
)
from rectinet.nn import Array, CodeTarget, Corruption, Layer, Linear, Loss, Reconstruction
from rectinet.randomness import generator
from rectinet.training.objective import ActivityCount, Step
from rectinet.training.records import Evaluation


def bias_only(decoder: Layer) -> Layer:
    """Return the part of a tied decoder that is its own: the bias, and a weight with no entries."""
    return replace(decoder, weight=np.empty((0, 0), decoder.weight.dtype))


class CleanCodes:
    """The clean input of the layer under training, and what its decoder should say.

    Args:
        engine: does the arithmetic.
        below: the finished layers, bottom to top; empty for the first layer.
        reconstruction: decides whether the target is an output or a pre-activation.
        target: maps the codes of the topmost finished layer to targets.
    """

    def __init__(
        self,
        engine: Engine,
        below: Sequence[Layer],
        reconstruction: Reconstruction,
        target: CodeTarget,
    ):
        self._engine = engine
        self._below = below
        self._preactivation = reconstruction.preactivation
        self._target = target

    def __call__(self, inputs: Inputs) -> tuple[Array, Array]:
        """Return (clean input, target) of a minibatch of raw inputs; both dense."""
        if not self._below:
            x = self._engine.densify(inputs)
            return x, x
        *lower, top = self._below
        x_below = forward(self._engine, lower, inputs)[-1]
        if self._preactivation:
            linear = replace(top, activation=Linear(), sign=np.ones_like(top.sign))
            z = self._engine.forward(linear, x_below)
            return top.sign * top.activation.value(z.copy()), self._target(z)
        h = self._engine.forward(top, x_below)
        return h, self._target(h * top.sign)


class Denoising:
    """Trains one encoder and its own decoder to undo a corruption; see `Objective`.

    Args:
        engine: does the arithmetic.
        encoder: the layer to train.
        decoder: its decoder, linear up to the loss; with `tied`, its weight is a view of the
            encoder's, transposed.
        clean: gives clean inputs and targets.
        loss: the decoder's activation and cost.
        corruption: the noise.
        X, X_evaluation: raw inputs, dense or CSR.
        updates: of the encoder and the decoder.
        number: the layer's number, from 1.
        seed: of the noise.
        tied: whether encoder and decoder share one weight matrix.
        evaluated_on: see `EpochRecord`.
        redraw: the raw inputs of an epoch, where each has its own.
    """

    def __init__(
        self,
        engine: Engine,
        encoder: Layer,
        decoder: Layer,
        clean: CleanCodes,
        loss: Loss,
        corruption: Corruption,
        X: Inputs,
        X_evaluation: Inputs,
        updates: Sequence[Update],
        *,
        number: int,
        seed: int,
        tied: bool,
        evaluated_on: str,
        redraw: Callable[[int], Inputs] | None = None,
    ):
        self.stage = f"pre-training layer {number}"
        self.layers: Sequence[Layer] = (encoder, decoder)
        self.layer_names: tuple[str, ...] = (
            f"hidden layer {number}",
            f"decoder of hidden layer {number}",
        )
        self.updates = updates
        self.n_examples = X.shape[0]
        self.evaluated_on = evaluated_on
        self._noise = generator(seed, "corruption", number)
        self.generators: Mapping[str, np.random.Generator] = {"corruption": self._noise}
        self._evaluation_noise = ("evaluation corruption", number)
        self._seed = seed
        self._engine = engine
        engine.kernels_used()  # from here on, they are this run's
        self._clean = clean
        self._loss = loss
        self._corruption = corruption
        self._X, self._X_evaluation = X, X_evaluation
        self._tied = tied
        self._redraw = redraw

    def begin(self, epoch: int) -> None:
        """See `Objective.begin`."""
        if self._redraw:
            self._X = self._redraw(epoch)

    def step(self, rows: Array) -> Step:
        """See `Objective.step`."""
        engine = self._engine
        x, target = self._clean(engine.minibatch(self._X, rows))
        values = forward(engine, self.layers, self._corruption(x, self._noise))
        z = np.asarray(values[-1])
        mean_loss, delta = engine.loss_and_gradient(self._loss, z, target)
        if math.isfinite(mean_loss):
            if self._tied:
                self._update_tied(values, delta)
            else:
                backward_and_update(engine, self.layers, values, delta, self.updates)
        return Step(mean_loss)

    def _update_tied(self, values: Sequence[Inputs], delta: Array) -> None:
        """Add both layers' gradients of the shared matrix before it moves."""
        (encoder, decoder), (update, decoder_update) = self.layers, self.updates
        penalties = [rule.penalties for rule in self.updates]
        (weight, bias), (decoder_weight, decoder_bias) = gradients(
            self._engine, self.layers, values, delta, penalties
        )
        self._engine.update(encoder, weight + decoder_weight.T, bias, update)
        rest = bias_only(decoder)
        self._engine.update(rest, np.zeros_like(rest.weight), decoder_bias, decoder_update)

    def evaluate(self) -> Evaluation:
        """See `Objective.evaluate`; the noise is the same at every call."""
        engine, (encoder, _) = self._engine, self.layers
        activity = ActivityCount(engine, [encoder])
        noise = generator(self._seed, *self._evaluation_noise)
        total, blocked, nonzero, n = 0.0, 0, 0, self._X_evaluation.shape[0]
        for rows in batches(n):
            x, target = self._clean(engine.minibatch(self._X_evaluation, rows))
            z = np.asarray(forward(engine, self.layers, self._corruption(x, noise))[-1])
            total += engine.loss(self._loss, z, target) * len(rows)
            wrong = (target != 0) & (self._loss.prediction(z) != target)
            blocked += int((wrong & (engine.loss_gradient(self._loss, z, target) == 0)).sum())
            nonzero += int((target != 0).sum())
            activity.add([engine.forward(encoder, x)])
        return Evaluation(
            total / n,
            None,
            activity.zeros(),
            activity.dead_units(),
            blocked / max(1, nonzero),
            engine.kernels_used(),
        )

    def outputs(self, rows: Array) -> list[Inputs]:
        """See `Objective.outputs`."""
        x, _ = self._clean(self._engine.minibatch(self._X, rows))
        return forward(self._engine, self.layers, x)[1:]
