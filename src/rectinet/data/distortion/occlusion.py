"""Occlusion: a rectangle is blanked, or a piece of another character laid over it."""

from __future__ import annotations

import numpy as np

from rectinet.data.distortion.interface import Pixelwise

LARGEST_SIDE = 0.5
"""Of the rectangle, as a share of the image's side."""


def _change(images: np.ndarray, strength: np.ndarray, random: np.random.Generator) -> np.ndarray:
    n = len(images)
    inside = np.ones(images.shape, dtype=bool)
    for axis, size in enumerate(images.shape[1:]):
        length = np.rint(strength * LARGEST_SIDE * size * random.random(n, dtype=np.float32))
        # From anywhere to anywhere: a rectangle may reach the border.
        start = np.floor(random.random(n, dtype=np.float32) * (size - length + 1))
        index = np.arange(size)
        within = (index >= start[:, None]) & (index < (start + length)[:, None])  # (n, size)
        inside &= within[:, :, None] if axis == 0 else within[:, None, :]
    others = images[random.integers(n, size=n)]
    blank = (random.random(n) < 0.5)[:, None, None]
    covered = np.where(blank, np.float32(0), np.maximum(images, others))
    return np.where(inside, covered, images)


OCCLUSION = Pixelwise("occlusion", share=0.3, change=_change)
