"""From softplus to rectifier: test error by the sharpness alpha; the rectifier is its limit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rectinet.report.beside import Beside, beside_table, beside_words
from rectinet.report.comparison import Comparison
from rectinet.report.opening import opening
from rectinet.report.parts import (
    Block,
    Cell,
    Chart,
    Column,
    Content,
    Group,
    Section,
    Statement,
    Table,
)
from rectinet.report.svg import INK, Drawing, Figure, half_widths, series_color
from rectinet.report.wording import (
    NOTHING,
    RECALLED,
    dataset_name,
    error_cell,
    gap,
    listing,
    percent,
    percent_interval,
    signed_gap,
    start,
)
from rectinet.studies import StudyResults, Summary
from rectinet.studies.paper import N_TEST, SOFTPLUS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_WHERE = "norb"
"""The data set of the paper's figures."""


@dataclass(frozen=True)
class SharpnessRow:
    """All runs of one alpha.

    Attributes:
        alpha: the sharpness; infinite for the rectifier.
        errors: test error by seed.
        n_test: test examples of a run.
        comparison: from the rectifier to this; None for the rectifier, or without a common seed.
    """

    alpha: float
    errors: Mapping[int, float]
    n_test: int
    comparison: Comparison | None

    @property
    def test_error(self) -> Summary:
        """Share of wrong test examples over the seeds."""
        return Summary.of(self.errors.values())

    @property
    def name(self) -> str:
        """Alpha as it is written."""
        return "∞ (rectifier)" if math.isinf(self.alpha) else f"{self.alpha:g}"


def sharpness_rows(results: StudyResults, pretrained: bool) -> tuple[SharpnessRow, ...]:
    """Return a row per alpha, smallest first; empty if no such run is finished."""
    errors: dict[float, dict[int, float]] = {}
    n_test = 0
    for run in results.classifiers:
        if run.sharpness is not None and run.pretrained == pretrained:
            errors.setdefault(run.sharpness, {})[run.seed] = run.test_error
            n_test = run.values["n_test"]
    limit = errors.get(math.inf, {})
    return tuple(
        SharpnessRow(
            alpha,
            errors[alpha],
            n_test,
            None if math.isinf(alpha) else Comparison.paired(limit, errors[alpha]),
        )
        for alpha in sorted(errors)
    )


def content(results: StudyResults) -> Content:
    """Return what there is to show."""
    series = {
        pretrained: rows
        for pretrained in (False, True)
        if (rows := sharpness_rows(results, pretrained))
    }
    beside = _beside(results, series.get(False, ()))
    statements = (
        *opening(results),
        Statement(
            "Smoothness",
            tuple(_finding(rows, pretrained) for pretrained, rows in series.items()),
        ),
        Statement("The paper", (_paper(results), *beside_words(beside))),
    )
    blocks: list[Block] = [Chart(_figure(results, series))]
    blocks += [_table(rows, pretrained) for pretrained, rows in series.items()]
    if beside:
        blocks.append(beside_table(beside))
    return Content(
        f"From softplus to rectifier on {dataset_name(results.dataset)}",
        statements,
        (Section("Test error by sharpness", tuple(blocks)),),
    )


def _beside(results: StudyResults, rows: Sequence[SharpnessRow]) -> tuple[Beside, ...]:
    if results.dataset != _WHERE:
        return ()
    return tuple(
        Beside(f"alpha {row.name}", row.test_error, row.n_test, SOFTPLUS[row.alpha], N_TEST[_WHERE])
        for row in rows
        if row.alpha in SOFTPLUS
    )


def _finding(rows: Sequence[SharpnessRow], pretrained: bool) -> str:
    opening = f"{start(pretrained).capitalize()},"
    limit = next((row for row in rows if math.isinf(row.alpha)), None)
    best = min(rows, key=lambda row: row.test_error.mean)
    text = (
        f"{opening} the error is lowest with alpha {best.name}: "
        f"{percent_interval(best.test_error)}."
    )
    if limit is None:
        return text
    if best is not limit:
        text += f" The rectifier has {percent_interval(limit.test_error)}."
    tested = [
        (row, row.comparison)
        for row in rows
        if row.comparison is not None and row.comparison.distinguishable is not None
    ]
    if not tested:
        return f"{text} Without several runs of each, differences may be chance."
    better = False
    for verb, sign in (("worse", 1), ("better", -1)):
        names = [
            f"{row.name} (by {gap(each)})"
            for row, each in tested
            if each.distinguishable and sign * each.difference > 0
        ]
        better = bool(names)
        if names:
            text += (
                f" Distinguishably {verb} than the rectifier, seed by seed: alpha {listing(names)}."
            )
    if not better:
        text += " No finite alpha is distinguishably better: smoothness gained nothing."
    return text


