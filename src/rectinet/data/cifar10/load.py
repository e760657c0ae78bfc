"""CIFAR-10 as data sets: 40k/5k/5k of the training images, and the official test set apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rectinet.data.cifar10.batch import CHANNELS, CLASSES, ROW, SIDE, Batch
from rectinet.data.cifar10.forms import ROWS, Form, find_form
from rectinet.data.dataset import Dataset, Split
from rectinet.errors import DataError

_LARGEST_PIXEL = np.float32(255)
_NAMES = {
    "binary": "the official binary version",
    "python": "the official Python version",
    "compact": "the compact file cifar10_webp.npz (training images lossless)",
}


@dataclass(frozen=True, eq=False)
class OfficialTest:
    """The official test set.

    Attributes:
        split: the examples, in the official order.
        lossless: shape (n,), bool: False where an image went through JPEG on its way here, which
            happened to more than half of those in the compact file.
        provenance: where the numbers come from, in one line.
    """

    split: Split
    lossless: np.ndarray
    provenance: str


def load_cifar10(data_dir: str | Path, *, rows: int = ROWS) -> Dataset:
    """Load CIFAR-10, split 40,000 / 5,000 / 5,000.

    All three splits come from the official training images, in their order: first the training
    examples, then validation, then test. So the test set is the same for everybody whatever form
    the files have; the official one is `load_cifar10_official_test`.

    Args:
        data_dir: holds, itself or in its subfolder ``cifar10``, the folder or the archive of the
            official binary or Python version, or the file cifar10_webp.npz.
        rows: examples in each official file.

    Returns:
        The data set; pixels are in [0, 1], in the order row, column, channel (red, green, blue).

    Raises:
        DataError: if the files are not there, or one is damaged.
    """
    form = _form(Path(data_dir))
    X, y, _ = _collect(form.train(rows), 5 * rows)
    first, second = 4 * rows, 4 * rows + rows // 2
    return Dataset(
        name="cifar10",
        train=Split(X[:first], y[:first]),
        validation=Split(X[first:second], y[first:second]),
        test=Split(X[second:], y[second:]),
        classes=CLASSES,
        image_shape=(SIDE, SIDE, CHANNELS),
        provenance=f"CIFAR-10, {_NAMES[form.version]}; its training images in the official order: "
        f"the first {first} to train on, the next {rows // 2} for validation, the last "
        f"{rows // 2} as test set; the official test images are not in it",
    )


def load_cifar10_official_test(data_dir: str | Path, *, rows: int = ROWS) -> OfficialTest:
    """Load CIFAR-10's official test set.

    Args:
        data_dir: as for `load_cifar10`.
        rows: examples in each official file.

    Returns:
        The 10,000 examples, and which of them are as published.

    Raises:
        DataError: if the files are not there, or one is damaged.
    """
    form = _form(Path(data_dir))
    X, y, lossless = _collect(form.test(rows), rows)
    remark = "" if lossless.all() else f"; {rows - lossless.sum()} of them went through JPEG"
    lossless.flags.writeable = False
    provenance = f"CIFAR-10, {_NAMES[form.version]}: the {rows} official test images{remark}"
    return OfficialTest(Split(X, y), lossless, provenance)


def _collect(
    batches: Iterator[tuple[slice, Batch]], n: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return X (n, 3072) float32 in [0, 1], y (n,) and the mask of lossless images (n,)."""
    # One array from the start: 614 MB of the real set need not exist twice.
    X = np.empty((n, ROW), dtype=np.float32)
    y = np.empty(n, dtype=np.int64)
    lossless = np.empty(n, dtype=bool)
    for rows, batch in batches:
        np.divide(batch.images.reshape(-1, ROW), _LARGEST_PIXEL, out=X[rows])
        y[rows], lossless[rows] = batch.labels, batch.lossless
    return X, y, lossless


def _form(folder: Path) -> Form:
    form = find_form(folder)
    if form is None:
        raise DataError(
            f"CIFAR-10 is neither in {folder} nor in {folder / 'cifar10'}; looked for the folders "
            "or archives cifar-10-batches-bin, cifar-10-binary.tar.gz, cifar-10-batches-py, "
            "cifar-10-python.tar.gz, and for cifar10_webp.npz: check data_dir, or run `rectinet "
            "data fetch cifar10` and leave data_dir out"
        )
    return form
