"""Arrays from .npz files, without pickles."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rectinet.errors import DataError

_CURE = "delete the file and copy it again"


def read_npz(path: str | Path, names: Sequence[str]) -> list[np.ndarray]:
    """Read some arrays of an .npz file.

    Args:
        path: the file.
        names: of the arrays wanted.

    Returns:
        The arrays, in the order of `names`.

    Raises:
        DataError: if the file is missing, damaged or no .npz file, or an array is missing or would
            need a pickle to be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return [_member(archive, name, path) for name in names]
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist; check the path") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}; check the path") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise DataError(f"{path} is damaged or no .npz file ({error}); {_CURE}") from error


def _member(archive: zipfile.ZipFile, name: str, path: str | Path) -> np.ndarray:
    if f"{name}.npy" not in archive.namelist():
        raise DataError(f"{path} has no array {name!r}: this is another file; check its name")
    with archive.open(f"{name}.npy") as stream:
        array: np.ndarray = np.lib.format.read_array(stream, allow_pickle=False)
    return array
