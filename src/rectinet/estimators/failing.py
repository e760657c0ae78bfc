"""A training that fails leaves an estimator as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def all_or_nothing(estimator: Any) -> Iterator[None]:
    """Take back what was learned inside if an error, or Ctrl-C, ends it.

    After a first `fit` nothing is fitted then; after a later one the old model is whole. What an
    attribute refers to must be replaced inside, not changed.
    """
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
