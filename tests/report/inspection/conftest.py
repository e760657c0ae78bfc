"""Small networks on data made here: images, words, and cases that miss something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.nn import Activation, Network, Rectifier, initialize_network
from rectinet.randomness import generator
from rectinet.report.inspection import Inspection, inspect_network

N, SIDE, CLASSES = 90, 3, ("ant", "bee", "<cat>")


@pytest.fixture
def network() -> Callable[..., Network]:
    """Return a function that draws a network of nine inputs and three outputs."""

    def draw(activation: Activation | None = None, n_outputs: int = len(CLASSES)) -> Network:
        return initialize_network(
            SIDE * SIDE, (12, 8), n_outputs, activation or Rectifier(), generator(0, "weights")
        )

    return draw


@pytest.fixture
def examples() -> tuple[np.ndarray, np.ndarray]:
    """Return 90 images of nine pixels, about half of them zero, of three classes."""
    X = np.maximum(generator(1, "inputs").normal(size=(N, SIDE * SIDE)), 0).astype(np.float32)
    return X, np.arange(N) % len(CLASSES)


@pytest.fixture
def inspect(network, examples) -> Callable[..., Inspection]:
    """Return a function that inspects; arguments given replace the usual ones."""

    def run(activation: Activation | None = None, **more: Any) -> Inspection:
        X, y = examples
        usual = {
            "layers": network(activation).layers,
            "X": X,
            "y": y,
            "class_names": CLASSES,
            "image_shape": (SIDE, SIDE),
            "title": "Ants & bees",
            "provenance": {"Data": "made <here>", "Kernels": 7},
            "n_local_models": 4,
        }
        arguments = {**usual, **more}
        return inspect_network(arguments.pop("layers"), arguments.pop("X"), **arguments)

    return run


@pytest.fixture
def words(inspect, examples) -> Inspection:
    """Return an inspection of sparse inputs with names."""
    X, _ = examples
    names = [f"word{number}" for number in range(X.shape[1])]
    return inspect(X=csr_array(X), image_shape=None, feature_names=names)
