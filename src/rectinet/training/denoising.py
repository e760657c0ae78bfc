"""Pre-training of one layer as an objective: a denoising auto-encoder over the layers below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from rectinet.engine import Engine, Inputs, Update, dense_batches, forward
from rectinet.nn import Array, CodeTarget, Corruption, Layer, Linear, Loss, Reconstruction
from rectinet.randomness import generator
from rectinet.training.decoding import ReconstructionStep
from rectinet.training.objective import ActivityCount, Step
from rectinet.training.records import Evaluation


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

    def __call__(self, inputs: Inputs) -> tuple[Inputs, Inputs]:
        """Return (clean input, target) of a minibatch of raw inputs.

        Both are the raw inputs, as they are, for the first layer, and dense codes above it.
        """
        if not self._below:
            return inputs, inputs
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
        decoder: its decoder, linear up to the loss.
        step: trains both.
        clean: gives clean inputs and targets.
        loss: the decoder's activation and cost.
        corruption: the noise.
        X, X_evaluation: raw inputs, dense or CSR.
        updates: of the encoder and the decoder.
        number: the layer's number, from 1.
        seed: of the noise.
        generators: random streams of `step`, by name.
        evaluated_on: see `EpochRecord`.
        weight, weight_evaluation: how much the cost of each example of X and X_evaluation counts,
            shape (n,), with mean 1; None: all the same.
        redraw: the raw inputs of an epoch, where each has its own.
    """

    def __init__(
        self,
        engine: Engine,
        encoder: Layer,
        decoder: Layer,
        step: ReconstructionStep,
        clean: CleanCodes,
        loss: Loss,
        corruption: Corruption,
        X: Inputs,
        X_evaluation: Inputs,
        updates: Sequence[Update],
        *,
        number: int,
        seed: int,
        generators: Mapping[str, np.random.Generator],
        evaluated_on: str,
        weight: Array | None = None,
        weight_evaluation: Array | None = None,
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
        self.generators: Mapping[str, np.random.Generator] = {
            "corruption": self._noise,
            **generators,
        }
        self._evaluation_noise = ("evaluation corruption", number)
        self._seed = seed
        self._engine = engine
        engine.kernels_used()  # from here on, they are this run's
        self._clean = clean
        self._loss = loss
        self._corruption = corruption
        self._X, self._X_evaluation = X, X_evaluation
        self._weight, self._weight_evaluation = weight, weight_evaluation
        self._step = step
        self._redraw = redraw

    def begin(self, epoch: int) -> None:
        """See `Objective.begin`."""
        if self._redraw:
            self._X = self._redraw(epoch)

    def step(self, rows: Array) -> Step:
        """See `Objective.step`."""
        x, target = self._clean(self._engine.minibatch(self._X, rows))
        weight = None if self._weight is None else self._weight[rows]
        return Step(self._step(self._corruption(x, self._noise), target, weight))

    def evaluate(self) -> Evaluation:
        """See `Objective.evaluate`; all outputs, and the noise is the same at every call."""
        engine, (encoder, _) = self._engine, self.layers
        activity = ActivityCount(engine, [encoder])
        noise = generator(self._seed, *self._evaluation_noise)
        total, blocked, nonzero, n = 0.0, 0, 0, self._X_evaluation.shape[0]
        weight, counted = self._weight_evaluation, 0.0
        for rows in dense_batches((n, self.layers[-1].n_out)):
            x, wanted = self._clean(engine.minibatch(self._X_evaluation, rows))
            target = engine.densify(wanted)
            z = np.asarray(forward(engine, self.layers, self._corruption(x, noise))[-1])
            if weight is None:
                total += engine.loss(self._loss, z, target) * len(rows)
                counted += len(rows)
            else:
                total += float(self._loss.values(z, target) @ weight[rows])
                counted += float(weight[rows].sum())
            wrong = (target != 0) & (self._loss.prediction(z) != target)
            blocked += int((wrong & (engine.loss_gradient(self._loss, z, target) == 0)).sum())
            nonzero += int((target != 0).sum())
            activity.add([engine.forward(encoder, x)])
        return Evaluation(
            total / counted,
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
