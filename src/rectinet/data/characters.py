"""A small set of handwritten characters in 62 classes, to be multiplied by distortions."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rectinet.data.check import check_labels
from rectinet.data.dataset import Dataset, Split
from rectinet.data.locate import find_file
from rectinet.data.npz import read_npz
from rectinet.data.stratified import divide
from rectinet.errors import DataError, InputError
from rectinet.randomness import generator

CHARACTERS_FILE = "choice_v03_binary.npz"
_LARGEST_PIXEL = np.float32(255)


def load_characters(data_dir: str | Path, seed: int = 0) -> Dataset:
    """Load the characters: 2,811 images of 28x28 pixels, 62 classes.

    A fifth each are the validation and the test set. Every split holds the classes in equal
    proportions.

    Args:
        data_dir: holds `CHARACTERS_FILE`, or has a subfolder ``characters`` that does.
        seed: draws the splits; the same seed gives the same splits.

    Returns:
        The data set; ink is 1 and the background 0.

    Raises:
        DataError: if the file is missing or damaged, or its arrays do not fit together.
    """
    path = _find(Path(data_dir))
    if path is None:
        raise DataError(
            f"{CHARACTERS_FILE} is neither in {data_dir} nor in {Path(data_dir) / 'characters'}: "
            "check data_dir"
        )
    images, labels, classes = read_npz(path, ("images", "labels", "classes"))
    if images.dtype != np.uint8 or images.ndim != 3 or classes.ndim != 1:
        raise DataError(
            f"{path} has images of type {images.dtype} and shape {images.shape}, and classes of "
            f"shape {classes.shape}; expected uint8 (n, height, width) and (number of classes,): "
            "this is another file; check its name"
        )
    try:
        y = check_labels(labels, n_examples=len(images), n_classes=len(classes))
        # 3 or more of each class, so that every split has every class.
        random = generator(seed, "characters")
        rest, test = divide(np.arange(len(y)), y, 0.2, random)
        train, validation = divide(rest, y, 0.25, random)  # 0.25 of 0.8 is a fifth of all
    except InputError as error:
        raise DataError(f"{path}: {error}") from error
    everything = Split(images.reshape(len(images), -1) / _LARGEST_PIXEL, y)
    sizes = f"{len(train)}/{len(validation)}/{len(test)}"
    return Dataset(
        name="characters",
        train=everything.take(train),
        validation=everything.take(validation),
        test=everything.take(test),
        classes=tuple(str(name) for name in classes),
        image_shape=images.shape[1:],
        provenance=f"{CHARACTERS_FILE}, stratified {sizes} split, seed {seed}",
    )


def find_characters(folder: Path) -> Path | None:
    """Return the folder of `CHARACTERS_FILE`, at or below `folder`; None if it is not there."""
    path = _find(folder)
    return None if path is None else path.parent


def _find(folder: Path) -> Path | None:
    return find_file((folder, folder / "characters"), CHARACTERS_FILE)
