"""NORB as a data set: the raw pairs pass through memory in pieces, their small pictures stay."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rectinet.data.check import check_labels
from rectinet.data.dataset import Dataset, Split
from rectinet.data.norb.cache import read_cache, write_cache
from rectinet.data.norb.files import (
    NORB_ADDRESS,
    NorbVersion,
    find_matrix,
    find_norb,
    missing_files,
)
from rectinet.data.norb.matrix import MatrixFile
from rectinet.data.norb.shrink import SIDE, shrink
from rectinet.errors import DataError, InputError

_LARGEST_PIXEL = np.float32(255)
_EYES = 2
_CHUNK = 100  # pairs, 2 MB raw: 29,000 a second are shrunk, in pieces of 500 only 17,500


def load_norb(data_dir: str | Path, version: NorbVersion, *, cache: bool = True) -> Dataset:
    """Load one of the NORB sets: each example is the left and the right picture, 32x32 each.

    Every picture is shrunk from 108x108 (96x96) pixels by averaging over areas, and rounded to
    whole grey levels. Jittered-cluttered NORB has the paper's split: of the 291,600 training
    examples, in the official order, the last 58,428 are the validation set. Each of its ten parts
    shows all toys in all views once, so these are other jitters of the same views. Small NORB,
    which has no such repetitions, takes for validation all pictures of the highest numbered toy
    of each class: new toys, as in its test set.

    Args:
        data_dir: holds the official files, gzipped or not, or has a subfolder named as the set.
        version: `NORB` or `SMALL_NORB`.
        cache: keep the shrunk pictures in the user's cache, and use them the next time.

    Returns:
        The data set; X has 2,048 columns in [0, 1]: the left picture, then the right one.

    Raises:
        DataError: if a file is missing or damaged, or the files do not belong together.
    """
    folder = find_norb(Path(data_dir), version)
    if folder is None:
        raise DataError(_not_found(Path(data_dir), version))
    X, y, toys = _read_parts(folder, version, version.train, cache)
    test_X, test_y, _ = _read_parts(folder, version, version.test, cache)
    if version.n_validation is not None:
        n_train = len(X) - version.n_validation
        if n_train < 1:
            raise DataError(
                f"{folder} has {len(X)} training examples; expected more than the "
                f"{version.n_validation} of the validation set: take all official files"
            )
        train, validation = Split(X[:n_train], y[:n_train]), Split(X[n_train:], y[n_train:])
        chosen = f"the last {version.n_validation} training examples"
    else:
        everything = Split(X, y)
        train, validation = (everything.take(rows) for rows in _by_toy(y, toys, folder))
        chosen = "the highest numbered training toy of each class"
    return Dataset(
        name=version.name,
        train=train,
        validation=validation,
        test=Split(test_X, test_y),
        classes=version.classes,
        image_shape=(_EYES, SIDE, SIDE),
        provenance=f"{version.title}, official files, each picture averaged over areas to "
        f"{SIDE}x{SIDE} and rounded to 256 levels; validation: {chosen}; test: the official one",
    )


def _read_parts(
    folder: Path, version: NorbVersion, stems: tuple[str, ...], cache: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return X (n, 2048) float32, y (n,) int64 and the number of the toy (n,), 0 if unknown."""
    labels = [_labels(_path(folder, f"{stem}-cat"), version) for stem in stems]
    y = np.concatenate(labels)
    X = np.empty((len(y), _EYES * SIDE * SIDE), dtype=np.float32)
    toys = np.zeros(len(y), dtype=np.int64)
    start = 0
    for stem, part in zip(stems, labels, strict=True):
        rows = slice(start, start + len(part))
        small = _small_pictures(_path(folder, f"{stem}-dat"), len(part), cache)
        np.divide(small.reshape(len(part), -1), _LARGEST_PIXEL, out=X[rows])
        if "info" in version.kinds:
            toys[rows] = _toys(_path(folder, f"{stem}-info"), len(part))
        start += len(part)
    return X, y, toys


def _small_pictures(path: Path, n: int, cache: bool) -> np.ndarray:
    """Return the shrunk pairs of a -dat file, shape (n, 2, 32, 32), uint8."""
    kept = read_cache(path) if cache else None
    if kept is not None and len(kept) == n:
        return kept
    with MatrixFile(path, "byte") as matrix:
        if len(matrix.shape) != 4 or matrix.shape[1] != _EYES or min(matrix.shape[2:]) < SIDE:
            raise DataError(
                f"{path} has the shape {matrix.shape}; expected (n, {_EYES}, height, width) with "
                f"{SIDE} pixels or more: this is another file; check its name"
            )
        if matrix.shape[0] != n:
            raise DataError(
                f"{path} has {matrix.shape[0]} pairs of pictures and its -cat file {n} labels; "
                "expected one for each pair: take both files from the same source"
            )
        small = np.empty((n, _EYES, SIDE, SIDE), dtype=np.uint8)
        start = 0
        for pairs in matrix.chunks(_CHUNK):
            small[start : start + len(pairs)] = shrink(pairs)
            start += len(pairs)
    if cache:
        write_cache(path, small)
    return small


def _labels(path: Path, version: NorbVersion) -> np.ndarray:
    with MatrixFile(path, "integer") as matrix:
        labels = matrix.whole()
    try:
        return check_labels(labels, n_examples=len(labels), n_classes=len(version.classes))
    except InputError as error:
        raise DataError(f"{path}: {error}") from error


def _toys(path: Path, n: int) -> np.ndarray:
    with MatrixFile(path, "integer") as matrix:
        info = matrix.whole()
    if info.ndim != 2 or len(info) != n or info.shape[1] < 1:
        raise DataError(
            f"{path} has the shape {info.shape}; expected ({n}, 4): one row for each pair, the toy "
            "first; take all files from the same source"
        )
    toys: np.ndarray = info[:, 0]
    return toys


def _by_toy(y: np.ndarray, toys: np.ndarray, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train on, and those of the highest numbered toy of each class."""
    highest = np.full(int(y.max(initial=0)) + 1, -1)
    np.maximum.at(highest, y, toys)
    held_out = toys == highest[y]
    if held_out.all():
        raise DataError(
            f"{folder} has one toy of each class in its training files; expected several, so that "
            "one can be the validation set: take all official files"
        )
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _path(folder: Path, stem: str) -> Path:
    path = find_matrix(folder, stem)
    if path is None:  # it was there a moment ago
        raise DataError(f"{folder / stem}.mat is no longer there; fetch or copy it again")
    return path


def _not_found(folder: Path, version: NorbVersion) -> str:
    nearer = min(
        (missing_files(place, version) for place in (folder, folder / version.name)), key=len
    )
    cure = (
        f"run `rectinet data fetch {version.name}` and leave data_dir out"
        if version.n_validation is None
        else f"download them from {NORB_ADDRESS}"
    )
    return (
        f"the files of {version.title} are not all in {folder} or {folder / version.name}: "
        f"{len(nearer)} are missing, the first is {nearer[0]}; expected {version.wanted} (also as "
        f".mat.gz): check data_dir; {cure}"
    )
