"""What a finished network says of new inputs."""

from __future__ import annotations

import numpy as np
from scipy.sparse import issparse

from rectinet.data import check_inputs
from rectinet.engine.cpu import CpuEngine
from rectinet.engine.interface import Engine, Inputs
from rectinet.engine.passes import encode
from rectinet.errors import InputError
from rectinet.kernels import LayerArrays, PackedLayers
from rectinet.nn import Array, Linear, Network, Rectifier, SoftmaxNLL

DEFAULT_ENGINE: Engine = CpuEngine()

# From so many examples on, the choice between skipping and BLAS, layer by layer, is worth more
# than doing all layers in one call (3 x 1000 units, two cores).
_BY_LAYER = 32


class Predictor:
    """A network made ready to predict often: weights packed once, all layers in one call.

    Takes a copy: what happens to the network afterwards does not change it. Several threads may
    share one. Nothing about the result depends on which other examples are in the call, as long
    as they are fewer than 32.

    Args:
        network: a trained network.
        engine: does the arithmetic of large batches, and all of it where nothing was compiled or
            the units are neither rectifiers nor linear.

    Raises:
        InputError: if `network` is not one.
    """

    def __init__(self, network: Network, engine: Engine = DEFAULT_ENGINE):
        _check_network(network)
        self._network = network.copy()
        self._engine = engine
        self._dtype = network.layers[0].weight.dtype
        self._softmax = isinstance(network.loss, SoftmaxNLL)
        self._packed = _pack(self._network, self._softmax) if engine.packs else None

    def __call__(self, X: Inputs) -> Array:
        """Return what the output layer says of each example, shape (n, n_outputs).

        With the softmax, the probability of each class.

        Args:
            X: inputs, shape (n, n_features), dense or CSR.

        Raises:
            InputError: if X has the wrong shape, is empty, or is not finite.
        """
        if self._packed and self._fits(X):
            out = self._packed(X)
            if out is not None:
                return out if self._softmax else self._network.loss.prediction(out)
        # A finite input of the right kind comes here only in large batches.
        X = check_inputs(X, n_features=self._network.layers[0].n_in)
        X = X.astype(self._dtype, copy=False)
        if self._packed and self._fits(X):
            return self(X)
        return self._network.loss.prediction(encode(self._engine, self._network.layers, X))

    def _fits(self, X: Inputs) -> bool:
        """Whether the packed layers take `X` as it is; cheap, for it costs every call."""
        return (
            (isinstance(X, np.ndarray) or issparse(X))
            and X.dtype == self._dtype
            and X.ndim == 2
            and X.shape[1] == self._network.layers[0].n_in
            and 0 < X.shape[0] < _BY_LAYER
            and (not issparse(X) or X.format == "csr")
        )

    def predict(self, X: Inputs) -> Array:
        """Return the most probable class of each example, shape (n,); see `__call__`."""
        return np.asarray(self(X).argmax(axis=1))


def predict_probabilities(network: Network, X: Inputs, engine: Engine = DEFAULT_ENGINE) -> Array:
    """Return what the output layer says of each example; see `Predictor` for many small calls.

    Args:
        network: a trained network.
        X: inputs, shape (n, n_features), dense or CSR.
        engine: does the arithmetic.

    Returns:
        Shape (n, n_outputs): with the softmax, the probability of each class.

    Raises:
        InputError: if X has the wrong shape, is empty, or is not finite.
    """
    _check_network(network)
    X = check_inputs(X, n_features=network.layers[0].n_in)
    X = X.astype(network.layers[0].weight.dtype, copy=False)
    return network.loss.prediction(encode(engine, network.layers, X))


def predict(network: Network, X: Inputs, engine: Engine = DEFAULT_ENGINE) -> Array:
    """Return the most probable class of each example, shape (n,); see `predict_probabilities`."""
    return np.asarray(predict_probabilities(network, X, engine).argmax(axis=1))


def _check_network(network: object) -> None:
    if not isinstance(network, Network):
        raise InputError(
            f"network is a {type(network).__name__}; give a Network, such as the `network` of what "
            "rectinet.finetune returned"
        )


def _pack(network: Network, softmax: bool) -> PackedLayers | None:
    if not all(isinstance(layer.activation, Rectifier | Linear) for layer in network.layers):
        return None
    layers = [
        LayerArrays(layer.weight, layer.bias, layer.sign, isinstance(layer.activation, Rectifier))
        for layer in network.layers
    ]
    return PackedLayers(layers, softmax=softmax)
