"""Small files in the official formats, for the tests of the readers."""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from rectinet.data.fetch import RemoteFile

IDX_CODES = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}
MNIST_STEMS = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def _idx_bytes(array: np.ndarray) -> bytes:
    header = struct.pack(">HBB", 0, IDX_CODES[array.dtype.name], array.ndim)
    shape = struct.pack(f">{array.ndim}I", *array.shape)
    return header + shape + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture(scope="session")
def idx_bytes() -> Callable[[np.ndarray], bytes]:
    """Return the writer of IDX: an array to the bytes of its file."""
    return _idx_bytes


@dataclass
class SmallMnist:
    """Four arrays like MNIST's: 3x2 pixels, 30 training and 10 test examples."""

    arrays: list[np.ndarray]

    def remote_files(self) -> tuple[RemoteFile, ...]:
        """Return the files' names and checksums, as if these were the official ones."""
        return tuple(
            RemoteFile(
                name=f"{stem}.gz",
                md5=hashlib.md5(_packed(array)).hexdigest(),
                content_md5=hashlib.md5(_idx_bytes(array)).hexdigest(),
                other_names=(stem, stem.replace("-idx", ".idx")),
            )
            for stem, array in zip(MNIST_STEMS, self.arrays, strict=True)
        )

    def write(self, folder: Path) -> None:
        """Write the four files, gzipped, under their official names."""
        folder.mkdir(parents=True, exist_ok=True)
        for stem, array in zip(MNIST_STEMS, self.arrays, strict=True):
            (folder / f"{stem}.gz").write_bytes(_packed(array))


def _packed(array: np.ndarray) -> bytes:
    return gzip.compress(_idx_bytes(array), mtime=0)  # no time: the same bytes at every call


@pytest.fixture
def small_mnist() -> SmallMnist:
    random = np.random.default_rng(0)
    return SmallMnist(
        [
            random.integers(0, 256, (30, 3, 2), dtype=np.uint8),
            np.arange(30, dtype=np.uint8) % 10,
            random.integers(0, 256, (10, 3, 2), dtype=np.uint8),
            np.arange(10, dtype=np.uint8),
        ]
    )
