"""Figure 3: test error against the share of zeros, over rectifier nets that differ in their L1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rectinet.report.opening import opening
from rectinet.report.parts import Cell, Chart, Column, Content, Group, Section, Statement, Table
from rectinet.report.svg import INK, Drawing, Figure, half_widths, series_color
from rectinet.report.wording import (
    dataset_name,
    error_cell,
    listing,
    percent,
    percent_interval,
    plural,
)
from rectinet.studies import ClassifierResult, StudyResults, Summary
from rectinet.studies.paper import SPARSITY_LIMIT

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_FEWEST = 4  # nets in a group; fewer say nothing of its mean


@dataclass(frozen=True)
class ZerosGroup:
    """Nets with about the same share of zeros.

    Attributes:
        low, high: the smallest and the largest of their shares.
        zeros: mean share.
        activation_l1: weakest and strongest penalty.
        error: test error.
    """

    low: float
    high: float
    zeros: float
    activation_l1: tuple[float, float]
    error: Summary


@dataclass(frozen=True)
class ErrorByZeros:
    """The nets in order of their share of zeros, in groups of equal size.

    Attributes:
        nets: fewest zeros first.
        groups: fewest zeros first; empty if there are too few nets for two.
    """

    nets: tuple[ClassifierResult, ...]
    groups: tuple[ZerosGroup, ...]

    @classmethod
    def of(cls, runs: Sequence[ClassifierResult]) -> ErrorByZeros:
        """Order the runs; about as many groups as nets in each."""
        nets = tuple(sorted(runs, key=lambda run: (run.mean_zeros, run.activation_l1, run.seed)))
        n_groups = min(round(math.sqrt(len(nets))), len(nets) // _FEWEST)
        if n_groups < 2:
            return cls(nets, ())
        parts = np.array_split(np.arange(len(nets)), n_groups)
        return cls(nets, tuple(_group([nets[index] for index in part]) for part in parts))

    @property
    def best(self) -> ZerosGroup:
        """The group with the lowest mean error."""
        return min(self.groups, key=lambda group: group.error.mean)

    @property
    def bound(self) -> float:
        """The lowest mean error, and what a group as uncertain may be above it by chance.

        The half-width of the difference's 95% interval, sqrt(2) times that of the best group. On
        200 simulated nets in 14 groups whose error rises from 85% on, the limit found was
        85.9 ± 2.2% (standard deviation; 60 nets: 85.9 ± 3.3%); where it does not rise at all, a
        rise was seen in 15% (9%) of the simulations. With the best group's own interval, and the
        first group outside it, these were 76.6 ± 9.2% (80.7 ± 8.3%) and 74% (44%).
        """
        return self.best.error.mean + math.sqrt(2) * (self.best.error.half_width or 0.0)

    @property
    def good(self) -> tuple[ZerosGroup, ...]:
        """The best group, and those with more zeros whose mean error is below `bound`."""
        start = self.groups.index(self.best)
        return tuple(group for group in self.groups[start:] if group.error.mean <= self.bound)

    @property
    def limit(self) -> float:
        """Largest share of zeros in `good`: from there on, every group has a higher error."""
        return self.good[-1].high

    @property
    def rises(self) -> bool:
        """Whether the error rises at all within the shares that were seen."""
        return self.good[-1] is not self.groups[-1]


def _group(nets: Sequence[ClassifierResult]) -> ZerosGroup:
    zeros = [net.mean_zeros for net in nets]
    strengths = [net.activation_l1 for net in nets]
    return ZerosGroup(
        low=min(zeros),
        high=max(zeros),
        zeros=float(np.mean(zeros)),
        activation_l1=(min(strengths), max(strengths)),
        error=Summary.of(net.test_error for net in nets),
    )


def content(results: StudyResults) -> Content:
    """Return what there is to show."""
    found = ErrorByZeros.of(results.classifiers)
    strengths = [net.activation_l1 for net in found.nets]
    how = (
        f"The {plural(len(found.nets), 'net')} differ in the strength of the L1 penalty on the "
        f"activations, {min(strengths):g} to {max(strengths):g}, and in their seed; each was run "
        "once. "
        "Nets with about the same share of zeros are taken together, and ± is half of the 95% "
        "interval of their mean error."
    )
    statements = (
        *opening(results, how),
        Statement("Where the error rises", (_rise(found),)),
        Statement("The paper", _paper(results, found)),
    )
    blocks = (Chart(_figure(found)), *((_table(found),) if found.groups else ()))
    return Content(
        f"Error against sparsity on {dataset_name(results.dataset)}",
        statements,
        (Section("Test error against the share of zeros", blocks),),
    )


def _rise(found: ErrorByZeros) -> str:
    if not found.groups:
        return (
            f"{plural(len(found.nets), 'net')} are too few to say: at least {2 * _FEWEST} are "
            "needed for two groups."
        )
    best = found.best
    text = (
        f"The error is lowest, {percent_interval(best.error)}, among nets with "
        f"{percent(best.low, 1)} to {percent(best.high, 1)} zeros. "
    )
    if not found.rises:
        return text + (
            f"It is not distinguishably higher up to {percent(found.limit, 1)} zeros, the most "
            "that were seen."
        )
    after = found.groups[found.groups.index(found.good[-1]) + 1]
    sparsest = found.groups[-1]
    return text + (
        f"It is not distinguishably higher up to {percent(found.limit, 1)} zeros; the next nets, "
        f"with {percent(after.low, 1)} to {percent(after.high, 1)}, have "
        f"{percent_interval(after.error)}. At the sparsest end, {percent(sparsest.zeros, 1)} "
        f"zeros, it is {percent_interval(sparsest.error)}."
    )


def _paper(results: StudyResults, found: ErrorByZeros) -> tuple[str, ...]:
    text = (
        "Figure 3 of the paper, 200 nets on MNIST: the error does not suffer up to about "
        f"{percent(SPARSITY_LIMIT, 0)} zeros."
    )
    if results.dataset != "mnist":
        text += f" Ours are of {dataset_name(results.dataset)}, which it does not show."
    if found.groups:
        end = "" if found.rises else ", the most that was seen"
        text += f" Ours does not suffer up to {percent(found.limit, 0)}{end}."
    return (text,)


def _table(found: ErrorByZeros) -> Table:
    columns = ("Exact zeros %", "L1 on activations", "Test error %", "Nets")
    rows = []
    for group in found.groups:
        weakest, strongest = group.activation_l1
        texts = (
            f"{100 * group.low:.1f} to {100 * group.high:.1f}",
            f"{weakest:.2g} to {strongest:.2g}",
            error_cell(group.error),
            str(group.error.n),
        )
        bold = group in found.good
        rows.append(tuple(Cell(text, bold=bold and text == texts[2]) for text in texts))
    return Table(
        "Test error by share of zeros",
        tuple(Column(head) for head in columns),
        (Group("", tuple(rows)),),
        "Nets in order of their mean share of exact zeros over the hidden layers on the test set, "
        "in groups of equal size. Bold: the lowest mean error, and of the groups with more zeros "
        "those that are not distinguishably higher: the difference is within the 95% interval of "
        "one between two groups that vary like the lowest.",
    )


def _figure(found: ErrorByZeros) -> Figure:
    color = series_color("rectifier")
    zeros = [100 * net.mean_zeros for net in found.nets]
    errors = [100 * net.test_error for net in found.nets]

    def paint(canvas: Canvas) -> None:
        axes = canvas.add_subplot()
        axes.scatter(zeros, errors, s=18, color=(color, 0.45), linewidths=0, label="one net")
        if found.groups:
            axes.errorbar(
                [100 * group.zeros for group in found.groups],
                [100 * group.error.mean for group in found.groups],
                yerr=half_widths((group.error for group in found.groups), 100),
                color=color,
                linewidth=1.8,
                elinewidth=1.2,
                capsize=3,
                marker="s",
                markersize=4.5,
                label="mean of nets alike",
            )
            if found.rises:
                axes.axvline(
                    100 * found.limit,
                    color=color,
                    linewidth=1.2,
                    linestyle=(0, (1.5, 1.5)),
                    label=f"ours: up to {percent(found.limit, 0)}",
                )
        axes.axvline(
            100 * SPARSITY_LIMIT,
            color=INK,
            linewidth=1,
            linestyle=(0, (4, 2)),
            label=f"paper: up to about {percent(SPARSITY_LIMIT, 0)}",
        )
        if max(errors) > 5 * min(errors) > 0:
            axes.set_yscale("log")
            ticks = [tick for tick in (0.5, 1, 2, 5, 10, 20, 50, 100) if tick <= 1.2 * max(errors)]
            ticks = [tick for tick in ticks if tick >= 0.8 * min(errors)]
            axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
            axes.minorticks_off()
        axes.set_xlabel("exact zeros, mean over the hidden layers (%)")
        axes.set_ylabel("test error (%)")
        canvas.legend(loc="outside upper left", ncols=2)

    ends = [
        f"{percent(net.mean_zeros, 1)} zeros and {percent(net.test_error)} wrong"
        for net in (found.nets[0], found.nets[-1])
    ]
    alt = f"From {listing(ends, last='to')}."
    caption = (
        f"Each point is a rectifier net, {len(found.nets)} in all. {alt} Squares: means of nets "
        "with about the same share of zeros, with their 95% intervals."
    )
    title = "Test error against the share of zeros"
    return Figure(title, caption, Drawing(paint, width=400, height=300, title=title, alt=alt))
