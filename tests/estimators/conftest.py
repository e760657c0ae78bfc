"""Small data for the tests of the estimators."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits


@pytest.fixture(scope="session")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return 400 images of the digits 0 to 9: 64 inputs from 0 to 16, half of them zeros."""
    X, y = load_digits(return_X_y=True)
    return X[:400], y[:400]


@pytest.fixture
def plane() -> tuple[np.ndarray, np.ndarray]:
    """Return 200 examples of 3 standard normal inputs, and a linear function of them."""
    X = np.random.default_rng(0).standard_normal((200, 3))
    return X, 10 + 5 * X @ [1.0, -2.0, 0.5]
