"""Smooth random fields: for elastic deformations and for backgrounds."""

from __future__ import annotations

import functools

import numpy as np

Array = np.ndarray


def smooth_fields(
    n: int, shape: tuple[int, int], spacing: float, random: np.random.Generator
) -> Array:
    """Draw smooth random fields.

    Normal random numbers on a grid, blurred by a Gaussian as wide as the grid's spacing: the same
    kind of field as blurring a number for each pixel, from 1 / spacing^2 as many of them.

    Args:
        n: how many fields.
        shape: height and width.
        spacing: of the grid, in pixels.
        random: draws them.

    Returns:
        shape (n, height, width), float32; every value has mean 0 and variance 1.
    """
    down, across = (_bumps(size, spacing) for size in shape)
    noise = random.standard_normal((n, down.shape[1], across.shape[1]), dtype=np.float32)
    fields: Array = np.matmul(down, noise @ across.T)
    return fields


@functools.cache
def _bumps(size: int, spacing: float) -> Array:
    """Return (size, k) float32: Gaussian bumps around grid points; rows of Euclidean length 1."""
    # The grid reaches beyond the image, so that its border is like its middle.
    points = np.arange(-2 * spacing, size + 2 * spacing, spacing)
    distance = (np.arange(size)[:, None] - points) / spacing
    # Cut off at 4 standard deviations: numbers below 1e-38 are computed with 100 times slower.
    weights = np.where(np.abs(distance) < 4, np.exp(-(distance**2) / 2), 0)
    bumps: Array = (weights / np.linalg.norm(weights, axis=1, keepdims=True)).astype(np.float32)
    return bumps
