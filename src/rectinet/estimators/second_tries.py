"""Training that failed is tried again by itself, unless the learning rate was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from rectinet.errors import DivergedError
from rectinet.estimators.progress import LOG

T = TypeVar("T")

# Three tenths reach from a usual rate below all that the paper chooses from.
_LOWER, _LOWEST = 10.0, 1e-3

# No cure tells a higher rate than the highest usual one.
_USUAL = 0.1

# A layer of a few units may be off for every example from the beginning, half of those with one
# unit: of twenty draws one is at work.
_DRAWS = 20


def tried_again(train: Callable[[float, int], T], *, given: object, redraws: bool, cure: str) -> T:
    """Return what training gives, if need be with lower rates, or from other weights.

    Where a loss is not finite, all rates are divided by 10, three times at most. Where a layer
    died, the weights are drawn anew if they were random; otherwise the rates are lowered, too.

    Args:
        train: takes what all learning rates are multiplied by, and the number of the draw of the
            initial weights, from 0.
        given: the learning rate that was asked for, with which there is one try; None: the usual.
        redraws: whether the initial weights may be drawn anew.
        cure: what to do when nothing helps.

    Raises:
        DivergedError: if nothing helped, in the words of the estimators' parameters.
    """
    factor, draw = 1.0, 0
    while True:
        try:
            return train(factor, draw)
        except DivergedError as error:
            what = str(error).partition(";")[0]
            if given is not None:
                lower = min(max(error.learning_rate) / _LOWER, _USUAL)
                told = f"learning_rate_init was {given}, try learning_rate_init={lower:g}"
                raise error.with_cure(f"{told}, or leave it out") from error
            if error.died and redraws and draw < _DRAWS:
                draw += 1
                LOG.info("%s; trying again from other weights", what)
            elif factor > _LOWEST:
                factor /= _LOWER
                LOG.warning("%s; trying again at a tenth of the learning rate", what)
            else:
                tried = f"so it did at {max(error.learning_rate):g}, the lowest rate tried"
                raise error.with_cure(f"{tried}: {cure}") from error


def lowered(rate: Any, factor: float) -> Any:
    """Return a learning rate, or one for each layer, times a factor; ``"grid"`` as it is."""
    return rate if factor == 1 else np.multiply(rate, factor).tolist()
