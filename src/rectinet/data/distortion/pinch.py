"""Pinch and whirl: the middle is drawn together or blown up, and turned."""

from __future__ import annotations

import numpy as np

from rectinet.data.distortion.interface import Places, Warp, spread

STRONGEST_PINCH = 0.6
STRONGEST_SWELL = 0.6
LARGEST_TURN = 0.8
"""In radians, at the center: 46 degrees."""


def pinch_and_whirl(
    places: Places, pinch: np.ndarray | float, turn: np.ndarray | float, radius: float
) -> Places:
    """Scale the distance d from the center by sin(pi d / 2 R)^-pinch, turn by turn (1 - d/R)^2.

    Beyond the radius R nothing moves. (The formula is that of GIMP's filter "whirl and pinch".)

    Args:
        places: where pixels are looked up.
        pinch: above 0: looked up further out, so that the middle shrinks; below 0: it swells.
            Broadcasting to shape (n, 1, 1).
        turn: in radians, likewise; above 0 the ink turns clockwise.
        radius: in pixels.
    """
    y, x = places
    # At the center itself every scale gives the center.
    distance = np.clip(np.sqrt(y * y + x * x) * np.float32(1 / radius), 1e-3, 1)
    scale = np.sin(distance * np.float32(np.pi / 2)) ** -pinch
    angle = turn * (1 - distance) ** 2
    cosine, sine = np.cos(angle) * scale, np.sin(angle) * scale
    return cosine * y - sine * x, sine * y + cosine * x


def _move(places: Places, strength: np.ndarray, random: np.random.Generator) -> Places:
    y, x = places
    pinch = spread(strength, -STRONGEST_SWELL, STRONGEST_PINCH, random)
    turn = spread(strength, -LARGEST_TURN, LARGEST_TURN, random)
    return pinch_and_whirl(places, pinch, turn, max(y.shape[1], x.shape[2]) / 2)


PINCH = Warp("pinch", share=1.0, move=_move)
