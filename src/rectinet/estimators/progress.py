"""Whether an estimator shows what it does."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

import numpy as np

from rectinet.errors import SettingError
from rectinet.training import Observer, ProgressBars

LOG = logging.getLogger("rectinet")


@contextlib.contextmanager
def observed(verbose: bool) -> Iterator[Observer | None]:
    """Yield progress bars, or nobody.

    Raises:
        SettingError: if `verbose` is neither a bool nor a whole number.
    """
    if not isinstance(verbose, int | np.integer | np.bool_):
        raise SettingError(f"verbose is {verbose!r}; give True or False")
    if not verbose:
        yield None
        return
    with ProgressBars() as bars:
        yield bars
