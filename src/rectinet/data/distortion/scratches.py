"""Scratches: thin curved lines, of ink or of background."""

from __future__ import annotations

import numpy as np

from rectinet.data.distortion.interface import Pixelwise
from rectinet.data.distortion.resample import centered_grid

MOST = 3
"""Lines on one image."""
LARGEST_BEND = 0.02
"""Curvature, per pixel: a line of 30 pixels then bows by 4.5."""
LARGEST_WIDTH = 1.0
"""Half the width of a line, in pixels."""


def _change(images: np.ndarray, strength: np.ndarray, random: np.random.Generator) -> np.ndarray:
    n, height, width = images.shape
    y, x = centered_grid(images.shape)
    for number in range(MOST):
        # The weaker, the fewer: the first line is always drawn where there is strength at all.
        present = np.greater_equal(random.random(n) * MOST, number * (2 - strength))
        angle = random.random(n, dtype=np.float32) * np.float32(np.pi)
        cosine, sine = (each[:, None, None] for each in (np.cos(angle), np.sin(angle)))
        offset, middle = (
            ((random.random((n, 1, 1), dtype=np.float32) - np.float32(0.5)) * np.float32(side))
            for side in (height, width)
        )
        bend = (random.random((n, 1, 1), dtype=np.float32) * 2 - 1) * np.float32(LARGEST_BEND)
        half = random.random((n, 1, 1), dtype=np.float32) * np.float32(LARGEST_WIDTH)
        along = x * cosine + y * sine - middle
        beside = y * cosine - x * sine - offset
        beside -= bend * along * along
        line = np.clip(half + np.float32(0.5) - np.abs(beside), 0, 1)
        line *= np.clip(width / 3 + np.float32(0.5) - np.abs(along), 0, 1)  # two thirds across
        line *= np.where(present, np.minimum(2 * strength, 1), np.float32(0))[:, None, None]
        erases = random.random((n, 1, 1)) < 0.5
        images = np.where(erases, np.minimum(images, 1 - line), np.maximum(images, line))
    return images


SCRATCHES = Pixelwise("scratches", share=0.15, change=_change)