def _paper(results: StudyResults) -> str:
    figures = listing(
        [
            f"{percent(published.test_error)}{'*' if published.recalled else ''} (alpha "
            f"{'∞' if math.isinf(alpha) else f'{alpha:g}'})"
            for alpha, published in SOFTPLUS.items()
        ]
    )
    text = (
        f"The paper, on NORB without pre-training: {figures}. The sharper, the better; no gain "
        f"from smoothness. {RECALLED}"
    )
    if results.dataset != _WHERE:
        text += (
            f" It shows no such figures for {dataset_name(results.dataset)}: only the pattern can "
            "be compared."
        )
    return text


def _table(rows: Sequence[SharpnessRow], pretrained: bool) -> Table:
    columns = (
        Column("Alpha"),
        Column("Test error %"),
        Column("Minus the rectifier’s, points"),
        Column("Paper on NORB %", paper=True),
        Column("Seeds"),
    )
    shown = []
    for row in rows:
        published = None if pretrained else SOFTPLUS.get(row.alpha)
        shown.append(
            (
                Cell(row.name),
                Cell(error_cell(row.test_error)),
                Cell(signed_gap(row.comparison)),
                Cell(
                    f"{100 * published.test_error:.2f}" if published else NOTHING,
                    recalled=published is not None and published.recalled,
                ),
                Cell(str(row.test_error.n)),
            )
        )
    return Table(
        f"Test error by sharpness, {start(pretrained)}",
        columns,
        (Group("", tuple(shown)),),
        "Test error: mean over seeds ± half of its 95% interval. Minus the rectifier’s: seed by "
        f"seed, negative where the smooth unit had the lower error. {RECALLED}",
    )


def _figure(results: StudyResults, series: Mapping[bool, Sequence[SharpnessRow]]) -> Figure:
    color = series_color("softplus")
    alphas = sorted({row.alpha for rows in series.values() for row in rows} | set(SOFTPLUS))
    names = ["∞" if math.isinf(alpha) else f"{alpha:g}" for alpha in alphas]

    def ticks(axes: Axes, title: str) -> None:
        axes.set_xticks(range(len(alphas)), names)
        axes.set_xlim(-0.5, len(alphas) - 0.5)
        axes.set_xlabel("alpha")
        axes.set_title(title, fontsize=11.5)

    def paint(canvas: Canvas) -> None:
        ours, paper = canvas.subplots(1, 2)
        for pretrained, rows in series.items():
            ours.errorbar(
                [alphas.index(row.alpha) for row in rows],
                [100 * row.test_error.mean for row in rows],
                yerr=half_widths((row.test_error for row in rows), 100),
                color=color,
                linestyle="-" if pretrained else "--",
                marker="s" if pretrained else "o",
                markerfacecolor=color if pretrained else "none",
                markersize=6,
                linewidth=1.4,
                elinewidth=1,
                capsize=3,
                label=start(pretrained),
            )
        ours.set_ylabel("test error (%)")
        ticks(ours, f"ours, {dataset_name(results.dataset)}")
        values = [100 * published.test_error for published in SOFTPLUS.values()]
        where = [alphas.index(alpha) for alpha in SOFTPLUS]
        paper.plot(where, values, color=INK, linewidth=1, linestyle="--")
        for recalled, fill, label in ((False, INK, "paper"), (True, "none", "paper, recalled")):
            chosen = [
                (x, value)
                for x, value, published in zip(where, values, SOFTPLUS.values(), strict=True)
                if published.recalled == recalled
            ]
            xs, ys = zip(*chosen, strict=True)
            paper.plot(
                xs, ys, color=INK, marker="o", markerfacecolor=fill, linestyle="", label=label
            )
        ticks(paper, "the paper, NORB")
        canvas.legend(loc="outside upper left", ncols=3)

    described = [
        f"alpha {row.name} {percent_interval(row.test_error)}"
        for rows in series.values()
        for row in rows
    ]
    alt = f"{listing(described)}."
    caption = (
        f"Left: ours, with 95% intervals of the mean where there are several seeds: {alt} Right: "
        "the paper’s figures on NORB, recalled ones hollow. The two vertical axes differ."
    )
    title = "Test error by sharpness of the softplus"
    return Figure(title, caption, Drawing(paint, width=520, height=265, title=title, alt=alt))
