"""What the tests of draws share: a source whose every outcome can be asked for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

import numpy as np
import pytest


class _Gaps:
    """Geometric gaps that end at the given ranks, and then one beyond everything."""

    def __init__(self, ranks: Iterable[int]):
        gaps = (b - a for a, b in itertools.pairwise((-1, *ranks)))
        self._gaps = itertools.chain(gaps, itertools.repeat(2**63 - 1))

    def geometric(self, probability: float, size: int) -> np.ndarray:
        return np.array(list(itertools.islice(self._gaps, size)))


@pytest.fixture(scope="session")
def successes() -> Callable[[Iterable[int]], _Gaps]:
    """Return a function that makes the source whose successes have the given ranks, ascending.

    A set of s of k ranks has the probability of its gaps: p^s (1 - p)^(k - s).
    """
    return _Gaps
