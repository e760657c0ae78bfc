"""Examples that are set aside to stop by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn.model_selection import train_test_split

from rectinet.errors import SettingError
from rectinet.training import Examples

# Fewer labels than this are all needed to learn from.
_ENOUGH = 2000


def sets_aside(early_stopping: bool | str, fraction: float, n_labelled: int) -> bool:
    """Return whether some of the labelled examples are set aside.

    Raises:
        SettingError: if `early_stopping` is neither a bool nor ``"auto"``, or `fraction` is not a
            share, wanted or not.
    """
    if not (isinstance(fraction, float | np.floating) and 0 < fraction < 1):
        raise SettingError(f"validation_fraction is {fraction!r}; give a share above 0, below 1")
    if isinstance(early_stopping, str):
        if early_stopping != "auto":
            raise SettingError(f"early_stopping is {early_stopping!r}; use True, False or 'auto'")
        return n_labelled >= _ENOUGH
    if not isinstance(early_stopping, bool | np.bool_):
        raise SettingError(f"early_stopping is {early_stopping!r}; use True, False or 'auto'")
    return bool(early_stopping)


def set_aside(examples: Examples, fraction: float, seed: int) -> tuple[Examples, Examples]:
    """Return the examples to learn from, and those to stop by, both in their order.

    Args:
        examples: where the targets are class numbers, both parts have them in about the same
            proportions if there are enough of each.
        fraction: share that is set aside, above 0, below 1.
        seed: of the draw.
    """
    y, stratify = examples.target, None
    if y.ndim == 1:
        counts = np.bincount(y)
        n_validation = int(np.ceil(fraction * len(y)))
        fewest = min(n_validation, len(y) - n_validation)
        enough = counts[counts > 0].min() > 1 and fewest >= np.count_nonzero(counts)
        stratify = y if enough else None
    train, held_out = train_test_split(
        np.arange(len(y)), test_size=fraction, random_state=seed, stratify=stratify
    )
    held_out.sort()
    apart = examples[held_out]
    if apart.weight is not None and not apart.weight.any():  # of those that were drawn, none counts
        apart = replace(apart, weight=None)
    return examples[np.sort(train)], apart
