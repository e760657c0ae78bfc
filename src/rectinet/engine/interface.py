"""The narrow seam: the operations in which all arithmetic on minibatches happens.

Everything above this room (the loop, pre-training, fine-tuning, studies) is written against these
operations, so another engine (kernels that skip inactive units, a GPU) changes nothing there.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias

from rectinet.engine.updates import Update
from rectinet.nn import Array, Layer, Loss, Minibatch, SampledOutputs

Inputs: TypeAlias = Minibatch
"""Inputs of a layer: dense, shape (n, n_in), or CSR of the same shape."""


class Engine(Protocol):
    """Arithmetic on one minibatch of n examples."""

    name: str

    @property
    def packs(self) -> bool:
        """Whether predictions may go through `rectinet.kernels.PackedLayers`."""
        ...

    def most_active(self, examples: int, units: int) -> float:
        """Return the share of active inputs up to which these are faster than `forward`."""
        ...

    def minibatch(self, inputs: Inputs, rows: Array) -> Inputs:
        """Return the given rows of a data set; dense stays dense, CSR stays CSR."""
        ...

    def densify(self, inputs: Inputs) -> Array:
        """Return a minibatch as a dense array (a decoder's target)."""
        ...

    def forward(self, layer: Layer, x: Inputs) -> Array:
        """Return ``sign * activation(x @ weight + bias)``, shape (n, n_out)."""
        ...

    def loss(self, loss: Loss, z: Array, target: Array) -> float:
        """Return the mean cost of the batch."""
        ...

    def loss_gradient(self, loss: Loss, z: Array, target: Array) -> Array:
        """Return the gradient of the mean cost with respect to `z`, shape of `z`."""
        ...

    def loss_and_gradient(self, loss: Loss, z: Array, target: Array) -> tuple[float, Array]:
        """Return what `loss` and `loss_gradient` do."""
        ...

    def activation_gradient(self, layer: Layer, h: Array, gradient: Array, l1: float) -> Array:
        """Pass a gradient through a hidden layer's sign and activation.

        Args:
            layer: the layer that produced `h`.
            h: its output, shape (n, n_out).
            gradient: of the cost with respect to `h`; may be overwritten.
            l1: strength of the activation penalty, whose gradient is added here.

        Returns:
            The gradient with respect to the layer's pre-activation.
        """
        ...

    def input_gradient(self, layer: Layer, delta: Array) -> Array:
        """Return ``delta @ weight.T``, shape (n, n_in)."""
        ...

    def weight_gradient(self, x: Inputs, delta: Array) -> Array:
        """Return ``x.T @ delta``, shape (n_in, n_out)."""
        ...

    def update(self, layer: Layer, weight: Array, bias: Array, update: Update) -> None:
        """Apply given gradients, and the weight penalties, to a layer in place."""
        ...

    def backward(
        self,
        layer: Layer,
        x: Inputs,
        delta: Array,
        update: Update,
        *,
        input_gradient: bool,
        below: Layer | None = None,
        activation_l1: float = 0.0,
    ) -> Array | None:
        """Pass the gradient down (if `input_gradient`), and update the layer in place.

        The same numbers as `input_gradient`, `activation_gradient`, `weight_gradient` and `update`
        one after the other; an engine may do them in one pass over the weights.

        Args:
            layer: the layer, changed in place.
            x: its input.
            delta: gradient with respect to its pre-activation, shape (n, n_out).
            update: its rule.
            input_gradient: whether anything is to be passed down.
            below: the layer whose output `x` is, if there is one.
            activation_l1: strength of the penalty on `x`.

        Returns:
            Shape of `x`: the gradient with respect to the pre-activation of `below`, or without it
            with respect to `x`; None without `input_gradient`.
        """
        ...

    def decodes(self, loss: Loss) -> bool:
        """Return whether `decoder_step` knows a loss."""
        ...

    def decodes_faster(self, loss: Loss, examples: int) -> bool:
        """Return whether `decoder_step` on all outputs beats `forward` and `backward`."""
        ...

    def decoder_step(
        self,
        decoder: Layer,
        h: Array,
        loss: Loss,
        target: Array | SampledOutputs,
        update: Update,
        weight: Array | None = None,
    ) -> tuple[float, Array]:
        """Move a linear decoder down the cost of its outputs, or of some of them, in one pass.

        Args:
            decoder: changed in place, the rows of outputs that are not sampled excepted; its
                weight is kept output by output: ``decoder.weight.T`` is C-contiguous.
            h: the code, shape (n, n_hidden).
            loss: one that `decodes`.
            target: of all outputs, shape (n, n_outputs), or of those that were sampled.
            update: plain SGD without penalties.
            weight: how much each example counts, shape (n,); None: all the same.

        Returns:
            The mean cost and its gradient with respect to `h`, at the weights of before the step.
        """
        ...

    def count_active(self, h: Array) -> Array:
        """Return, for each unit, in how many examples its output is not exactly 0; (n_out,)."""
        ...

    def kernels_used(self) -> dict[str, int]:
        """Return how many calls each kernel did since this was last asked, e.g. for records."""
        ...
