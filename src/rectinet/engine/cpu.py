"""The engine on this machine's processor: kernels that skip inactive inputs, or BLAS."""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import csr_array, issparse

from rectinet import kernels
from rectinet.engine.decoding import all_pairs, cost_of, sampled_pairs
from rectinet.engine.interface import Inputs
from rectinet.engine.updates import Update, apply_update
from rectinet.kernels import Kernels, Step
from rectinet.kernels.step import BETA1, BETA2
from rectinet.nn import Array, Layer, Linear, Loss, Rectifier, SampledOutputs, SoftmaxNLL

# With more examples, dense products through BLAS are faster than dots of rows.
_FEW_EXAMPLES = 32


class CpuEngine:
    """Arithmetic through `rectinet.kernels`, which chooses who does it.

    Args:
        kernels: the choice; by default what RECTINET_KERNELS says.
    """

    name = "cpu"

    def __init__(self, kernels: Kernels | None = None):
        self._kernels = kernels or Kernels()

    @property
    def packs(self) -> bool:
        """See `Engine.packs`."""
        return self._kernels.mode in ("auto", "native")

    def most_active(self, examples: int, units: int) -> float:
        """See `Engine.most_active`."""
        return self._kernels.most_active("prediction", examples, units)

    def minibatch(self, inputs: Inputs, rows: Array) -> Inputs:
        """See `Engine.minibatch`."""
        return inputs[rows]

    def densify(self, inputs: Inputs) -> Array:
        """See `Engine.densify`."""
        dense: Array = csr_array(inputs).toarray() if issparse(inputs) else np.asarray(inputs)
        return dense

    def forward(self, layer: Layer, x: Inputs) -> Array:
        """See `Engine.forward`."""
        activation = layer.activation
        rectify = isinstance(activation, Rectifier)
        if rectify or isinstance(activation, Linear):
            return self._kernels.forward(x, layer.weight, layer.bias, layer.sign, rectify)
        ones = np.ones_like(layer.sign)
        h = activation.value(self._kernels.forward(x, layer.weight, layer.bias, ones, False))
        h *= layer.sign
        return h

    def loss(self, loss: Loss, z: Array, target: Array) -> float:
        """See `Engine.loss`."""
        return float(loss.values(z, target).mean())

    def loss_gradient(self, loss: Loss, z: Array, target: Array) -> Array:
        """See `Engine.loss_gradient`."""
        delta = loss.gradient(z, target)
        delta /= len(z)
        return delta

    def loss_and_gradient(self, loss: Loss, z: Array, target: Array) -> tuple[float, Array]:
        """See `Engine.loss_and_gradient`."""
        if isinstance(loss, SoftmaxNLL):
            return self._kernels.softmax_nll(z, target)
        return self.loss(loss, z, target), self.loss_gradient(loss, z, target)

    def activation_gradient(self, layer: Layer, h: Array, gradient: Array, l1: float) -> Array:
        """See `Engine.activation_gradient`."""
        if l1:
            gradient += (l1 / len(h)) * np.sign(h)
        if isinstance(layer.activation, Rectifier):
            # Off units are exactly 0 whatever their sign, so the sign need not be undone first.
            gradient *= h != 0
        else:
            gradient *= layer.activation.derivative(h * layer.sign)
        gradient *= layer.sign
        return gradient

    def input_gradient(self, layer: Layer, delta: Array) -> Array:
        """See `Engine.input_gradient`."""
        return kernels.input_gradient(layer.weight, delta)

    def weight_gradient(self, x: Inputs, delta: Array) -> Array:
        """See `Engine.weight_gradient`."""
        return self._kernels.weight_gradient(x, delta)

    def update(self, layer: Layer, weight: Array, bias: Array, update: Update) -> None:
        """See `Engine.update`."""
        if update.penalties.on_weights:
            weight = weight + update.penalties.weight_gradient(layer.weight)
        apply_update(layer.weight, weight, update, "weight")
        apply_update(layer.bias, bias, update, "bias")
        update.steps += 1

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
        """See `Engine.backward`."""
        # Only a rectifier stops the gradient where its output is 0, and only there may the
        # kernels skip it.
        skip = input_gradient and below is not None and isinstance(below.activation, Rectifier)
        gradient = self.input_gradient(layer, delta) if input_gradient and not skip else None
        passed = self._kernels.backward(
            x,
            delta,
            layer.weight,
            layer.bias,
            _step(update),
            below.sign if below is not None and skip else None,
            activation_l1 / x.shape[0] if skip else 0.0,
        )
        update.steps += 1
        if skip or gradient is None or below is None:
            return passed if skip else gradient
        return self.activation_gradient(below, np.asarray(x), gradient, activation_l1)

    def decodes(self, loss: Loss) -> bool:
        """See `Engine.decodes`."""
        return cost_of(loss) is not None

    def decodes_faster(self, loss: Loss, examples: int) -> bool:
        """See `Engine.decodes_faster`."""
        return self.packs and examples <= _FEW_EXAMPLES and self.decodes(loss)

    def decoder_step(
        self,
        decoder: Layer,
        h: Array,
        loss: Loss,
        target: Array | SampledOutputs,
        update: Update,
        weight: Array | None = None,
    ) -> tuple[float, Array]:
        """See `Engine.decoder_step`."""
        cost = cost_of(loss)
        assert cost is not None and update.plain and not update.penalties.on_weights
        pairs = sampled_pairs(target) if isinstance(target, SampledOutputs) else all_pairs(target)
        if weight is not None:
            pairs = pairs._replace(weight=pairs.weight * weight[pairs.example])
        update.steps += 1
        return self._kernels.decoder_step(
            h, pairs, decoder.weight.T, decoder.bias, update.learning_rate, cost
        )

    def count_active(self, h: Array) -> Array:
        """See `Engine.count_active`."""
        return np.asarray(np.count_nonzero(h, axis=0))

    def kernels_used(self) -> dict[str, int]:
        """See `Engine.kernels_used`."""
        return self._kernels.chosen()


def _step(update: Update) -> Step:
    l1, l2 = update.penalties.weight_l1, update.penalties.weight_l2
    rate, buffers = update.learning_rate, update.buffers
    if update.adam:
        step = update.steps + 1
        rate *= math.sqrt(1 - BETA2**step) / (1 - BETA1**step)
        first = buffers["mean.weight"], buffers["mean.bias"]
        second = buffers["square.weight"], buffers["square.bias"]
        return Step(kernels.ADAM, rate, 0.0, l1, l2, *first, *second)
    if update.momentum:
        velocity = buffers["velocity.weight"], buffers["velocity.bias"]
        return Step(kernels.MOMENTUM, rate, update.momentum, l1, l2, *velocity)
    return Step(kernels.SGD, rate, 0.0, l1, l2)
