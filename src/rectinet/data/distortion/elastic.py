"""Elastic deformation: a smooth random displacement (Simard, Steinkraus and Platt, 2003)."""

from __future__ import annotations

import numpy as np

from rectinet.data.distortion.fields import smooth_fields
from rectinet.data.distortion.interface import Places, Warp, spread

SPACING = 5.0
"""Pixels within which displacements are alike; half a stroke of a character is about as long."""
LARGEST_DISPLACEMENT = 3.0
"""Standard deviation in pixels."""


def _move(places: Places, strength: np.ndarray, random: np.random.Generator) -> Places:
    y, x = places
    amount = spread(strength, 0.0, LARGEST_DISPLACEMENT, random)
    shape = (y.shape[1], x.shape[2])
    down, across = (smooth_fields(len(strength), shape, SPACING, random) for _ in range(2))
    down *= amount
    across *= amount
    return y + down, x + across


ELASTIC = Warp("elastic", share=1.0, move=_move)
