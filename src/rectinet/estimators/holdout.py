"""Examples that are set aside to stop by."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import train_test_split

from rectinet.errors import SettingError
from rectinet.nn import Array

# Fewer labels than this are all needed to learn from.
_ENOUGH = 2000


def sets_aside(early_stopping: bool | str, n_labelled: int) -> bool:
    """Return whether some of the labelled examples are set aside.

    Raises:
        SettingError: if `early_stopping` is neither a bool nor ``"auto"``.
    """
    if isinstance(early_stopping, str):
        if early_stopping != "auto":
            raise SettingError(f"early_stopping is {early_stopping!r}; use True, False or 'auto'")
        return n_labelled >= _ENOUGH
    return bool(early_stopping)


def set_aside(y: Array, fraction: float, seed: int) -> tuple[Array, Array]:
    """Return the rows to learn from, and those to stop by, both ascending.

    Args:
        y: class numbers, shape (n,), which both parts then have in about the same proportions
            where there are enough of each; or numbers to predict, shape (n, n_outputs).
        fraction: share that is set aside.
        seed: of the draw.

    Raises:
        SettingError: if `fraction` is not a share.
    """
    if not (isinstance(fraction, float | np.floating) and 0 < fraction < 1):
        raise SettingError(f"validation_fraction is {fraction!r}; give a share above 0, below 1")
    stratify = None
    if y.ndim == 1:
        counts = np.bincount(y)
        n_validation = int(np.ceil(fraction * len(y)))
        fewest = min(n_validation, len(y) - n_validation)
        enough = counts[counts > 0].min() > 1 and fewest >= np.count_nonzero(counts)
        stratify = y if enough else None
    train, held_out = train_test_split(
        np.arange(len(y)), test_size=fraction, random_state=seed, stratify=stratify
    )
    return np.sort(train), np.sort(held_out)
