"""Slant: rows are shifted in proportion to their height."""

from __future__ import annotations

import numpy as np

from rectinet.data.distortion.interface import Places, Warp, spread

LARGEST_SHEAR = 1.0
"""Columns per row: 45 degrees."""


def shear(places: Places, amount: np.ndarray | float) -> Places:
    """Look up `amount` columns further right for every row further down.

    What is below the center therefore moves to the left, what is above to the right: with a
    positive amount characters lean like italics.

    Args:
        places: where pixels are looked up.
        amount: columns per row, broadcasting to shape (n, 1, 1).
    """
    y, x = places
    return y, x + amount * y


def _move(places: Places, strength: np.ndarray, random: np.random.Generator) -> Places:
    return shear(places, spread(strength, -LARGEST_SHEAR, LARGEST_SHEAR, random))


SLANT = Warp("slant", share=1.0, move=_move)
