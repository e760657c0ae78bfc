"""Whether an estimator shows what it does."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from rectinet.training import Observer, ProgressBars

LOG = logging.getLogger("rectinet")


@contextlib.contextmanager
def observed(verbose: bool) -> Iterator[Observer | None]:
    """Yield progress bars, or nobody."""
    if not verbose:
        yield None
        return
    with ProgressBars() as bars:
        yield bars
