"""What the tests of training share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array


@pytest.fixture(name="X")
def inputs(two_blobs: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Non-negative, at most 1, half zeros: every decoder takes it."""
    return two_blobs[0] / two_blobs[0].max()


@pytest.fixture
def made_dense(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Return a list to which the shape of every matrix is added that is made dense."""
    shapes: list[tuple[int, int]] = []
    toarray = csr_array.toarray

    def counting(self: csr_array, *args: Any, **kwargs: Any) -> np.ndarray:
        shapes.append(self.shape)
        return toarray(self, *args, **kwargs)

    monkeypatch.setattr(csr_array, "toarray", counting)
    return shapes
