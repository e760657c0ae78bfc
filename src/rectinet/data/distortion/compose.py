"""All distortions in order: strokes first, then shape, then what a camera and dirt would do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rectinet.data.distortion.affine import AFFINE
from rectinet.data.distortion.background import BACKGROUND
from rectinet.data.distortion.blur import GAUSSIAN_BLUR, MOTION_BLUR
from rectinet.data.distortion.contrast import CONTRAST, POLARITY
from rectinet.data.distortion.elastic import ELASTIC
from rectinet.data.distortion.interface import Distortion, Pixelwise, Warp
from rectinet.data.distortion.noise import GAUSSIAN_NOISE, PIXEL_PERMUTATION, SALT_AND_PEPPER
from rectinet.data.distortion.occlusion import OCCLUSION
from rectinet.data.distortion.pinch import PINCH
from rectinet.data.distortion.resample import centered_grid, resample
from rectinet.data.distortion.scratches import SCRATCHES
from rectinet.data.distortion.slant import SLANT
from rectinet.data.distortion.thickness import THICKNESS

DISTORTIONS: tuple[Distortion, ...] = (
    THICKNESS,
    SLANT,
    AFFINE,
    ELASTIC,
    PINCH,
    MOTION_BLUR,
    OCCLUSION,
    GAUSSIAN_BLUR,
    PIXEL_PERMUTATION,
    BACKGROUND,
    GAUSSIAN_NOISE,
    SALT_AND_PEPPER,
    SCRATCHES,
    CONTRAST,
    POLARITY,
)


def distort(
    images: np.ndarray,
    distortions: Sequence[Distortion],
    strengths: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:
    """Apply distortions one after the other; warps that follow each other resample once.

    Args:
        images: shape (n, height, width), float32 in [0, 1].
        distortions: k of them, in order.
        strengths: shape (k, n), in [0, 1]; an image with strength 0 is left out.
        random: what is drawn is drawn from it.

    Returns:
        New images of the same shape, float32 in [0, 1].
    """
    result = images
    warps: list[tuple[Warp, np.ndarray]] = []
    for distortion, strength in zip(distortions, strengths, strict=True):
        if isinstance(distortion, Warp):
            warps.append((distortion, strength))
            continue
        result, warps = _resample_once(result, warps, random), []
        result = _change_some(distortion, result, strength, random)
    return _resample_once(result, warps, random)


def _resample_once(
    images: np.ndarray, warps: Sequence[tuple[Warp, np.ndarray]], random: np.random.Generator
) -> np.ndarray:
    if not warps:
        return images
    places = centered_grid(images.shape)
    # Backwards: a pixel of the last image is looked up in the one before it, and so on.
    for warp, strength in reversed(warps):
        places = warp.move(places, strength, random)
    return resample(images, *places)


def _change_some(
    distortion: Pixelwise, images: np.ndarray, strength: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    rows = np.flatnonzero(strength)
    if len(rows) == len(images):
        return distortion.change(images, strength, random)
    if not len(rows):
        return images
    result = images.copy()
    result[rows] = distortion.change(images[rows], strength[rows], random)
    return result
