"""Examples that are set aside to stop by."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import train_test_split

from rectinet.errors import SettingError
from rectinet.estimators.progress import LOG
from rectinet.training import Examples

ENOUGH_LABELS = 2000
"""Fewer labels than this are all needed to learn from."""


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
        return n_labelled >= ENOUGH_LABELS
    if not isinstance(early_stopping, bool | np.bool_):
        raise SettingError(f"early_stopping is {early_stopping!r}; use True, False or 'auto'")
    return bool(early_stopping)


def set_aside(
    examples: Examples, fraction: float, seed: int, *, keeps_classes: bool = True
) -> tuple[Examples, Examples | None]:
    """Return the examples to learn from, and those to stop by, both in their order.

    None are set aside, and the log says so, where that would leave nothing to learn from, or a
    class without an example.

    Args:
        examples: where the targets are class numbers, both parts have them in about the same
            proportions if there are enough of each.
        fraction: share that is set aside, above 0, below 1; at least one example is left.
        seed: of the draw.
        keeps_classes: whether every class must keep an example to learn from; the values of a
            rating need not, for their neighbors tell of them.
    """
    y = examples.target
    n = len(y)
    n_validation = min(int(np.ceil(fraction * n)), n - 1)
    spare, stratify = np.ones(n, bool), None
    if y.ndim == 1:
        _, first, counts = np.unique(y, return_index=True, return_counts=True)
        if counts.min() > 1 and min(n_validation, n - n_validation) >= len(counts):
            stratify = y
        elif keeps_classes:
            spare[first] = False
            n_validation = min(n_validation, int(spare.sum()))
    if not n_validation:
        LOG.warning("of %d labeled examples none can be spared to stop by: all are learned from", n)
        return examples, None
    if n_validation == spare.sum():
        held_out = np.flatnonzero(spare)
    else:
        _, held_out = train_test_split(
            np.flatnonzero(spare), test_size=n_validation, random_state=seed, stratify=stratify
        )
        held_out.sort()
    return examples[np.setdiff1d(np.arange(n), held_out)], examples[held_out]
