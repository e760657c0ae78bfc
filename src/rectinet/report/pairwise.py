"""The paper's pairwise test at p = 0.05, which decides what is bold in table 1: McNemar's.

Bold in the paper's table are the errors of a network with and without pre-training that the test
cannot tell apart; `not_worse_than_best` asks the other question, which of several cells are as good
as the best. The paper does not say which pairwise test it used; this is the usual one.

Two classifiers answer the same test examples. Those that both get right, or both wrong, say nothing
about which is better; of the others, the discordant ones, an equally good pair would win half each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from rectinet.errors import InputError
from rectinet.nn import Array
from rectinet.studies import ClassifierResult

LEVEL = 0.05
"""Of the test, in the paper's table 1."""

Wrong = Mapping[int, Array]
"""Which test examples a cell's networks get wrong, by seed: (n_test,) bool each."""


@dataclass(frozen=True)
class McNemar:
    """The exact test of two cells on the same test examples.

    Attributes:
        only_first: answers that the first alone got wrong.
        only_second: answers that the second alone got wrong.
        seeds: those that both have; their answers are pooled.
    """

    only_first: int
    only_second: int
    seeds: tuple[int, ...]

    @property
    def p_value(self) -> float:
        """Two-sided p-value, in (0, 1]; 1 where no answer differs.

        Given b + c discordant answers, b of them wrong in the first alone, and p = 1/2 that a
        discordant answer is the first's mistake:

            p-value = min(1, 2 sum_{k <= min(b, c)} C(b + c, k) / 2^(b + c))

        Source: McNemar, Psychometrika 12 (1947) 153-157; the exact form is the sign test on the
        discordant pairs, `scipy.stats.binomtest`. For comparing classifiers: Dietterich, Neural
        Computation 10 (1998) 1895-1923, section 3.1.
        """
        discordant = self.only_first + self.only_second
        if not discordant:
            return 1.0
        return float(stats.binomtest(self.only_first, discordant, 0.5).pvalue)

    @property
    def differs(self) -> bool:
        """Whether the two differ at p < 0.05."""
        return self.p_value < LEVEL


def mcnemar(first: Wrong, second: Wrong) -> McNemar | None:
    """Compare two cells over the seeds that both have; None if they have none in common.

    Several seeds are pooled seed by seed: the network of seed s of one cell is compared with that
    of seed s of the other, on the test examples of that seed, and the discordant answers of all
    seeds are counted together. An example then counts once per seed. The question answered is
    which of the two *sets of trained networks* makes fewer mistakes on such examples. Answers of
    several networks to one example are not independent, so with many seeds on one test set the
    p-value is smaller than new test examples would give; the paper has a single network per cell,
    and for one seed the test is exactly that.

    Args:
        first: wrong answers by seed of the one.
        second: wrong answers by seed of the other.

    Raises:
        InputError: if the two have another number of test examples for a seed.
    """
    seeds = tuple(sorted(first.keys() & second.keys()))
    if not seeds:
        return None
    only_first = only_second = 0
    for seed in seeds:
        a, b = (np.asarray(wrong[seed], dtype=bool) for wrong in (first, second))
        if a.shape != b.shape:
            raise InputError(
                f"seed {seed} has {len(a)} test answers on one side and {len(b)} on the other; "
                "the pairwise test needs the same test examples"
            )
        only_first += int((a & ~b).sum())
        only_second += int((b & ~a).sum())
    return McNemar(only_first, only_second, seeds)


def not_worse_than_best(cells: Sequence[Wrong]) -> tuple[bool, ...]:
    """Return which cells are bold: the best, and those not significantly worse than it.

    The best has the lowest share of wrong answers over its seeds; cells that tie are all bold. A
    cell without a seed in common with the best cannot be told from it, and is not bold: nothing
    was shown.

    Args:
        cells: wrong answers by seed, of several cells on the same test set.
    """
    errors = [_error(wrong) for wrong in cells]
    known = [error for error in errors if error is not None]
    if not known:
        return (False,) * len(cells)
    best = cells[errors.index(min(known))]
    bold = []
    for wrong, error in zip(cells, errors, strict=True):
        test = mcnemar(best, wrong)
        bold.append(error == min(known) or (test is not None and not test.differs))
    return tuple(bold)


def wrong_answers(runs: Sequence[ClassifierResult]) -> Wrong | None:
    """Return which test examples the runs of one cell get wrong; None if a run did not keep them.

    Results written by hand or saved without them have none, and then there is no pairwise test.
    """
    found = {run.seed: run.wrong for run in runs}
    known = {seed: wrong for seed, wrong in found.items() if wrong is not None}
    return known if known and len(known) == len(found) else None


def _error(wrong: Wrong) -> float | None:
    return float(np.mean([answers.mean() for answers in wrong.values()])) if wrong else None
