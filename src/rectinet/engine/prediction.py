"""What a finished network says of new inputs."""

from __future__ import annotations

import contextlib

import numpy as np
from scipy.sparse import issparse

from rectinet.data import check_inputs
from rectinet.engine.cpu import CpuEngine
from rectinet.engine.interface import Engine, Inputs
from rectinet.engine.passes import batches, encode, forward
from rectinet.errors import InputError
from rectinet.kernels import LayerArrays, PackedLayers
from rectinet.nn import Array, Linear, Network, Rectifier, SoftmaxNLL

DEFAULT_ENGINE: Engine = CpuEngine()

# So many examples at a time, four times those that csrc/predictor.cpp takes through all layers:
# enough for full speed, Ctrl-C is heard in between, and the codes of all layers stay small.
_AT_ONCE = 4 * 384


class Predictor:
    """A network made ready to predict often: weights copied once, all layers in one call.

    What happens to the network afterwards does not change it. Several threads may share one.

    Args:
        network: a trained network.
        engine: takes over where most units are active, and does everything where nothing was
            compiled or the units are neither rectifiers nor linear.

    Raises:
        InputError: if `network` is not one.
    """

    def __init__(self, network: Network, engine: Engine = DEFAULT_ENGINE):
        _check_network(network)
        self._network = network.copy()
        self._engine = engine
        self._dtype = network.layers[0].weight.dtype
        self._n_features = network.layers[0].n_in
        self._softmax = isinstance(network.loss, SoftmaxNLL)
        self._packed = _pack(self._network, self._softmax) if engine.packs else None

    def __reduce__(self) -> tuple[type[Predictor], tuple[Network, Engine]]:
        """Let a pickle carry the network, from which the copy is made anew."""
        return Predictor, (self._network, self._engine)

    def __call__(self, X: Inputs) -> Array:
        """Return what the output layer says of each example, shape (n, n_outputs).

        With the softmax, the probability of each class.

        Args:
            X: inputs, shape (n, n_features), dense or CSR.

        Raises:
            InputError: if X has the wrong shape, is empty, or is not finite.
        """
        # Checks that cost next to nothing; what they do not pass is looked at more closely.
        if self._packed and self._fits(X):
            # A damaged CSR matrix is refused by the kernels; why, is said below.
            with contextlib.suppress(ValueError):
                result = self._predict(X)
                if result is not None:
                    return result
        X = _inputs(X, self._network)
        parts = (self._predict(X[rows]) for rows in batches(X.shape[0], _AT_ONCE))
        return np.concatenate([part for part in parts if part is not None])

    def _fits(self, X: Inputs) -> bool:
        plain = X.ndim == 2 if isinstance(X, np.ndarray) else issparse(X) and X.format == "csr"
        return (
            plain
            and X.dtype == self._dtype
            and X.shape[1] == self._n_features
            and 0 < X.shape[0] <= _AT_ONCE
        )

    def _predict(self, X: Inputs) -> Array | None:
        """Return the prediction for so few examples; None if they are not finite."""
        layers, done, values = self._network.layers, 0, X
        if self._packed:
            widest = max(layer.n_out for layer in layers)
            progress = self._packed(X, self._engine.most_active(X.shape[0], widest))
            if progress is None:
                return None
            done, values = progress
        if done == len(layers) and self._softmax:
            return np.asarray(values)
        return self._network.loss.prediction(
            np.asarray(forward(self._engine, layers[done:], values)[-1])
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
    X = _inputs(X, network)
    return network.loss.prediction(encode(engine, network.layers, X))


def predict(network: Network, X: Inputs, engine: Engine = DEFAULT_ENGINE) -> Array:
    """Return the most probable class of each example, shape (n,); see `predict_probabilities`."""
    return np.asarray(predict_probabilities(network, X, engine).argmax(axis=1))


def _inputs(X: Inputs, network: Network) -> Inputs:
    """Return checked inputs in the network's precision."""
    first = network.layers[0]
    X = check_inputs(X, n_features=first.n_in)
    if X.dtype == first.weight.dtype:
        return X
    with np.errstate(over="ignore"):  # what single precision does not hold is infinite: see there
        return check_inputs(X.astype(first.weight.dtype), n_features=first.n_in)


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
