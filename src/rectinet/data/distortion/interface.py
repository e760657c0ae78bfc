"""What a distortion is: a change of the places where pixels are looked up, or of their values.

Images are arrays of shape (n, height, width), float32 in [0, 1], ink 1 on background 0. Every
image has a strength of its own in [0, 1]: the bound of what is drawn for it. At 0 nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rectinet.data.distortion.resample import centered_grid, resample
from rectinet.errors import InputError, SettingError

Array = np.ndarray
Places = tuple[Array, Array]
"""y and x, shape (n, height, width) each: where a pixel is looked up, in pixels from the center."""


@dataclass(frozen=True)
class Warp:
    """A geometric distortion. Several of them are composed, and the images resampled once.

    Attributes:
        name: what it is called.
        share: of the images of a stream that it is applied to.
        move: takes places (y, x), strengths (n,) and a generator; returns new places.
    """

    name: str
    share: float
    move: Callable[[Places, Array, np.random.Generator], Places]

    def __call__(
        self, images: Array, strength: float | Array, random: np.random.Generator
    ) -> Array:
        """Distort `images`; see `Pixelwise.__call__`."""
        images = check_images(images)
        strengths = check_strength(strength, len(images))
        return resample(images, *self.move(centered_grid(images.shape), strengths, random))


@dataclass(frozen=True)
class Pixelwise:
    """A distortion that computes new values from the values.

    Attributes:
        name: what it is called.
        share: of the images of a stream that it is applied to.
        change: takes images, strengths (n,) and a generator; returns new images.
    """

    name: str
    share: float
    change: Callable[[Array, Array, np.random.Generator], Array]

    def __call__(
        self, images: Array, strength: float | Array, random: np.random.Generator
    ) -> Array:
        """Distort `images`.

        Args:
            images: shape (n, height, width), values in [0, 1].
            strength: in [0, 1], one number or one for each image, shape (n,).
            random: what is drawn is drawn from it.

        Returns:
            New images of the same shape, float32 in [0, 1].

        Raises:
            InputError: if `images` are no images.
            SettingError: if a strength is out of range.
        """
        images = check_images(images)
        return self.change(images, check_strength(strength, len(images)), random)


Distortion = Warp | Pixelwise


def check_images(images: Any) -> Array:
    """Return `images` as float32.

    Raises:
        InputError: if they are not of shape (n, height, width), or a value is not in [0, 1].
    """
    array = np.asarray(images)
    if array.ndim != 3 or min(array.shape[1:]) < 2 or array.dtype.kind not in "buif":
        raise InputError(
            f"images are of type {array.dtype} and shape {array.shape}; expected numbers of shape "
            "(n, height, width) with 2 pixels or more on each side: reshape them"
        )
    # Written so that NaN fails as well.
    if array.size and not (array.min() >= 0 and array.max() <= 1):
        raise InputError(
            f"images have values from {array.min()} to {array.max()}; expected 0 to 1: divide by "
            "the largest value that a pixel can have"
        )
    return array.astype(np.float32, copy=False)


def check_strength(strength: Any, n: int) -> Array:
    """Return one strength for each of `n` images, float32.

    Raises:
        SettingError: if a strength is not in [0, 1], or there is neither one nor `n` of them.
    """
    strengths = np.asarray(strength)
    if strengths.dtype.kind not in "buif" or strengths.shape not in ((), (n,)):
        raise SettingError(
            f"strength is {strengths.dtype} of shape {strengths.shape}; give one number, or one "
            f"for each of the {n} images"
        )
    wrong = ~((strengths >= 0) & (strengths <= 1))
    if wrong.any():
        raise SettingError(f"strength is {strengths[wrong].flat[0]}; give a number from 0 to 1")
    return np.broadcast_to(strengths, (n,)).astype(np.float32)


def spread(strength: Array, low: float, high: float, random: np.random.Generator) -> Array:
    """Draw one number for each image, uniform between `low` and `high` times its strength.

    Returns:
        shape (n, 1, 1), float32: multiplies images.
    """
    drawn = low + (high - low) * random.random(len(strength), dtype=np.float32)
    numbers: Array = (strength * drawn)[:, None, None].astype(np.float32, copy=False)
    return numbers
