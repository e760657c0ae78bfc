"""The IDX format, in which MNIST is published.

Two zero bytes, the type of the values, the number of dimensions; then each dimension as a
big-endian 32-bit number; then the values, big-endian, the last dimension fastest.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from rectinet.errors import DataError

_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP_MAGIC = b"\x1f\x8b"
_CURE = "delete the file and fetch or copy it again"


def read_idx(path: str | Path, *, magic: int | None = None) -> np.ndarray:
    """Read an IDX file, gzipped or not.

    Args:
        path: the file; whether it is gzipped is seen from its first bytes, not from its name.
        magic: the magic number expected, e.g. 0x00000803 for three dimensions of bytes; None
            takes every type and number of dimensions.

    Returns:
        The array, in the machine's byte order.

    Raises:
        DataError: if the file is missing, truncated, damaged, longer than it says, or not IDX.
    """
    return parse_idx(read_uncompressed(path), source=path, magic=magic)


def read_uncompressed(path: str | Path) -> bytes:
    """Return a file's bytes, decompressed if it is gzipped.

    Raises:
        DataError: if the file cannot be read, or its gzip stream is truncated or damaged.
    """
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist; check the path or fetch the file") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}; check the path") from error
    if not content.startswith(_GZIP_MAGIC):
        return content
    try:
        return gzip.decompress(content)
    except EOFError as error:
        raise DataError(
            f"{path} is truncated: its gzip stream has no end after {len(content)} bytes; {_CURE}"
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path} is a damaged gzip file ({error}); {_CURE}") from error


def parse_idx(content: bytes, *, source: str | Path, magic: int | None = None) -> np.ndarray:
    """Return the array in the bytes of an uncompressed IDX file.

    Args:
        content: the file's bytes.
        source: the file's name, for the messages.
        magic: as for `read_idx`.

    Returns:
        The array, in the machine's byte order; read-only if it shares the bytes.

    Raises:
        DataError: as `read_idx`.
    """
    _check_length(content[:4], 4, source)
    (found,) = struct.unpack_from(">I", content)
    code, n_dims = found >> 8, found & 0xFF  # the two zero bytes are the top of `code`
    if magic is not None and found != magic:
        raise DataError(
            f"{source} has the magic number 0x{found:08x}; expected 0x{magic:08x}: "
            "this is another file; check its name or fetch it again"
        )
    if code > 0xFF:
        raise DataError(
            f"{source} has the magic number 0x{found:08x}; expected 0x0000 first: it is not an IDX "
            "file; check its name"
        )
    if code not in _DTYPES:
        known = ", ".join(f"0x{known_code:02x}" for known_code in _DTYPES)
        raise DataError(
            f"{source} has the type code 0x{code:02x}; expected one of {known}; {_CURE}"
        )
    header = 4 + 4 * n_dims
    _check_length(content[:header], header, source)
    shape = struct.unpack_from(f">{n_dims}I", content, 4)
    dtype = np.dtype(_DTYPES[code])
    expected = header + math.prod(shape) * dtype.itemsize
    _check_length(content, expected, source)
    if len(content) > expected:
        raise DataError(
            f"{source} has {len(content) - expected} bytes after its end: expected {expected} "
            f"bytes, found {len(content)}; {_CURE}"
        )
    try:
        values = np.frombuffer(content, dtype, offset=header).reshape(shape)
    except ValueError as error:  # more dimensions than NumPy has, or empty and astronomically wide
        raise DataError(f"{source} has the shape {shape}: {error}; {_CURE}") from error
    return values.astype(dtype.newbyteorder("="), copy=False)


def _check_length(content: bytes, expected: int, source: str | Path) -> None:
    if len(content) < expected:
        raise DataError(
            f"{source} is truncated: expected {expected} bytes, found {len(content)}; {_CURE}"
        )
