"""Ratings from few labels: linear models on the words and on the frozen code of a stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from rectinet.report.comparison import Comparison
from rectinet.report.label_lines import Line, paint_lines
from rectinet.report.parts import Cell, Column, Group, Table
from rectinet.report.svg import INK, Drawing, Figure, series_color
from rectinet.report.wording import NOTHING, VERDICTS, listing, number, signed_number
from rectinet.studies import StudyResults, Summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

Model = tuple[str, str | None]
"""Its name, and the activation of the stack whose code it is given; None: the words."""

_WORDS: Model = ("logistic", None)
_CODE: Model = ("logistic", "rectifier")
_MODELS: Mapping[Model, str] = {
    ("ridge", None): "ridge, words",
    _WORDS: "logistic, words",
    ("logistic", "tanh"): "logistic, tanh code",
    _CODE: "logistic, rectifier code",
}


@dataclass(frozen=True)
class RatingLabels:
    """What linear models reach with some number of labels.

    Attributes:
        n_labels: how many training examples are labeled.
        few: whether they were drawn; else all are labeled.
        n_draws: (seed, draw) pairs that every one of the models has; the errors are of these.
        rmse: on the test set, in stars, by model and seed, mean over the draws of the seed.
    """

    n_labels: int
    few: bool
    n_draws: int
    rmse: Mapping[Model, Mapping[int, float]]

    def summary(self, model: Model) -> Summary | None:
        """Return the error over the seeds; None if there is none."""
        found = self.rmse.get(model)
        return Summary.of(found.values()) if found else None

    @property
    def lowest(self) -> float:
        """The lowest mean error."""
        return min(Summary.of(errors.values()).mean for errors in self.rmse.values())

    @property
    def gain(self) -> Comparison | None:
        """The same model on the rectifier's code and on the words, draw by draw."""
        return Comparison.paired(self.rmse.get(_WORDS, {}), self.rmse.get(_CODE, {}))

    @property
    def words(self) -> str:
        """How many labels."""
        return f"{self.n_labels:,} labels" if self.few else f"all {self.n_labels:,} labels"


def rating_labels(results: StudyResults) -> tuple[RatingLabels, ...]:
    """Return the rows, from few labels to all; none where no stack's code was tried."""
    if not any(run.code for run in results.baselines):
        return ()
    cells: dict[tuple[int, bool], dict[Model, dict[tuple[int, int], float]]] = {}
    for run in results.baselines:
        row = cells.setdefault((int(run.values["n_labels"]), run.n_labels is not None), {})
        errors = row.setdefault((str(run.spec["model"]), run.code), {})
        errors[run.seed, int(run.spec["draw"])] = float(run.values["test_rmse"])
    return tuple(_row(n_labels, few, models) for (n_labels, few), models in sorted(cells.items()))


def _row(
    n_labels: int, few: bool, models: Mapping[Model, Mapping[tuple[int, int], float]]
) -> RatingLabels:
    # Only draws that all have are compared: one draw of 100 labels is much luckier than another.
    common = sorted(set.intersection(*(set(errors) for errors in models.values())))
    rmse: dict[Model, dict[int, float]] = {}
    for model, errors in models.items() if common else ():
        rmse[model] = {
            seed: float(np.mean([errors[pair] for pair in pairs]))
            for seed, pairs in groupby(common, key=itemgetter(0))
        }
    return RatingLabels(n_labels, few, len(common), rmse)


def label_findings(rows: Sequence[RatingLabels]) -> tuple[str, ...]:
    """Say what the rectifier's code gains over the words."""
    gains = [
        f"with {row.words} {signed_number(gain)} ({VERDICTS[gain.distinguishable]})"
        for row in rows
        if (gain := row.gain) is not None
    ]
    if not gains:
        return ()
    better = [row.words for row in rows if row.gain is not None and row.gain.difference < 0]
    return (
        "Logistic regression on the frozen code of the deepest pre-trained rectifiers minus the "
        f"same on the words, in stars: {'; '.join(gains)}. The code has the lower mean error with "
        f"{listing(better) if better else 'no number of labels'}.",
    )


def label_table(rows: Sequence[RatingLabels]) -> Table:
    """Return the errors by number of labels."""
    columns = (
        Column("Labels"),
        *(
            # The terminal has room for what is compared.
            Column(title[0].upper() + title[1:], detail=model not in (_WORDS, _CODE))
            for model, title in _MODELS.items()
        ),
        Column("Code minus words"),
        Column("Seeds"),
        Column("Draws in all", detail=True),
    )
    cells = tuple(
        (
            Cell(_count(row)),
            *(_error(row, model) for model in _MODELS),
            Cell(signed_number(row.gain)),
            Cell(str(len(next(iter(row.rmse.values()), ())))),
            Cell(str(row.n_draws) if row.few else NOTHING),
        )
        for row in rows
    )
    return Table(
        "Error with few labels, linear models",
        columns,
        (Group("", cells),),
        "RMSE in stars: mean over seeds, ± half of its 95% interval where there are several; the "
        "lowest of each row is bold. Code: the outputs of all layers of the deepest pre-trained "
        "stack, which stays as it is, standardized. Code minus words: logistic regression, the "
        "rectifier’s code, seed by seed. Only linear models are trained with few labels here, and "
        "the regularization of each is chosen on the whole validation set.",
        "Each seed has its own split and stack, and several draws of labels, over which its figure "
        "is the mean. A draw counts once all models of its row are finished.",
    )


def _count(row: RatingLabels) -> str:
    return f"{row.n_labels:,}" if row.few else f"{row.n_labels:,} (all)"


def _error(row: RatingLabels, model: Model) -> Cell:
    summary = row.summary(model)
    if summary is None:
        return Cell(NOTHING)
    return Cell(number(summary), bold=summary.mean == row.lowest)


def rating_label_figure(rows: Sequence[RatingLabels]) -> Figure:
    """Draw the errors against the number of labels."""
    colors = {"logistic": INK, "ridge": series_color("ridge")}
    lines = [
        Line(
            title,
            [(row.n_labels, row.summary((model, code))) for row in rows],
            series_color(code) if code else colors[model],
            code is not None,
        )
        for (model, code), title in _MODELS.items()
    ]

    def paint(canvas: Canvas) -> None:
        ticks = {row.n_labels: _count(row).replace(" ", "\n") for row in rows}
        paint_lines(canvas, lines, ticks, "RMSE (stars)", bottom=None)

    title = "Error against number of labels, linear models"
    alt = (
        "Linear models on the words, and on the frozen code of pre-trained stacks; bars are 95% "
        "intervals where there are several seeds."
    )
    alt = " ".join((alt, *label_findings(rows)))
    return Figure(title, alt, Drawing(paint, width=430, height=285, title=title, alt=alt))
