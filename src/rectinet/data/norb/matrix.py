"""NORB's binary matrix format, read in pieces.

A little-endian 32-bit magic number, which tells the type of the values; the number of dimensions;
then the dimensions, of which at least three are stored however few there are; then the values,
little-endian, the last dimension fastest.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np

from rectinet.errors import DataError

_TYPES = {
    0x1E3D4C51: ("single precision", "<f4"),
    0x1E3D4C52: ("packed", None),
    0x1E3D4C53: ("double precision", "<f8"),
    0x1E3D4C54: ("integer", "<i4"),
    0x1E3D4C55: ("byte", "u1"),
    0x1E3D4C56: ("short", "<i2"),
}
_BIG_ENDIAN = {int.from_bytes(magic.to_bytes(4, "little"), "big") for magic in _TYPES}
_GZIP_MAGIC = b"\x1f\x8b"
_FEWEST_STORED = 3
_MOST_DIMENSIONS = 16
_CURE = "delete the file and fetch or copy it again"


class MatrixFile:
    """An open matrix file, gzipped or not.

    Attributes:
        path: the file.
        shape: its dimensions.
        dtype: the type of its values.

    Raises:
        DataError: if the file is missing, truncated, damaged, or of another format or type.
    """

    def __init__(self, path: Path, expected: str):
        """Open `path`, whose values must be of the type `expected`, "byte" or "integer"."""
        self.path = path
        self._stream = _open(path)
        try:
            self.dtype = self._read_type(expected)
            self.shape = self._read_shape()
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> MatrixFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()

    def chunks(self, rows: int) -> Iterator[np.ndarray]:
        """Yield the matrix in pieces, so that it is never in memory as a whole.

        Args:
            rows: how many entries of the first dimension make a piece; the last may be shorter.

        Raises:
            DataError: if the file ends too early or goes on after its last value.
        """
        n, *rest = self.shape
        for start in range(0, n, rows):
            shape = (min(rows, n - start), *rest)
            content = self._read(math.prod(shape) * self.dtype.itemsize)
            yield np.frombuffer(content, self.dtype).reshape(shape)
        if self._some(1):
            raise DataError(
                f"{self.path} goes on after the last of its {math.prod(self.shape)} values; {_CURE}"
            )

    def whole(self) -> np.ndarray:
        """Return the matrix in the machine's byte order.

        Raises:
            DataError: as `chunks`.
        """
        parts = [*self.chunks(100_000)]
        values = np.concatenate(parts) if parts else np.empty(self.shape, self.dtype)
        return values.astype(self.dtype.newbyteorder("="), copy=False)

    def _read_type(self, expected: str) -> np.dtype:
        (magic,) = struct.unpack("<I", self._read(4))
        name, code = _TYPES.get(magic, ("unknown", None))
        if name == expected and code is not None:
            return np.dtype(code)
        known = ", ".join(f"0x{number:08X} ({name})" for number, (name, _) in _TYPES.items())
        if magic in _BIG_ENDIAN:
            what = "it was written in the other byte order"
        elif name == "unknown":
            what = f"it is no NORB matrix, whose numbers are {known}"
        else:
            what = f"it is a matrix of type {name}, another file"
        (wanted,) = (number for number, (name, _) in _TYPES.items() if name == expected)
        raise DataError(
            f"{self.path} has the magic number 0x{magic:08X}; expected 0x{wanted:08X} ({expected} "
            f"matrix): {what}; check its name or fetch it again"
        )

    def _read_shape(self) -> tuple[int, ...]:
        (n_dims,) = struct.unpack("<i", self._read(4))
        if not 1 <= n_dims <= _MOST_DIMENSIONS:
            raise DataError(
                f"{self.path} has {n_dims} dimensions; expected 1..{_MOST_DIMENSIONS}; {_CURE}"
            )
        stored = max(n_dims, _FEWEST_STORED)
        shape = struct.unpack(f"<{stored}i", self._read(4 * stored))[:n_dims]
        if min(shape) < 0:
            raise DataError(f"{self.path} has the shape {shape}; expected 0 or more; {_CURE}")
        return tuple(shape)

    def _read(self, size: int) -> bytes:
        content = self._some(size)
        if len(content) < size:
            raise DataError(
                f"{self.path} is truncated: expected {size} bytes more, found {len(content)}; "
                f"{_CURE}"
            )
        return content

    def _some(self, size: int) -> bytes:
        """Return up to `size` bytes, fewer only at the end of the file."""
        try:
            return self._stream.read(size)
        except EOFError as error:
            raise DataError(f"{self.path} is truncated: its gzip stream has no end; {_CURE}") from (
                error
            )
        except (zlib.error, OSError, OverflowError, MemoryError) as error:
            raise DataError(f"{self.path} is damaged ({error}); {_CURE}") from error


def _open(path: Path) -> IO[bytes]:
    try:
        with path.open("rb") as stream:
            zipped = stream.read(2) == _GZIP_MAGIC  # told by content: names are changed
        # Both close with the MatrixFile that is made of them.
        return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist; check the path or fetch the file") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}; check the path") from error
