"""Steps of an encoder and its decoder: layer by layer, tied, or output by output."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from rectinet.engine import Engine, Inputs, Update, backward_and_update, forward, gradients
from rectinet.nn import Array, Layer, Loss, OutputSampler
from rectinet.training.weights import weighed


class ReconstructionStep(Protocol):
    """Trains an encoder and its decoder on one minibatch."""

    def __call__(self, corrupted: Inputs, target: Inputs, weight: Array | None = None) -> float:
        """Move both layers and return the mean cost; one that is not finite moves no encoder.

        Args:
            corrupted: inputs with noise, shape (n, n_in), dense or CSR.
            target: what the decoder should say, shape (n, n_in), likewise.
            weight: how much each example counts, shape (n,); None: all the same.
        """
        ...


def bias_only(decoder: Layer) -> Layer:
    """Return the part of a tied decoder that is its own: the bias, and a weight with no entries."""
    return replace(decoder, weight=np.empty((0, 0), decoder.weight.dtype))


class LayerSteps:
    """The general case: all outputs, any update rule.

    Args:
        engine: does the arithmetic.
        layers: encoder and decoder; the latter linear up to the loss.
        loss: the decoder's activation and cost.
        updates: of both.
    """

    def __init__(
        self, engine: Engine, layers: Sequence[Layer], loss: Loss, updates: Sequence[Update]
    ):
        self._engine, self._layers, self._loss, self._updates = engine, layers, loss, updates

    def __call__(self, corrupted: Inputs, target: Inputs, weight: Array | None = None) -> float:
        """See `ReconstructionStep`."""
        engine = self._engine
        values = forward(engine, self._layers, corrupted)
        z = np.asarray(values[-1])
        mean_loss, delta = weighed(engine, self._loss, z, engine.densify(target), weight)
        if math.isfinite(mean_loss):
            self._move(values, delta)
        return mean_loss

    def _move(self, values: Sequence[Inputs], delta: Array) -> None:
        backward_and_update(self._engine, self._layers, values, delta, self._updates)


class TiedSteps(LayerSteps):
    """The same for a decoder whose weight is a view of the encoder's, transposed."""

    def _move(self, values: Sequence[Inputs], delta: Array) -> None:
        """Add both layers' gradients of the shared matrix before it moves."""
        (encoder, decoder), (update, decoder_update) = self._layers, self._updates
        penalties = [rule.penalties for rule in self._updates]
        (weight, bias), (decoder_weight, decoder_bias) = gradients(
            self._engine, self._layers, values, delta, penalties
        )
        self._engine.update(encoder, weight + decoder_weight.T, bias, update)
        rest = bias_only(decoder)
        self._engine.update(rest, np.zeros_like(rest.weight), decoder_bias, decoder_update)


class OutputSteps:
    """One pass over the decoder's outputs, all of them or a sample: plain SGD without penalties.

    The decoder may be tied: its rows are the encoder's, and the step of the encoder, taken
    afterwards, looks at no weight.

    Args:
        engine: does the arithmetic.
        layers: encoder and decoder; the latter's weight is kept output by output.
        loss: one that the engine decodes.
        updates: of both.
        sampler: chooses the outputs; None: all.
        random: source of the sample.
    """

    def __init__(
        self,
        engine: Engine,
        layers: Sequence[Layer],
        loss: Loss,
        updates: Sequence[Update],
        sampler: OutputSampler | None,
        random: np.random.Generator,
    ):
        self._engine, self._layers, self._loss, self._updates = engine, layers, loss, updates
        self._sampler, self._random = sampler, random

    def __call__(self, corrupted: Inputs, target: Inputs, weight: Array | None = None) -> float:
        """See `ReconstructionStep`."""
        engine, (encoder, decoder) = self._engine, self._layers
        update, decoder_update = self._updates
        wanted = (
            self._sampler.draw(target, corrupted, self._random)
            if self._sampler
            else engine.densify(target)
        )
        h = engine.forward(encoder, corrupted)
        mean_loss, gradient = engine.decoder_step(
            decoder, h, self._loss, wanted, decoder_update, weight
        )
        if math.isfinite(mean_loss):
            l1 = update.penalties.activation_l1
            delta = engine.activation_gradient(encoder, h, gradient, l1)
            engine.backward(encoder, corrupted, delta, update, input_gradient=False)
        return mean_loss
