"""What every version of CIFAR-10 is read into."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rectinet.data.check import check_labels
from rectinet.errors import DataError, InputError

SIDE = 32
CHANNELS = 3
ROW = SIDE * SIDE * CHANNELS
CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


@dataclass(frozen=True, eq=False)
class Batch:
    """Images and labels of one file.

    Attributes:
        images: shape (n, 32, 32, 3), uint8: rows, columns, then red, green, blue.
        labels: shape (n,), int64, class numbers.
        lossless: shape (n,), bool: False where an image went through JPEG on its way here.
    """

    images: np.ndarray
    labels: np.ndarray
    lossless: np.ndarray


def from_planes(planes: np.ndarray, labels: np.ndarray, source: Path | str) -> Batch:
    """Return the batch of an official file.

    Args:
        planes: shape (n, 3072), uint8: all red values of an image, row by row, then the green,
            then the blue ones.
        labels: shape (n,).
        source: the file, for the messages.

    Raises:
        DataError: if a label is out of range.
    """
    images = planes.reshape(-1, CHANNELS, SIDE, SIDE).transpose(0, 2, 3, 1)
    return checked(images, labels, np.ones(len(images), dtype=bool), source)


def checked(
    images: np.ndarray, labels: np.ndarray, lossless: np.ndarray, source: Path | str
) -> Batch:
    """Return a batch whose labels are class numbers, one for each image.

    Raises:
        DataError: if they are not.
    """
    try:
        y = check_labels(labels, n_examples=len(images), n_classes=len(CLASSES))
    except InputError as error:
        raise DataError(f"{source}: {error}") from error
    return Batch(images, y, lossless)
