"""Choosing a learning rate from a grid on evaluation data (PAPER section 1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from rectinet.errors import DivergedError
from rectinet.training.loop import score
from rectinet.training.records import Evaluation

T = TypeVar("T")
R = TypeVar("R", float, tuple[float, ...])


def choose_learning_rate(
    rates: Sequence[R],
    train: Callable[[R], T],
    evaluation: Callable[[T], Evaluation | None],
    interrupted: Callable[[T], bool],
) -> T:
    """Train once with each rate and return the outcome with the best evaluation.

    A rate that diverges is passed over. An interrupted outcome is returned at once.

    Args:
        rates: candidates.
        train: trains afresh with one rate.
        evaluation: an outcome's evaluation; None (nothing trained) counts as worst.
        interrupted: whether an outcome was cut short by Ctrl-C.

    Raises:
        DivergedError: if every rate diverges; the error of the smallest rate.
    """
    best: T | None = None
    best_score = (float("inf"), float("inf"))
    failure: DivergedError | None = None
    for rate in sorted(rates, reverse=True):
        try:
            outcome = train(rate)
        except DivergedError as error:
            failure = error
            continue
        if interrupted(outcome):
            return outcome
        reached = evaluation(outcome)
        if best is None or (reached is not None and score(reached) < best_score):
            best = outcome
            best_score = score(reached) if reached is not None else best_score
    if best is None:
        assert failure is not None
        raise failure
    return best
