"""A network small enough to work out by hand, and drawn ones with biases."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rectinet.nn import Activation, Layer, Network, Rectifier, initialize_network
from rectinet.randomness import generator


@pytest.fixture
def by_hand() -> tuple[list[Layer], np.ndarray]:
    """Return one layer of three rectifiers and four examples, with the code

    [[1, 0, 0], [2, -1, 0], [0, -2, 0], [1, 0, 0]]: unit 2 has sign -1, unit 3 is dead.
    """
    layer = Layer(
        np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
        np.array([0.0, 0.0, -5.0]),
        np.array([1.0, -1.0, 1.0]),
        Rectifier(),
    )
    return [layer], np.array([[1.0, -1.0], [2.0, 1.0], [-1.0, 2.0], [1.0, -3.0]])


@pytest.fixture
def drawn() -> Callable[..., Network]:
    """Return a function that draws a network of 7 inputs and 4 outputs, with biases."""

    def draw(
        activation: Activation | None = None, sizes: tuple[int, ...] = (9, 5), dtype=np.float64
    ) -> Network:
        network = initialize_network(
            7, sizes, 4, activation or Rectifier(), generator(0, "weights"), dtype=dtype
        )
        for number, layer in enumerate(network.layers):
            layer.bias[...] = 0.3 * generator(number, "biases").normal(size=layer.n_out)
        return network

    return draw


@pytest.fixture
def inputs() -> np.ndarray:
    """Return 23 examples of 7 inputs, about half of them zero."""
    return np.maximum(generator(2, "inputs").normal(size=(23, 7)), 0)
