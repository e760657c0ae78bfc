"""Background: a random texture behind the ink."""

from __future__ import annotations

import numpy as np

from rectinet.data.distortion.fields import smooth_fields
from rectinet.data.distortion.interface import Pixelwise, spread

LARGEST_LEVEL = 0.7
"""Of the texture's lightest places; the ink is 1."""
SPACINGS = (6.0, 1.5)
"""Pixels: clouds and grain, mixed in random parts."""


def _change(images: np.ndarray, strength: np.ndarray, random: np.random.Generator) -> np.ndarray:
    n, height, width = images.shape
    clouds, grain = (smooth_fields(n, (height, width), each, random) for each in SPACINGS)
    share = random.random((n, 1, 1), dtype=np.float32)
    texture = share * clouds
    texture += (1 - share) * grain
    # Two standard deviations on both sides of the middle are told apart.
    texture *= np.float32(0.25)
    texture += np.float32(0.5)
    np.clip(texture, 0, 1, out=texture)
    texture *= spread(strength, 0.0, LARGEST_LEVEL, random)
    behind: np.ndarray = np.maximum(images, texture, out=texture)
    return behind


BACKGROUND = Pixelwise("background", share=0.7, change=_change)
