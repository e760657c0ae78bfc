"""Small files in NORB's matrix format, byte for byte."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from rectinet.data.norb import NORB, SMALL_NORB, NorbVersion

MAGIC = {
    "float32": 0x1E3D4C51,
    "float64": 0x1E3D4C53,
    "int32": 0x1E3D4C54,
    "uint8": 0x1E3D4C55,
    "int16": 0x1E3D4C56,
}


def _matrix_bytes(array: np.ndarray) -> bytes:
    stored = [*array.shape, *[1] * (3 - array.ndim)]  # three dimensions at least
    header = struct.pack(f"<Ii{len(stored)}i", MAGIC[array.dtype.name], array.ndim, *stored)
    return header + array.astype(array.dtype.newbyteorder("<")).tobytes()


@pytest.fixture(scope="session")
def matrix_bytes() -> Callable[[np.ndarray], bytes]:
    """Return the writer of the format: an array to the bytes of its file."""
    return _matrix_bytes


@dataclass
class SmallNorb:
    """Pairs, categories and infos of the parts of a set, by the stem of their files."""

    version: NorbVersion
    arrays: dict[str, np.ndarray]

    def write(self, folder: Path, zipped: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for stem, array in self.arrays.items():
            content = _matrix_bytes(array)
            path = folder / f"{stem}.mat{'.gz' if zipped else ''}"
            path.write_bytes(gzip.compress(content, 1) if zipped else content)

    def all_of(self, stems: tuple[str, ...], kind: str) -> np.ndarray:
        return np.concatenate([self.arrays[f"{stem}-{kind}"] for stem in stems])


def _parts(version: NorbVersion, rows: int, side: int, columns: int) -> SmallNorb:
    random = np.random.default_rng(0)
    arrays = {}
    for stem in (*version.train, *version.test):
        info = random.integers(0, 6, (rows, columns), dtype=np.int32)
        info[:, 0] = np.array([4, 6, 7, 8, 9], dtype=np.int32)[np.arange(rows) // 5 % 5]
        arrays[f"{stem}-dat"] = random.integers(0, 256, (rows, 2, side, side), dtype=np.uint8)
        arrays[f"{stem}-cat"] = np.arange(rows, dtype=np.int32) % len(version.classes)
        arrays[f"{stem}-info"] = info
    return SmallNorb(version, arrays)


@pytest.fixture
def jittered() -> SmallNorb:
    """Return ten training and two test parts of 12 pairs; the last 25 are for validation."""
    version = NorbVersion(NORB.name, NORB.title, NORB.classes, NORB.train, NORB.test, 25)
    return _parts(version, rows=12, side=108, columns=10)


@pytest.fixture
def small() -> SmallNorb:
    """Return 50 training and 50 test pairs: two of each of the five toys of five classes."""
    return _parts(SMALL_NORB, rows=50, side=96, columns=4)
