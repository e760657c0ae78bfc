"""Ratings from few labels: linear models on the words and on the frozen code of a stack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rectinet.report.comparison import Comparison
from rectinet.report.label_lines import Line, paint_lines
from rectinet.report.parts import Cell, Column, Group, Table
from rectinet.report.svg import INK, Figure, draw, series_color
from rectinet.report.wording import NOTHING, number, plural, signed_number
from rectinet.studies import StudyResults, Summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

Input = tuple[str, str | None]
"""A linear model, and the activation of the stack whose code it is given; None: the words."""

_WORDS: Input = ("logistic", None)
_CODE: Input = ("logistic", "rectifier")
_INPUTS: Mapping[Input, str] = {
    ("ridge", None): "ridge, words",
    _WORDS: "logistic, words",
    ("logistic", "tanh"): "logistic, tanh code",
    _CODE: "logistic, rectifier code",
}
_VERDICTS = {None: "one seed", True: "distinguishable", False: "may be chance"}


@dataclass(frozen=True)
class RatingLabels:
    """What linear models reach with some number of labels.

    Attributes:
        n_labels: how many training examples are labeled.
        n_draws: draws of them for each seed, at most; 0 where all are labeled.
        rmse: on the test set, in stars, by input and seed, mean over the draws of the seed.
    """

    n_labels: int
    n_draws: int
    rmse: Mapping[Input, Mapping[int, float]]

    def summary(self, given: Input) -> Summary | None:
        """Return the error over the seeds; None if no run is finished."""
        found = self.rmse.get(given)
        return None if not found else Summary.of(found.values())

    @property
    def gain(self) -> Comparison | None:
        """The same model on the rectifier's code and on the words, seed by seed."""
        return Comparison.paired(self.rmse.get(_WORDS, {}), self.rmse.get(_CODE, {}))

    @property
    def words(self) -> str:
        """How many labels."""
        return f"{self.n_labels:,} labels" if self.n_draws else f"all {self.n_labels:,} labels"


def rating_labels(results: StudyResults) -> tuple[RatingLabels, ...]:
    """Return the rows, from few labels to all; none where no stack's code was tried."""
    if not any(run.code for run in results.baselines):
        return ()
    counts: dict[int, int] = {}
    found: dict[tuple[int, Input, int], list[float]] = defaultdict(list)
    for run in results.baselines:
        n_labels = int(run.values["n_labels"])
        key = (n_labels, (str(run.spec["model"]), run.code), run.seed)
        found[key].append(float(run.values["test_rmse"]))
        counts[n_labels] = max(
            counts.get(n_labels, 0), 0 if run.n_labels is None else len(found[key])
        )
    rows = []
    for n_labels, n_draws in sorted(counts.items()):
        rmse: dict[Input, dict[int, float]] = defaultdict(dict)
        for (count, given, seed), errors in found.items():
            if count == n_labels:
                rmse[given][seed] = float(np.mean(errors))
        rows.append(RatingLabels(n_labels, n_draws, rmse))
    return tuple(rows)


def label_findings(rows: Sequence[RatingLabels]) -> tuple[str, ...]:
    """Say what the rectifier's code gains over the words."""
    gains = [
        f"with {row.words} {signed_number(gain)} ({_VERDICTS[gain.distinguishable]})"
        for row in rows
        if (gain := row.gain) is not None
    ]
    if not gains:
        return ()
    return (
        "Logistic regression on the frozen code of the pre-trained rectifiers minus the same on "
        f"the words, in stars: {'; '.join(gains)}.",
    )


def label_table(rows: Sequence[RatingLabels]) -> Table:
    """Return the errors by number of labels."""
    columns = (
        Column("Labels"),
        *(Column(title[0].upper() + title[1:]) for title in _INPUTS.values()),
        Column("Rectifier code minus words"),
        Column("Draws", detail=True),
    )
    cells = tuple(
        (
            Cell(f"{row.n_labels:,}" + ("" if row.n_draws else " (all)")),
            *(_error(row, given) for given in _INPUTS),
            Cell(signed_number(row.gain)),
            Cell(f"{row.n_draws} a seed" if row.n_draws else NOTHING),
        )
        for row in rows
    )
    return Table(
        "Error with few labels, linear models",
        columns,
        (Group("", cells),),
        "RMSE in stars: mean over seeds, ± half of its 95% interval where there are several; the "
        "lowest of each row is bold. Code: the outputs of all layers of the pre-trained stack, "
        "which stays as it is. Rectifier code minus words: logistic regression, seed by seed.",
        "Each seed has its own split and stack; its figure is the mean over its draws of labels.",
    )


def _error(row: RatingLabels, given: Input) -> Cell:
    summary = row.summary(given)
    lowest = min(each.mean for known in _INPUTS if (each := row.summary(known)) is not None)
    if summary is None:
        return Cell(NOTHING)
    return Cell(number(summary), bold=summary.mean == lowest)


def label_figure(rows: Sequence[RatingLabels]) -> Figure:
    """Draw the errors against the number of labels."""
    lines = [
        Line(
            title,
            [(row.n_labels, row.summary(given)) for row in rows],
            series_color(given[1]) if given[1] else INK if given == _WORDS else series_color(""),
            given[1] is not None,
        )
        for given, title in _INPUTS.items()
    ]
    ticks = {row.n_labels: f"{row.n_labels:,}" + ("" if row.n_draws else "\n(all)") for row in rows}

    def paint(canvas: Canvas) -> None:
        paint_lines(canvas, lines, ticks, "RMSE (stars)")

    title = "Error against number of labels, linear models"
    alt = (
        f"{plural(len(lines), 'line')}: linear models on the words, and on the frozen code of "
        f"pre-trained stacks. {' '.join(label_findings(rows))}"
    )
    return Figure(title, alt, draw(paint, width=430, height=285, title=title, alt=alt))
