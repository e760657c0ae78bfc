"""CIFAR-10 in one .npz file whose images are pictures in lossless WebP.

``train_00`` to ``train_49`` and ``test_00`` to ``test_09`` are the bytes of one picture each: 25 x
40 images of 32 x 32 pixels, row by row. ``train_labels`` and ``test_labels`` are plain arrays, and
``test_lossless`` says which test images never went through JPEG.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rectinet.data.cifar10.batch import CHANNELS, SIDE, Batch, checked
from rectinet.data.npz import read_npz
from rectinet.errors import DataError

FILE = "cifar10_webp.npz"
_CURE = "delete the file and copy it again"
TILES = (25, 40)


def read_compact(path: Path, part: str, pictures: int, tiles: tuple[int, int]) -> Iterator[Batch]:
    """Read the training or the test images.

    Args:
        path: the .npz file.
        part: "train" or "test".
        pictures: how many pictures hold them.
        tiles: rows and columns of images in a picture.

    Yields:
        The images of one picture after the other.

    Raises:
        DataError: if the file is missing or damaged, an array in it is, or labels and images do
            not belong together.
    """
    rows = tiles[0] * tiles[1]
    n = pictures * rows
    arrays = [f"{part}_labels"] if part == "train" else ["test_labels", "test_lossless"]
    labels, *rest = read_npz(path, arrays)
    lossless = rest[0] if rest else np.ones(n, dtype=bool)
    if lossless.dtype != np.bool_ or labels.shape != (n,) or lossless.shape != (n,):
        raise DataError(
            f"{path} has {part}_labels of shape {labels.shape} and a mask of {lossless.dtype} "
            f"{lossless.shape}; expected ({n},) and bool ({n},): {_CURE}"
        )
    for number in range(pictures):
        name = f"{part}_{number:02}"
        (content,) = read_npz(path, [name])
        images = _images(content.tobytes(), tiles, f"{path}: {name}")
        part_of = slice(number * rows, (number + 1) * rows)
        yield checked(images, labels[part_of], lossless[part_of], f"{path}: {part}_labels")


def _images(content: bytes, tiles: tuple[int, int], source: str) -> np.ndarray:
    """Cut a picture into its images, shape (n, 32, 32, 3)."""
    from PIL import Image, UnidentifiedImageError  # on use: only this form needs it

    try:
        with Image.open(io.BytesIO(content), formats=["WEBP"]) as picture:
            pixels = np.asarray(picture.convert("RGB"))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        reason = "no WebP" if isinstance(error, UnidentifiedImageError) else error
        raise DataError(f"{source} is no picture that can be read ({reason}); {_CURE}") from error
    down, across = tiles
    if pixels.shape != (down * SIDE, across * SIDE, CHANNELS):
        raise DataError(
            f"{source} has {pixels.shape[0]} x {pixels.shape[1]} pixels; expected {down * SIDE} x "
            f"{across * SIDE}; {_CURE}"
        )
    grid = pixels.reshape(down, SIDE, across, SIDE, CHANNELS).swapaxes(1, 2)
    return grid.reshape(-1, SIDE, SIDE, CHANNELS)
