"""MNIST from its four official files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from rectinet.data.check import check_labels
from rectinet.data.dataset import Dataset, Split
from rectinet.data.fetch import RemoteFile
from rectinet.data.idx import parse_idx, read_uncompressed
from rectinet.data.locate import find_files
from rectinet.errors import DataError, InputError

MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)


def _official(stem: str, md5: str, content_md5: str) -> RemoteFile:
    dotted = stem.replace("-idx", ".idx")  # the spelling of the official files before 2012
    return RemoteFile(f"{stem}.gz", md5, content_md5, (stem, f"{dotted}.gz", dotted))


MNIST_FILES = (
    _official(
        "train-images-idx3-ubyte",
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "6bbc9ace898e44ae57da46a324031adb",
    ),
    _official(
        "train-labels-idx1-ubyte",
        "d53e105ee54ea40749a09fcbcd1e9432",
        "a25bea736e30d166cdddb491f175f624",
    ),
    _official(
        "t10k-images-idx3-ubyte",
        "9fb629c4189551a2d022fa330f9573b3",
        "2646ac647ad5339dbf082846283269ea",
    ),
    _official(
        "t10k-labels-idx1-ubyte",
        "ec29112dd5afa0611ce80d1b7f02629c",
        "27ae3e4e09519cfbb04c329615203637",
    ),
)
_CLASSES = tuple("0123456789")
_LARGEST_PIXEL = np.float32(255)
_IMAGES_MAGIC = 0x00000803  # bytes, three dimensions
_LABELS_MAGIC = 0x00000801  # bytes, one dimension


def load_mnist(
    data_dir: str | Path,
    *,
    files: tuple[RemoteFile, ...] = MNIST_FILES,
    n_validation: int = 10_000,
) -> Dataset:
    """Load MNIST with the paper's split: 50,000 / 10,000 / 10,000, in the official order.

    Args:
        data_dir: holds the four files, or has a subfolder ``mnist`` that does; "-" or "." before
            "idx" in the names, gzipped or not.
        files: training images, training labels, test images, test labels, with their checksums.
        n_validation: how many of the last training examples are the validation set.

    Returns:
        The data set; pixels are in [0, 1].

    Raises:
        DataError: if a file is missing or damaged, images and labels do not belong together, or
            the content is not the official one.
    """
    paths = find_files(Path(data_dir), "mnist", files)
    if paths is None:
        raise DataError(_not_found(Path(data_dir), files))
    contents = [read_uncompressed(path) for path in paths]
    train_images, train_labels = _parse_pair(contents[:2], paths[:2])
    test_images, test_labels = _parse_pair(contents[2:], paths[2:])
    # Last, because "truncated" or "these are labels" tells more than a checksum does.
    for content, path, file in zip(contents, paths, files, strict=True):
        _check_md5(content, path, file)
    X, y = _flat(train_images), train_labels
    n_train = len(X) - n_validation
    return Dataset(
        name="mnist",
        train=Split(X[:n_train], y[:n_train]),
        validation=Split(X[n_train:], y[n_train:]),
        test=Split(_flat(test_images), test_labels),
        classes=_CLASSES,
        image_shape=train_images.shape[1:],
        provenance="MNIST, official files (MD5 checked); validation: the last "
        f"{n_validation} training examples; test: the official one",
    )


def _parse_pair(contents: list[bytes], paths: tuple[Path, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return images (n, height, width) uint8 and labels (n,) int64 that belong together."""
    images = parse_idx(contents[0], source=paths[0], magic=_IMAGES_MAGIC)
    labels = parse_idx(contents[1], source=paths[1], magic=_LABELS_MAGIC)
    if len(images) != len(labels):
        raise DataError(
            f"{paths[0]} has {len(images)} images and {paths[1]} has {len(labels)} labels; "
            "expected one for each image: take both files from the same source"
        )
    try:
        return images, check_labels(labels, n_examples=len(images), n_classes=len(_CLASSES))
    except InputError as error:
        raise DataError(f"{paths[1]}: {error}") from error


def _check_md5(content: bytes, path: Path, file: RemoteFile) -> None:
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != file.content_md5:
        raise DataError(
            f"{path} is not the official file: the MD5 of its uncompressed bytes is {found}, "
            f"expected {file.content_md5}; delete the file and run `rectinet data fetch mnist`"
        )


def _flat(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1) / _LARGEST_PIXEL  # (n, height * width) float32


def _not_found(folder: Path, files: tuple[RemoteFile, ...]) -> str:
    names = ", ".join(file.name for file in files)
    where = f"{folder} or {folder / 'mnist'}" if folder.is_dir() else f"{folder}: no such folder"
    return (
        f"the MNIST files are not all in {where}; looked for {names} (also without .gz, also with "
        "'.idx' for '-idx'): check data_dir, or run `rectinet data fetch mnist` and leave "
        "data_dir out"
    )
