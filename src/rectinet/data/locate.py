"""Where the files of a data set are looked for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pooch

from rectinet.data.fetch import RemoteFile

ENVIRONMENT_VARIABLE = "RECTINET_DATA"


def user_cache() -> Path:
    """Return the folder that downloads go to unless told otherwise."""
    return Path(pooch.os_cache("rectinet"))


def search_folders(data_dir: str | Path | None) -> tuple[Path, ...]:
    """Return the folders to search: `data_dir` alone if given, else RECTINET_DATA and the cache."""
    if data_dir is not None:
        return (Path(data_dir).expanduser(),)
    from_environment = os.environ.get(ENVIRONMENT_VARIABLE)
    named = (Path(from_environment).expanduser(),) if from_environment else ()
    return (*named, user_cache())


def find_file(folders: Sequence[Path], name: str) -> Path | None:
    """Return the first of the folders' files called `name`; None if there is none."""
    candidates = (folder / name for folder in folders)
    # Unpackers make folders of the same name as the file: those do not count.
    return next((path for path in candidates if path.is_file()), None)


def find_files(folder: Path, dataset: str, files: Sequence[RemoteFile]) -> tuple[Path, ...] | None:
    """Find the files of a data set in `folder` or in its subfolder named `dataset`.

    Returns:
        One path for each of `files`, all in the same folder; None if any is missing in both.
    """
    for place in (folder, folder / dataset):
        paths = [_find_file(place, file) for file in files]
        found = tuple(path for path in paths if path is not None)
        if len(found) == len(files):
            return found
    return None


def _find_file(folder: Path, file: RemoteFile) -> Path | None:
    found = (find_file((folder,), name) for name in (file.name, *file.other_names))
    return next((path for path in found if path is not None), None)
