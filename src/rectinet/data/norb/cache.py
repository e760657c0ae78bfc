"""Shrunk pictures kept in the user's cache: 8 GB need not be unpacked and shrunk at every start."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np

from rectinet.data.locate import user_cache
from rectinet.data.norb.shrink import SIDE
from rectinet.errors import StorageError
from rectinet.files import make_folder, write_bytes

_VERSION = 1
"""Of how pictures are shrunk: a change of it leaves old caches unread."""


def read_cache(source: Path) -> np.ndarray | None:
    """Return the pictures that `write_cache` kept for this very file, or None.

    Returns:
        shape (n, 2, 32, 32), uint8; None if there are none, they are damaged, or `source` has
        another size or date than then.
    """
    try:
        pictures: np.ndarray = np.load(_place(source), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None  # what cannot be read is made again
    whole = pictures.dtype == np.uint8 and pictures.ndim == 4 and pictures.shape[2:] == (SIDE, SIDE)
    return pictures if whole else None


def write_cache(source: Path, pictures: np.ndarray) -> None:
    """Keep the shrunk pictures of the file `source`; a cache that cannot be written is no error."""
    try:
        place = _place(source)
        make_folder(place.parent)
        buffer = io.BytesIO()
        np.save(buffer, pictures, allow_pickle=False)
        write_bytes(place, buffer.getvalue())
    except (OSError, StorageError):
        return  # it only takes longer the next time


def _place(source: Path) -> Path:
    status = source.stat()
    identity = f"{_VERSION}:{source.resolve()}:{status.st_size}:{status.st_mtime_ns}"
    name = hashlib.sha256(identity.encode()).hexdigest()[:16]
    return user_cache() / "norb-32x32" / f"{source.name.split('.')[0]}-{name}.npy"
