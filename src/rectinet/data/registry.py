"""The data sets by name: what there is, where it lies, how it is loaded and fetched."""

from __future__ import annotations

from pathlib import Path

from rectinet.data.catalog import ENTRIES, DatasetInfo, Entry
from rectinet.data.dataset import Dataset
from rectinet.data.fetch import ProgressBar, fetch_files
from rectinet.data.locate import ENVIRONMENT_VARIABLE, search_folders, user_cache
from rectinet.errors import DataError

_ENTRIES = ENTRIES


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
        seed: draws the split, where it is not fixed: digits, characters and reviews heed it; of
            distorted sets, the training examples.

    Raises:
        DataError: if there is no such data set, or a file is missing, damaged or altered.
    """
    entry = _entry(name)
    if data_dir is not None or not entry.info.needs_files:
        # A folder that was asked for is the only one to try; its loader says what it lacks.
        return entry.load(Path(data_dir or ".").expanduser(), seed)
    for folder in search_folders(None):
        if entry.locate(folder) is not None:
            return entry.load(folder, seed)
    searched = " and ".join(str(folder) for folder in search_folders(None))
    cure = f"run `rectinet data fetch {name}`" if entry.info.can_fetch else entry.info.how_to_get
    raise DataError(
        f"the files of {name} are not on this machine (searched {searched}): {cure}, or name "
        f"their folder with data_dir or {ENVIRONMENT_VARIABLE}"
    )


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
    found = (entry.locate(folder) for folder in search_folders(data_dir))
    return next((folder for folder in found if folder is not None), None)


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
        DataError: if there is no such data set, it cannot be downloaded, or no mirror delivers a
            file.
        StorageError: if the folder cannot be written.
    """
    entry = _entry(name)
    if not entry.info.needs_files:
        return None
    if not entry.info.can_fetch:
        raise DataError(f"{name} cannot be downloaded from here: {entry.info.how_to_get}")
    folder = (user_cache() if data_dir is None else Path(data_dir).expanduser()) / name
    fetch_files(entry.files, entry.mirrors, folder, progress=progress)
    return folder


def _entry(name: str) -> Entry:
    for entry in _ENTRIES:
        if entry.info.name == name:
            return entry
    raise DataError(f"unknown data set {name!r}; expected one of {', '.join(dataset_names())}")
