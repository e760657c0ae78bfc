"""Pickles of plain data and arrays, read without running anything.

A pickle is a program: it names functions and calls them. Here every name but those with which
arrays are written is refused, and these stand for the small classes below, not for NumPy's own.
"""

from __future__ import annotations

import io
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from rectinet.errors import DataError

_CURE = "delete the file and copy it again from its official source"
_MALFORMED = (
    pickle.UnpicklingError,
    EOFError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    AttributeError,
    OverflowError,
    MemoryError,
    ImportError,
)


def read_plain_pickle(content: bytes, source: str | Path) -> Any:
    """Return the numbers, text, bytes, lists, dictionaries and arrays in a pickle.

    Args:
        content: the file's bytes; strings of Python 2 become bytes.
        source: the file, for the messages.

    Returns:
        What was pickled. Arrays hold booleans, integers or floats, in the machine's byte order.

    Raises:
        DataError: if the pickle is truncated or damaged, or asks for anything but plain data.
    """
    try:
        return _finished(_Unpickler(io.BytesIO(content), encoding="bytes").load())
    except _RefusedError as error:
        raise DataError(
            f"{source} asks for {error}, which plain data does not need; nothing was run: {_CURE}"
        ) from error
    except (*_MALFORMED, RecursionError) as error:
        reason = " ".join(str(error).split())[:100]
        raise DataError(
            f"{source} is truncated or no pickle of data ({reason}); {_CURE}"
        ) from error


class _RefusedError(Exception):
    """A name that is not allowed."""


class _Dtype:
    """Stands for numpy.dtype."""

    def __init__(self, code: Any, *_: Any):
        text = code.decode("ascii") if isinstance(code, bytes) else code
        if not (isinstance(text, str) and len(text) < 4):
            raise ValueError(f"no type of numbers: {code!r}")
        self.value = np.dtype(text)
        if self.value.kind not in "buif":
            raise ValueError(f"no type of numbers: {text!r}")

    def __setstate__(self, state: Any) -> None:
        if state[1] in (">", b">"):
            self.value = self.value.newbyteorder(">")


class _Array:
    """Stands for the function that makes an empty array, whose content then comes as its state."""

    def __init__(self, *_: Any):
        self.value = np.empty(0)

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, fortran, content = state
        if not (isinstance(dtype, _Dtype) and isinstance(content, bytes)):
            raise ValueError("an array without a type or bytes")
        # Stated and present size are compared first: no allocation is made on a file's word.
        if math.prod(shape) * dtype.value.itemsize != len(content):
            raise ValueError(f"an array of shape {shape} in {len(content)} bytes")
        flat = np.frombuffer(content, dtype.value)
        value = flat.reshape(shape, order="F" if fortran else "C")
        self.value = value.astype(value.dtype.newbyteorder("="), copy=False)


def _bytes_of(text: Any, encoding: Any) -> bytes:
    """Stand for the function with which Python 3 writes bytes for Python 2 to read."""
    if encoding not in ("latin1", b"latin1"):
        raise ValueError(f"bytes as {encoding!r}")
    return text if isinstance(text, bytes) else str(text).encode("latin1")


def _no_bytes() -> bytes:
    """Stand for `bytes`, which is called, without arguments, for empty bytes."""
    return b""


class _Type:
    """Stands for numpy.ndarray, which is only ever named."""


_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): _Type,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _bytes_of,
    ("__builtin__", "bytes"): _no_bytes,
    ("builtins", "bytes"): _no_bytes,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise _RefusedError(f"{module}.{name}"[:100]) from None

    def persistent_load(self, pid: Any) -> Any:
        raise _RefusedError("an object outside of the file")


def _finished(value: Any) -> Any:
    """Put the arrays in the place of their stand-ins, in lists and dictionaries."""
    if isinstance(value, _Array):
        return value.value
    if isinstance(value, dict):
        return {key: _finished(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_finished(entry) for entry in value]
    return value
