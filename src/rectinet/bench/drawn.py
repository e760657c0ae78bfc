"""Networks and inputs drawn for measurements, with a wanted share of zeros."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from rectinet.engine import DEFAULT_ENGINE, forward
from rectinet.errors import SettingError
from rectinet.nn import Array, Network, Rectifier, initialize_network, layer_sizes
from rectinet.randomness import generator

ACTIVE_INPUTS = 0.19
"""Share of inputs that are not 0, as in MNIST."""

_SAMPLES = 2000


def draw_inputs(n: int, n_features: int, *purpose: str | int) -> Array:
    """Return inputs of which about 19% are active, uniform in (0, 1); shape (n, n_features)."""
    random = generator(0, "bench inputs", *purpose)
    x = random.random((n, n_features), dtype=np.float32)
    x *= random.random(x.shape, dtype=np.float32) < ACTIVE_INPUTS
    return x


def draw_network(sizes: Sequence[int], zeros: float) -> Network:
    """Return a classifier whose hidden units are off for about the wanted share of examples.

    Weights and signs as at the start of a training. Each hidden unit's bias is then shifted to the
    quantile of its pre-activation over sample inputs, layer by layer, so that every unit is off for
    that share of examples, on other inputs from `draw_inputs` too.

    This is the hard case for kernels that skip: all units are equally often on, and independently,
    so that among 10 examples hardly any unit is off for all. In trained networks some units are
    rarely on.

    Args:
        sizes: of the input, the hidden layers and the output.
        zeros: wanted share, from 0 to below 1.

    Raises:
        SettingError: if `zeros` is out of range, or a size is not positive.
    """
    check_zeros(zeros)
    network = initialize_network(
        sizes[0], sizes[1:-1], sizes[-1], Rectifier(), generator(0, "bench weights")
    )
    h = draw_inputs(_SAMPLES, sizes[0], "sample")
    for layer in network.hidden:
        z = h @ layer.weight
        cut = np.quantile(z, zeros, axis=0)
        if zeros == 0:  # on other inputs than these, the smallest is not the bound
            cut -= z.std(axis=0)
        layer.bias[...] = -cut
        h = layer.sign * np.maximum(z + layer.bias, 0)
    return network


def check_hidden(sizes: Sequence[int]) -> None:
    """Make sure that there are hidden layers, of positive sizes.

    Raises:
        SettingError: otherwise.
    """
    if not layer_sizes(sizes):
        raise SettingError("hidden is empty; give at least one hidden layer, such as 3x1000")


def check_zeros(*shares: float) -> None:
    """Make sure that networks with such shares of zeros can be drawn.

    Raises:
        SettingError: otherwise.
    """
    for zeros in shares:
        if not 0 <= zeros < 1:
            raise SettingError(f"zeros is {zeros:g}; give shares from 0 to below 1, such as 0.8")


def share_of_zeros(network: Network, X: Array) -> float:
    """Return the share of hidden outputs that are exactly 0, mean over layers and examples."""
    outputs = forward(DEFAULT_ENGINE, network.hidden, X)[1:]
    return float(np.mean([np.mean(np.asarray(h) == 0) for h in outputs]))


def plain_layers(network: Network) -> list[tuple[Array, Array]]:
    """Return (weight, bias) of the same function without signs, for libraries that have none.

    A layer's signs go into the next layer's rows: ``(s h) W = h (s W)``. Under gradient descent
    the two stay the same function, because ``s s = 1``.
    """
    layers = [(network.layers[0].weight.copy(), network.layers[0].bias.copy())]
    for below, layer in itertools.pairwise(network.layers):
        layers.append((below.sign[:, None] * layer.weight, layer.bias.copy()))
    return layers
