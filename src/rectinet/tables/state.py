"""Checks of what a model says about its columns, as it comes from a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rectinet.errors import StorageError

Values = dict[str, Any]
Arrays = dict[str, np.ndarray]


def damaged(problem: str) -> StorageError:
    """Return the error for stored columns or targets that cannot be used."""
    return StorageError(
        f"the model's description of its columns is damaged: {problem}; copy the model again, or "
        "fit it anew"
    )


def field(values: Any, name: str, kind: type) -> Any:
    """Return a field of a stored object.

    Raises:
        StorageError: if it is missing or of another type.
    """
    if not isinstance(values, Mapping) or name not in values:
        raise damaged(f"{name!r} is missing")
    found = values[name]
    # By `type`: True would pass for a whole number.
    if type(found) is not kind:
        raise damaged(f"{name!r} is of type {type(found).__name__}; expected {kind.__name__}")
    return found


def names(values: Any, name: str) -> list[str]:
    """Return a stored list of different texts; see `field`."""
    found: list[str] = field(values, name, list)
    if not all(type(each) is str for each in found):
        raise damaged(f"{name!r} holds something else than text")
    if len(set(found)) < len(found):
        raise damaged(f"{name!r} holds a name twice")
    return found


def numbers(arrays: Mapping[str, np.ndarray], name: str, length: int) -> np.ndarray:
    """Return a stored array of finite float64 numbers.

    Raises:
        StorageError: if it is missing, or of another shape or type, or not finite.
    """
    array = arrays.get(name)
    if not isinstance(array, np.ndarray):
        raise damaged(f"the array {name!r} is missing")
    if array.shape != (length,) or array.dtype != np.float64:
        raise damaged(
            f"the array {name!r} is {array.dtype} of shape {array.shape}; expected float64 of "
            f"shape ({length},)"
        )
    if not np.isfinite(array).all():
        raise damaged(f"the array {name!r} is not finite")
    return array
