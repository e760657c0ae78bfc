"""What is wrong with a model, before it is known whether it was being saved or loaded."""

from __future__ import annotations

import re
import reprlib
from typing import Any

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


class UnfitError(ValueError):
    """A model, or a part of one, that cannot be stored; becomes a `StorageError` with its place.

    Attributes:
        cure: what to do on loading, where the usual advice does not help.
    """

    def __init__(self, message: str, cure: str = ""):
        super().__init__(message)
        self.cure = cure


def shown(value: Any) -> str:
    """Return `value` as it stands in a message: on one line, and short whatever it is."""
    return " ".join(reprlib.repr(value).split())


def check_name(name: Any, what: str) -> None:
    """Refuse names that are more than a plain word: they become parts of tensors' names.

    Raises:
        UnfitError: if `name` is not an ASCII identifier of at most 100 characters.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UnfitError(
            f"{what} is {shown(name)}; expected a plain word of at most 100 letters, digits and "
            "underscores"
        )
