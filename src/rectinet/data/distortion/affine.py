"""Affine maps: scale, rotation, shear and shift at once."""

from __future__ import annotations

import numpy as np

from rectinet.data.distortion.interface import Places, Warp, spread

LARGEST_CHANGE = 0.3
"""Of each entry of the matrix. Below 1/2, so that the map never turns an image over."""
LARGEST_SHIFT = 4.0
"""In pixels, down and across."""


def affine_map(
    places: Places,
    matrix: tuple[tuple[np.ndarray | float, np.ndarray | float], ...],
    shift: tuple[np.ndarray | float, np.ndarray | float],
) -> Places:
    """Look up at `matrix` times the place plus `shift`, both in the order y, x.

    Ink therefore moves by the inverse: a shift of (0, 2) moves it two pixels to the left.

    Args:
        places: where pixels are looked up.
        matrix: 2 x 2, each entry broadcasting to shape (n, 1, 1).
        shift: in pixels, likewise.
    """
    y, x = places
    (yy, yx), (xy, xx) = matrix
    return yy * y + yx * x + shift[0], xy * y + xx * x + shift[1]


def _move(places: Places, strength: np.ndarray, random: np.random.Generator) -> Places:
    yy, yx, xy, xx = (spread(strength, -LARGEST_CHANGE, LARGEST_CHANGE, random) for _ in range(4))
    shift_y, shift_x = (spread(strength, -LARGEST_SHIFT, LARGEST_SHIFT, random) for _ in range(2))
    return affine_map(places, ((1 + yy, yx), (xy, 1 + xx)), (shift_y, shift_x))


AFFINE = Warp("affine", share=1.0, move=_move)
