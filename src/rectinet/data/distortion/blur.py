"""Blur: by a Gaussian, and by motion along a line."""

from __future__ import annotations

import numpy as np

from rectinet.data.distortion.interface import Pixelwise, spread

LARGEST_SIGMA = 1.8
"""Standard deviation of the Gaussian, in pixels."""
LONGEST_MOTION = 8.0
"""In pixels."""


def gaussian_blur(images: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Blur each image by a Gaussian of its own; what lies outside counts as the border's pixels.

    Args:
        images: shape (n, height, width), float32.
        sigma: shape (n,), in pixels; 0 changes nothing.
    """
    down, across = (_averages(size, sigma) for size in images.shape[1:])
    return _in_range(np.matmul(down, np.matmul(images, across.swapaxes(1, 2))))


def motion_blur(images: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Average each image over eight places along the line from -(y, x)/2 to (y, x)/2.

    The mean of two copies a half apart, then of two a quarter apart, then an eighth: three steps
    for eight places. A shift is bilinear, hence a small matrix on each side of the image.

    Args:
        images: shape (n, height, width), float32.
        y: shape (n,), in pixels; where both are 0 nothing changes.
        x: likewise.
    """
    height, width = images.shape[1:]
    for part in (1 / 4, 1 / 8, 1 / 16):
        there = _shifted(images, _shifts(height, part * y), _shifts(width, part * x))
        back = _shifted(images, _shifts(height, -part * y), _shifts(width, -part * x))
        images = (there + back) / 2
    return _in_range(images)


def _in_range(images: np.ndarray) -> np.ndarray:
    """Remove what rounding added."""
    within: np.ndarray = np.clip(images, 0, 1)
    return within


def _averages(size: int, sigma: np.ndarray) -> np.ndarray:
    """Return (n, size, size): rows are Gaussians that sum to 1."""
    distance = np.arange(size, dtype=np.float32)[:, None] - np.arange(size, dtype=np.float32)
    width = np.maximum(sigma, 1e-2).astype(np.float32)  # at 1e-2 the neighbors' weight is 0
    exponent = np.square(distance / width[:, None, None])
    exponent *= np.float32(-0.5)
    # Cut off at 1e-9: numbers below 1e-38 are computed with 100 times slower.
    weights = np.exp(np.maximum(exponent, -20, out=exponent), out=exponent)
    weights -= np.exp(np.float32(-20))
    averages: np.ndarray = weights / weights.sum(axis=2, keepdims=True)
    return averages


def _shifts(size: int, by: np.ndarray) -> np.ndarray:
    """Return (n, size, size): the matrices that shift by a fraction of a pixel."""
    index = np.arange(size, dtype=np.float32)
    distance = index[:, None] - index + by.astype(np.float32)[:, None, None]
    weights: np.ndarray = np.maximum(1 - np.abs(distance), 0)
    return weights


def _shifted(images: np.ndarray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    moved: np.ndarray = np.matmul(down, np.matmul(images, across.swapaxes(1, 2)))
    return moved


def _blur(images: np.ndarray, strength: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return gaussian_blur(images, spread(strength, 0.0, LARGEST_SIGMA, random)[:, 0, 0])


def _move(images: np.ndarray, strength: np.ndarray, random: np.random.Generator) -> np.ndarray:
    length = spread(strength, 0.0, LONGEST_MOTION, random)[:, 0, 0]
    angle = random.random(len(images), dtype=np.float32) * np.float32(np.pi)
    return motion_blur(images, length * np.sin(angle), length * np.cos(angle))


GAUSSIAN_BLUR = Pixelwise("gaussian blur", share=0.3, change=_blur)
MOTION_BLUR = Pixelwise("motion blur", share=0.3, change=_move)
