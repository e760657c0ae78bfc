"""How well a linear classifier does on each layer's code (paper section 2.2).

Measured with scikit-learn's logistic regression, which finds any linear separation of several
classes, as one-against-the-rest fits do not.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from rectinet.analysis.codes import (
    BATCH_SIZE,
    Array,
    Inputs,
    batched_outputs,
    check_at_least_one,
    check_layers,
    finite_inputs,
    read_inputs,
)
from rectinet.errors import InputError, SettingError
from rectinet.randomness import generator

_MAX_ITERATIONS = 1000

# Ten times scikit-learn's: on MNIST codes half the time, and accuracies within 0.3 points.
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class LinearSeparability:
    """Accuracy of a linear classifier on the inputs and on each layer's code.

    Attributes:
        n_train, n_test: examples that the classifiers were fitted to, and held out.
        train_accuracy: of the inputs first, then of each layer; 1 where they are separable.
        test_accuracy: the same on the examples held out.
        converged: whether each fit reached its optimum.
    """

    n_train: int
    n_test: int
    train_accuracy: tuple[float, ...]
    test_accuracy: tuple[float, ...]
    converged: tuple[bool, ...]


def linear_separability(
    layers: Sequence[Any],
    X: Inputs,
    y: Any,
    *,
    max_examples: int = 4000,
    regularization: float = 1.0,
    seed: int = 0,
    batch_size: int = BATCH_SIZE,
) -> LinearSeparability:
    """Fit a linear classifier to half of the examples and try it on the other half.

    Each code is divided by one number, the root mean square of its non-zero values on the fitted
    half, so that `rescale` changes nothing, and one regularization means the same in all layers.
    Give examples that the network was not trained on; else the code has seen their labels.

    Args:
        layers: bottom to top, of any activation.
        X: inputs, shape (n, n_features), dense or sparse.
        y: class numbers, shape (n,); examples below 0 are unlabeled and left out.
        max_examples: at most so many are drawn at random, and their codes kept, one layer's at a
            time.
        regularization: strength of the L2 penalty (the inverse of scikit-learn's C).
        seed: of the draw.
        batch_size: how many examples at a time.

    Raises:
        InputError: if `X`, `y` or the layers' numbers cannot be used, or the fitted half has fewer
            than two classes.
        SettingError: if the layers do not fit together, or another argument is out of range.
    """
    check_layers(layers)
    matrix = read_inputs(X, layers)
    labels = class_numbers(y, matrix.shape[0])
    check_at_least_one("max_examples", max_examples)
    if not 0 < regularization < np.inf:
        raise SettingError(
            f"regularization is {regularization!r}; give a positive finite number, such as 1"
        )
    random = generator(seed, "analysis", "separability")
    labeled = np.flatnonzero(labels >= 0)
    drawn = random.permutation(labeled)[:max_examples]
    n_train = (len(drawn) + 1) // 2
    train, test = labels[drawn[:n_train]], labels[drawn[n_train:]]
    if len(np.unique(train)) < 2 or len(test) == 0:
        raise InputError(
            f"y has {len(labeled)} labeled examples, of which {n_train} were drawn to fit, with "
            f"{len(np.unique(train))} classes; expected two classes or more: give more examples"
        )
    found = []
    # One layer at a time: computing the layers below again costs less than keeping all codes.
    for depth in range(len(layers) + 1):
        code = _code(layers, matrix, drawn, depth, batch_size)
        stored = code[:n_train].data if issparse(code) else code[:n_train]
        used = np.square(stored[stored != 0], dtype=np.float64)
        code = code / code.dtype.type(np.sqrt(used.mean()) if used.size else 1.0)
        model = LogisticRegression(C=1 / regularization, tol=_TOLERANCE, max_iter=_MAX_ITERATIONS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # told by `converged`
            model.fit(code[:n_train], train)
        converged = bool((model.n_iter_ < _MAX_ITERATIONS).all())
        accuracies = [
            float((model.predict(part) == wanted).mean())
            for part, wanted in ((code[:n_train], train), (code[n_train:], test))
        ]
        found.append((*accuracies, converged))
    on_train, on_test, done = zip(*found, strict=True)
    return LinearSeparability(n_train, len(test), on_train, on_test, done)


def class_numbers(y: Any, n_examples: int) -> Array:
    """Return `y` as whole numbers, shape (n_examples,), int64.

    Raises:
        InputError: if it has another shape or holds anything but whole numbers.
    """
    labels = np.asarray(y)
    if labels.shape != (n_examples,):
        raise InputError(f"y has shape {labels.shape}; expected ({n_examples},): one per example")
    if labels.dtype.kind not in "buif" or not np.array_equal(labels, np.rint(labels)):
        raise InputError(
            f"y has the type {labels.dtype} and is not made of whole numbers; expected class "
            "numbers from 0: encode the classes first"
        )
    return labels.astype(np.int64)


def _code(layers: Sequence[Any], matrix: Any, rows: Array, depth: int, batch_size: int) -> Any:
    if depth == 0:
        return finite_inputs(matrix[rows], layers)
    parts = batched_outputs(layers[:depth], matrix, batch_size=batch_size, order=rows)
    return np.concatenate([values[-1] for _, values in parts])
