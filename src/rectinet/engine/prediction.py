"""What a finished network says of new inputs."""

from __future__ import annotations

import numpy as np

from rectinet.data import check_inputs
from rectinet.engine.cpu import CpuEngine
from rectinet.engine.interface import Engine, Inputs
from rectinet.engine.passes import encode
from rectinet.errors import InputError
from rectinet.nn import Array, Network

DEFAULT_ENGINE: Engine = CpuEngine()


def predict_probabilities(network: Network, X: Inputs, engine: Engine = DEFAULT_ENGINE) -> Array:
    """Return what the output layer says of each example.

    Args:
        network: a trained network.
        X: inputs, shape (n, n_features), dense or CSR.
        engine: does the arithmetic.

    Returns:
        Shape (n, n_outputs): with the softmax, the probability of each class.

    Raises:
        InputError: if X has the wrong shape, is empty, or is not finite.
    """
    if not isinstance(network, Network):
        raise InputError(
            f"network is a {type(network).__name__}; give a Network, such as the `network` of what "
            "rectinet.finetune returned"
        )
    X = check_inputs(X, n_features=network.layers[0].n_in)
    X = X.astype(network.layers[0].weight.dtype, copy=False)
    return network.loss.prediction(encode(engine, network.layers, X))


def predict(network: Network, X: Inputs, engine: Engine = DEFAULT_ENGINE) -> Array:
    """Return the most probable class of each example, shape (n,); see `predict_probabilities`."""
    return np.asarray(predict_probabilities(network, X, engine).argmax(axis=1))
