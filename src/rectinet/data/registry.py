"""The data sets by name: what there is, where it lies, how it is loaded and fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rectinet.data.dataset import Dataset
from rectinet.data.digits import load_digits
from rectinet.data.fetch import ProgressBar, RemoteFile, fetch_files
from rectinet.data.locate import ENVIRONMENT_VARIABLE, find_files, search_folders, user_cache
from rectinet.data.mnist import MNIST_FILES, MNIST_MIRRORS, load_mnist
from rectinet.errors import DataError


@dataclass(frozen=True)
class DatasetInfo:
    """What there is to know about a data set before it is loaded.

    Attributes:
        name: the name it is loaded by.
        description: one line.
        n_examples: in all splits together.
        n_classes: the number of classes.
        n_features: the number of columns of X.
        source: where it comes from.
        license: the terms it is published under.
        needs_files: whether files must be fetched or pointed to before it can be loaded.
    """

    name: str
    description: str
    n_examples: int
    n_classes: int
    n_features: int
    source: str
    license: str
    needs_files: bool


@dataclass(frozen=True)
class _Entry:
    info: DatasetInfo
    load: Callable[[Path, int], Dataset]  # folder that holds the files, seed
    files: tuple[RemoteFile, ...] = ()
    mirrors: tuple[str, ...] = ()


_ENTRIES = (
    _Entry(
        DatasetInfo(
            name="digits",
            description="handwritten digits, 8x8 pixels; small, for trying things out",
            n_examples=1797,
            n_classes=10,
            n_features=64,
            source="bundled with scikit-learn; UCI Optical Recognition of Handwritten Digits",
            license="CC BY 4.0",
            needs_files=False,
        ),
        load=lambda _, seed: load_digits(seed),
    ),
    _Entry(
        DatasetInfo(
            name="mnist",
            description="handwritten digits, 28x28 pixels, with the paper's 50k/10k/10k split",
            n_examples=70_000,
            n_classes=10,
            n_features=784,
            source="Y. LeCun, C. Cortes, C. Burges: the MNIST database of handwritten digits",
            license="CC BY-SA 3.0",
            needs_files=True,
        ),
        load=lambda folder, _: load_mnist(folder),  # its split is fixed: no seed
        files=MNIST_FILES,
        mirrors=MNIST_MIRRORS,
    ),
)


def dataset_names() -> tuple[str, ...]:
    """Return the names that `load_dataset` knows."""
    return tuple(entry.info.name for entry in _ENTRIES)


def describe(name: str) -> DatasetInfo:
    """Return what is known about the data set `name`.

    Raises:
        DataError: if there is no such data set.
    """
    return _entry(name).info


def load_dataset(name: str, *, data_dir: str | Path | None = None, seed: int = 0) -> Dataset:
    """Load a data set. Nothing is downloaded: `fetch_dataset` does that.

    Args:
        name: one of `dataset_names`.
        data_dir: the folder that holds the files. If it is None, the folder that the environment
            variable RECTINET_DATA names is searched, then the user's cache.
        seed: draws the split, where it is not fixed: MNIST ignores it.

    Raises:
        DataError: if there is no such data set, or a file is missing, damaged or altered.
    """
    entry = _entry(name)
    if data_dir is not None or not entry.files:
        # A folder that was asked for is the only one to try; its loader says what it lacks.
        return entry.load(Path(data_dir or ".").expanduser(), seed)
    folder = locate(name)
    if folder is None:
        searched = " and ".join(str(folder) for folder in search_folders(None))
        raise DataError(
            f"the files of {name} are not on this machine (searched {searched}): run `rectinet "
            f"data fetch {name}`, or name their folder with --data-dir or {ENVIRONMENT_VARIABLE}"
        )
    return entry.load(folder, seed)


def locate(name: str, data_dir: str | Path | None = None) -> Path | None:
    """Return the folder that holds the files of the data set `name`.

    Args:
        name: one of `dataset_names`.
        data_dir: as for `load_dataset`.

    Returns:
        The folder; None if the files were not found, or if the data set needs none.

    Raises:
        DataError: if there is no such data set.
    """
    entry = _entry(name)
    if not entry.files:
        return None
    for folder in search_folders(data_dir):
        paths = find_files(folder, name, entry.files)
        if paths is not None:
            return paths[0].parent
    return None


def fetch_dataset(
    name: str, *, data_dir: str | Path | None = None, progress: ProgressBar | None = None
) -> Path | None:
    """Download the files of a data set that are not there yet.

    Args:
        name: one of `dataset_names`.
        data_dir: the files go to its subfolder `name`; None is the user's cache.
        progress: shown while bytes arrive.

    Returns:
        The folder of the files; None if the data set needs none.

    Raises:
        DataError: if there is no such data set, or no mirror delivers a file.
        StorageError: if the folder cannot be written.
    """
    entry = _entry(name)
    if not entry.files:
        return None
    folder = (user_cache() if data_dir is None else Path(data_dir).expanduser()) / name
    fetch_files(entry.files, entry.mirrors, folder, progress=progress)
    return folder


def _entry(name: str) -> _Entry:
    for entry in _ENTRIES:
        if entry.info.name == name:
            return entry
    raise DataError(f"unknown data set {name!r}; expected one of {', '.join(dataset_names())}")
