"""What the contenders are asked to do: plain data that goes to their processes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rectinet.bench.drawn import draw_inputs
from rectinet.nn import Array, Network
from rectinet.randomness import generator

# So small that thousands of steps leave the share of zeros as it is.
RATE = 1e-6

_MINIBATCHES = 100
_CHECKED = 10


@dataclass(frozen=True)
class TrainingJob:
    """Steps of plain SGD on the softmax loss.

    Attributes:
        network: at the beginning.
        X, y: training examples.
        order: row numbers of each minibatch, shape (n_minibatches, batch); over and over.
        rate: the learning rate.
        checked: of so many steps `Runner.check` returns the losses.
    """

    network: Network
    X: Array
    y: Array
    order: Array
    rate: float = RATE
    checked: int = _CHECKED


@dataclass(frozen=True)
class InferenceJob:
    """Predictions, a fresh input on every call.

    Attributes:
        network: what predicts.
        inputs: shape (n_calls, batch, n_features); over and over. `Runner.check` returns the
            probabilities of the first.
    """

    network: Network
    inputs: Array


def training_job(network: Network, batch: int) -> TrainingJob:
    """Return 100 minibatches of drawn examples with drawn labels."""
    n = _MINIBATCHES * batch
    random = generator(0, "bench order")
    return TrainingJob(
        network,
        draw_inputs(n, network.layers[0].n_in, "training"),
        random.integers(0, network.output.n_out, n),
        random.permutation(n).reshape(_MINIBATCHES, batch),
    )


def inference_job(network: Network, batch: int) -> InferenceJob:
    """Return so many different inputs that no active row stays in a cache by itself."""
    calls = int(np.clip(4096 // batch, 16, 1024))
    x = draw_inputs(calls * batch, network.layers[0].n_in, "inference")
    return InferenceJob(network, x.reshape(calls, batch, -1))
