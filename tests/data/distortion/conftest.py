"""Images to distort."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def characters() -> np.ndarray:
    """Return 64 images (64, 32, 32) float32 like characters: a bar and a ring, in many places."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:32, :32]
    images = np.zeros((64, 32, 32), dtype=np.float32)
    for image in images:
        column, (down, across) = random.integers(8, 24), random.integers(10, 22, 2)
        image[6:26, column : column + 3] = 1
        distance = np.hypot(y - down, x - across)
        image[(distance > 3) & (distance < 6)] = random.uniform(0.5, 1)
    return images
