"""Ours beside the paper's: what each figure is uncertain by, and whether the two differ by more.

A share of wrong answers is uncertain in two ways: other test examples would give another one
(binomial), and so would another seed. The paper has one network per figure, of which only the
first is known. The 95% interval of the difference adds what is known in squares: the paper's
binomial half-width, that of ours, and the half-width of our mean over seeds (Student's t; unknown
for one run). Where both were tested on the same examples this is rather too wide than too narrow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from rectinet.report.parts import Cell, Column, Group, Table
from rectinet.report.wording import RECALLED, error_cell, listing, percent, plural, points, signed
from rectinet.studies import Summary
from rectinet.studies.paper import Published

_Z = float(stats.norm.ppf(0.975))


def binomial_interval(error: float, n_test: int) -> tuple[float, float]:
    """Return the exact 95% interval of a share of wrong answers (Clopper and Pearson).

    Args:
        error: the share.
        n_test: answers that it was taken from.
    """
    found = stats.binomtest(round(error * n_test), n_test).proportion_ci(0.95, method="exact")
    return float(found.low), float(found.high)


def binomial_half_width(error: float, n_test: int) -> float:
    """Return half of the 95% interval of a share of wrong answers, by the normal approximation."""
    return _Z * math.sqrt(error * (1 - error) / n_test)


@dataclass(frozen=True)
class Beside:
    """One of our figures and the paper's, on the same data set.

    Attributes:
        name: of the network, e.g. ``"rectifier without pre-training"``.
        ours: test error over the seeds.
        n_test: our test examples.
        published: the paper's test error.
        n_published: the paper's test examples.
    """

    name: str
    ours: Summary
    n_test: int
    published: Published
    n_published: int

    @property
    def difference(self) -> float:
        """Ours minus the paper's."""
        return self.ours.mean - self.published.test_error

    @property
    def uncertainty(self) -> float:
        """Half-width of ours: other test examples, and other seeds where there are several."""
        examples = binomial_half_width(self.ours.mean, self.n_test)
        return math.hypot(examples, self.ours.half_width or 0.0)

    @property
    def half_width(self) -> float:
        """Of the difference's 95% interval."""
        paper = binomial_half_width(self.published.test_error, self.n_published)
        return math.hypot(self.uncertainty, paper)

    @property
    def differs(self) -> bool:
        """Whether that interval excludes zero."""
        return abs(self.difference) > self.half_width

    @property
    def verdict(self) -> str:
        """``"lower"`` or ``"higher"`` beyond noise, or ``"within noise"``."""
        if not self.differs:
            return "within noise"
        return f"{'lower' if self.difference < 0 else 'higher'}, beyond noise"


def beside_table(rows: Sequence[Beside]) -> Table:
    """Return the comparison as a table."""
    columns = (
        Column("Network", number=False),
        Column("Ours %"),
        Column("One run’s interval %", detail=True),
        Column("Paper %", paper=True),
        Column("Paper’s interval %", paper=True, detail=True),
        Column("Difference, points"),
        Column("", number=False),
    )
    return Table(
        "Beside the paper",
        columns,
        (Group("", tuple(_row(row) for row in rows)),),
        "Ours: mean over seeds ± half of its 95% interval (Student’s t). Difference: ours minus "
        "the paper’s, ± half of a 95% interval that adds in squares this uncertainty and those of "
        "the test examples of both; beyond noise: that interval excludes zero."
        + (f" {RECALLED}" if any(row.published.recalled for row in rows) else ""),
        "Intervals of one run and of the paper’s one network: exact binomial 95% intervals, from "
        "the numbers of test examples.",
    )


def beside_words(rows: Sequence[Beside]) -> tuple[str, ...]:
    """Say where ours differ from the paper's; one paragraph each."""
    beyond = [row for row in rows if row.differs]
    within = [row for row in rows if not row.differs]
    paragraphs = [
        f"{row.name.capitalize()}: our error of {percent(row.ours.mean)} is "
        f"{points(row.difference, row.half_width)} {row.verdict.split(',')[0]} than the paper’s "
        f"{percent(row.published.test_error)}{'*' if row.published.recalled else ''}, and that is "
        "beyond noise."
        for row in beyond
    ]
    if within:
        names = listing(
            [
                f"{row.name} ({percent(row.ours.mean)} beside "
                f"{percent(row.published.test_error)}{'*' if row.published.recalled else ''})"
                for row in within
            ]
        )
        paragraphs.append(f"Within noise of the paper’s error: {names}.")
    n_seeds = {row.ours.n for row in rows}
    if 1 in n_seeds:
        single = sum(row.ours.n == 1 for row in rows)
        paragraphs.append(
            f"For {plural(single, 'network')} there is one run, so that how much seeds matter is "
            "not known and not counted as noise."
        )
    if any(row.published.recalled for row in rows):
        paragraphs.append(RECALLED)
    return tuple(paragraphs)


def _row(row: Beside) -> tuple[Cell, ...]:
    return (
        Cell(row.name),
        Cell(error_cell(row.ours)),
        Cell(_interval(row.ours.mean, row.n_test)),
        Cell(f"{100 * row.published.test_error:.2f}", recalled=row.published.recalled),
        Cell(_interval(row.published.test_error, row.n_published)),
        Cell(signed(row.difference, row.half_width)),
        Cell(row.verdict, bold=row.differs),
    )


def _interval(error: float, n_test: int) -> str:
    low, high = binomial_interval(error, n_test)
    return f"{100 * low:.2f} to {100 * high:.2f}"
