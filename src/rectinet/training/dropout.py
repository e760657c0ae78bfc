"""Dropout: a random share of inputs and hidden units is off for one minibatch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array, issparse

from rectinet.engine import Engine, Inputs, Update
from rectinet.nn import Array, Layer, Rectifier


class Dropout:
    """Forward and backward passes in which units are dropped (Srivastava et al. 2014).

    What is kept is divided by the share that is kept, so that the network needs no change when it
    predicts. A dropped unit is an exact zero: it costs the kernels nothing.

    Args:
        shares: of the inputs and of each hidden layer's units, from 0 to below 1.
        random: draws who is dropped.
    """

    def __init__(self, shares: Sequence[float], random: np.random.Generator):
        self._shares = shares
        self._random = random

    def forward(self, engine: Engine, layers: Sequence[Layer], x: Inputs) -> list[Inputs]:
        """Return what every layer gets, and what the last one says; see `passes.forward`."""
        values = [self._drop(x, self._shares[0])]
        for layer, share in zip(layers, (*self._shares[1:], 0.0), strict=True):
            values.append(self._drop(engine.forward(layer, values[-1]), share))
        return values

    def backward_and_update(
        self,
        engine: Engine,
        layers: Sequence[Layer],
        values: Sequence[Inputs],
        delta: Array,
        updates: Sequence[Update],
    ) -> None:
        """Walk down from the output, updating each layer; see `passes.backward_and_update`.

        The penalty on activations is on what is left of them.
        """
        for index in reversed(range(1, len(layers))):
            layer, below, share = layers[index], layers[index - 1], self._shares[index]
            h, l1 = np.asarray(values[index]), updates[index - 1].penalties.activation_l1
            # A rectifier passes nothing where it is 0, which a dropped unit is as well.
            skips = isinstance(below.activation, Rectifier)
            passed = engine.backward(
                layer,
                h,
                delta,
                updates[index],
                input_gradient=True,
                below=below if skips else None,
                activation_l1=l1 if skips else 0.0,
            )
            assert passed is not None
            delta = passed
            if not skips:
                # A unit that says exactly 0 of its own accord passes for dropped; tanh and
                # softplus do so with probability 0.
                delta *= h != 0
                delta = engine.activation_gradient(below, h * (1 - share), delta, l1)
            if share:
                delta /= 1 - share
        engine.backward(layers[0], values[0], delta, updates[0], input_gradient=False)

    def _drop(self, x: Inputs, share: float) -> Inputs:
        if not share:
            return x
        if issparse(x):
            rows = csr_array(x)
            data = self._kept(rows.data, share)
            return csr_array((data, rows.indices, rows.indptr), shape=rows.shape)
        return self._kept(np.asarray(x), share)

    def _kept(self, x: Array, share: float) -> Array:
        kept = np.asarray(self._random.random(x.shape, dtype=np.float32) >= share, x.dtype)
        kept /= 1 - share
        return np.asarray(x * kept)
