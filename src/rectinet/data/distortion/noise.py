"""Noise: Gaussian, salt and pepper, and pixels that changed places."""

from __future__ import annotations

import numpy as np

from rectinet.data.distortion.interface import Pixelwise, spread

LARGEST_DEVIATION = 0.35
LARGEST_SHARE = 0.25
"""Of the pixels, that become salt or pepper."""
LARGEST_SWAPPED = 0.6
"""Of the pairs of neighbors, that change places, first side by side, then one above the other."""


def _gaussian(images: np.ndarray, strength: np.ndarray, random: np.random.Generator) -> np.ndarray:
    noise = random.standard_normal(images.shape, dtype=np.float32)
    noise *= spread(strength, 0.0, LARGEST_DEVIATION, random)
    noise += images
    return np.clip(noise, 0, 1, out=noise)


def _salt_and_pepper(
    images: np.ndarray, strength: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    share = spread(strength, 0.0, LARGEST_SHARE, random)
    drawn = random.random(images.shape, dtype=np.float32)
    noisy = np.where(drawn < share / 2, np.float32(0), images)
    return np.where((drawn >= share / 2) & (drawn < share), np.float32(1), noisy)


def _permutation(
    images: np.ndarray, strength: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    share = spread(strength, 0.0, LARGEST_SWAPPED, random)
    side_by_side = _swap_neighbors(images, share, random)
    upright = _swap_neighbors(side_by_side.swapaxes(1, 2), share, random)
    return np.ascontiguousarray(upright.swapaxes(1, 2))


def _swap_neighbors(
    images: np.ndarray, share: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Swap columns 0 and 1, 2 and 3, ... in a share of the rows, drawn for each pair."""
    swapped = images.copy()
    paired = images.shape[2] // 2 * 2  # an odd last column stays
    left, right = images[:, :, 0:paired:2], images[:, :, 1:paired:2]
    swap = random.random(left.shape, dtype=np.float32) < share
    swapped[:, :, 0:paired:2] = np.where(swap, right, left)
    swapped[:, :, 1:paired:2] = np.where(swap, left, right)
    return swapped


GAUSSIAN_NOISE = Pixelwise("gaussian noise", share=0.3, change=_gaussian)
SALT_AND_PEPPER = Pixelwise("salt and pepper", share=0.25, change=_salt_and_pepper)
PIXEL_PERMUTATION = Pixelwise("pixel permutation", share=0.2, change=_permutation)
