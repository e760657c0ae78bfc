"""How far predicted ratings are off."""

from __future__ import annotations

import numpy as np

from rectinet.nn import Array


def rating_rmse(predicted: Array, y: Array, class_values: Array) -> float:
    """Return the root of the mean squared error of predicted ratings (paper section 4.2).

    Args:
        predicted: shape (n,), in units of the values, such as stars.
        y: classes, shape (n,).
        class_values: the number that each class stands for, shape (n_classes,).
    """
    return float(np.sqrt(np.mean(np.square(predicted - class_values[y]))))


def expectation_rmse(probabilities: Array, y: Array, class_values: Array) -> float:
    """Return the same of the expected value, given probabilities of shape (n, n_classes)."""
    return rating_rmse(probabilities @ class_values, y, class_values)
