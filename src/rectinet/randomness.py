"""Random generators that can be named, stored and restored.

Each purpose (initial weights, order of examples, noise, ...) has a stream of its own, derived from
one seed and the purpose's name. Drawing more numbers for one purpose never shifts another, and a
stream added later leaves the old ones as they were.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from rectinet.errors import SettingError


def generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """Return the generator of one purpose.

    Args:
        seed: the run's seed, a non-negative integer.
        purpose: words and numbers that name the stream, e.g. ``"corruption", 2``.

    Returns:
        A PCG64 generator, the same for the same arguments on every machine.

    Raises:
        SettingError: if the seed is not a non-negative integer.
    """
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise SettingError(f"seed is {seed!r}; give a whole number of 0 or more")
    key = tuple(part if isinstance(part, int) else zlib.crc32(part.encode()) for part in purpose)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def state_of(random: np.random.Generator) -> dict[str, Any]:
    """Return the generator's state as JSON-ready values."""
    return dict(random.bit_generator.state)


def restore(random: np.random.Generator, state: dict[str, Any]) -> None:
    """Put a generator back into a state that `state_of` returned."""
    random.bit_generator.state = state
