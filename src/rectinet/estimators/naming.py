"""Errors about settings of training, in the words of the estimators' parameters."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rectinet.errors import SettingError


@contextlib.contextmanager
def named(**names: str) -> Iterator[None]:
    """Replace a setting's name at the head of an error, such as ``epochs="max_iter"``.

    Args:
        names: the parameter that each setting comes from.

    Raises:
        SettingError: the one that was raised inside, under the parameter's name.
    """
    try:
        yield
    except SettingError as error:
        setting, _, rest = str(error).partition(" ")
        if setting not in names:
            raise
        raise SettingError(f"{names[setting]} {rest}") from error
