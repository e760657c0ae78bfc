"""Contrast and brightness, and polarity: light ink on a dark ground or dark on light."""

from __future__ import annotations

import numpy as np

from rectinet.data.distortion.interface import Pixelwise, spread

LARGEST_LOSS = 0.7
"""Of contrast: at least 0.3 is left between ink and background."""


def _contrast(images: np.ndarray, strength: np.ndarray, random: np.random.Generator) -> np.ndarray:
    loss = spread(strength, 0.0, LARGEST_LOSS, random)
    # What the range loses is left free below and above it, in random parts.
    lowest = loss * random.random(loss.shape, dtype=np.float32)
    changed: np.ndarray = np.clip(images * (1 - loss) + lowest, 0, 1)
    return changed


def _polarity(images: np.ndarray, strength: np.ndarray, random: np.random.Generator) -> np.ndarray:
    inverted = random.random(len(images), dtype=np.float32) < strength / 2
    return np.where(inverted[:, None, None], 1 - images, images)


CONTRAST = Pixelwise("contrast", share=1.0, change=_contrast)
POLARITY = Pixelwise("polarity", share=1.0, change=_polarity)
