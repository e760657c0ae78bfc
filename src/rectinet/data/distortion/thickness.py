"""Thickness of strokes: gray-level dilation and erosion, in fractions of a pixel."""

from __future__ import annotations

import numpy as np

from rectinet.data.distortion.interface import Pixelwise, spread

MOST_DILATION = 2.0
"""In pixels on each side of a stroke."""
MOST_EROSION = 0.7
"""Less than a pixel on each side: thin strokes must not vanish."""


def dilate(images: np.ndarray) -> np.ndarray:
    """Return the largest value among each pixel and its four neighbors."""
    grown = images.copy()
    np.maximum(grown[:, 1:], images[:, :-1], out=grown[:, 1:])
    np.maximum(grown[:, :-1], images[:, 1:], out=grown[:, :-1])
    np.maximum(grown[:, :, 1:], images[:, :, :-1], out=grown[:, :, 1:])
    np.maximum(grown[:, :, :-1], images[:, :, 1:], out=grown[:, :, :-1])
    return grown


def thicken(images: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Make strokes thicker, or thinner where the amount is negative.

    A fraction of a step is that fraction of the way between the image before and after the step.

    Args:
        images: shape (n, height, width).
        amount: shape (n,): pixels on each side, -1 to 2.
    """
    result = images.copy()
    for thinner in (False, True):
        rows = np.flatnonzero(amount < 0 if thinner else amount > 0)
        part = images[rows]
        if thinner:
            part = 1 - part  # to erode the ink is to dilate the background
        left = np.abs(amount[rows])[:, None, None]
        while left.size and left.max() > 0:
            part = part + np.clip(left, 0, 1) * (dilate(part) - part)
            left = left - 1
        result[rows] = np.clip(1 - part if thinner else part, 0, 1)
    return result


def _change(images: np.ndarray, strength: np.ndarray, random: np.random.Generator) -> np.ndarray:
    amount = spread(strength, -1.0, 1.0, random)[:, 0, 0]
    return thicken(images, np.where(amount > 0, MOST_DILATION, MOST_EROSION) * amount)


THICKNESS = Pixelwise("thickness", share=0.7, change=_change)
