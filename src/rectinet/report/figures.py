"""The charts of a report: zeros per layer, error against labels, learning curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rectinet.report.label_lines import Line, paint_lines
from rectinet.report.series import LearningCurve
from rectinet.report.svg import GROUND, INK, Drawing, Figure, series_color
from rectinet.report.tables import ErrorTable, LabelCurve, LabelRow
from rectinet.report.wording import (
    listing,
    percent,
    percent_interval,
    points,
    spread,
    start,
)
from rectinet.studies import Summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def zeros_figure(table: ErrorTable) -> Figure | None:
    """Draw the share of exact zeros in each hidden layer; None if units hardly ever were zero."""
    rows = [row for row in table.rows if row.sparse]
    if not rows:
        return None
    n_layers = max(len(row.layer_zeros) for row in rows)
    bar = 0.8 / len(rows)
    published = next((row.published_zeros for row in rows if row.published_zeros), None)
    published = published if table.like_for_like else None

    def paint(canvas: Canvas) -> None:
        axes = canvas.add_subplot()
        for index, row in enumerate(rows):
            color = series_color(row.activation)
            offset = (index - (len(rows) - 1) / 2) * bar
            bars = axes.bar(
                [layer + offset for layer in range(len(row.layer_zeros))],
                [100 * layer.mean for layer in row.layer_zeros],
                bar * 0.9,
                facecolor=color if row.pretrained else (color, 0.25),
                edgecolor=color,
                linewidth=1.2,
                label=f"{row.activation} {start(row.pretrained)}",
            )
            labels = axes.bar_label(bars, fmt="%.0f%%", padding=2, fontsize=10.5)
            for label in labels:
                # The paper's line passes behind them.
                label.set_bbox({"facecolor": GROUND, "edgecolor": "none", "pad": 0.5})
        if published is not None:
            axes.axhline(
                100 * published,
                color=INK,
                linestyle=(0, (4, 2)),
                linewidth=1,
                label=f"paper, mean over layers: {percent(published, 1)}",
            )
        axes.set_xticks(range(n_layers), [f"layer {layer + 1}" for layer in range(n_layers)])
        axes.tick_params(axis="x", length=0)
        axes.set_ylim(0, 105)
        axes.set_yticks(range(0, 101, 25))
        axes.set_ylabel("exact zeros (%)")
        canvas.legend(loc="outside upper left", ncols=1)

    sentences = []
    for row in rows:
        shares = [percent(layer.mean, 0) for layer in row.layer_zeros]
        sentences.append(f"{row.activation} {start(row.pretrained)} {listing(shares)}")
    alt = f"From the first hidden layer to the last: {'; '.join(sentences)}."
    never = [
        name
        for name in dict.fromkeys(row.activation for row in table.rows)
        if name not in {row.activation for row in rows}
    ]
    caption = (
        "Each bar is the share of a layer’s outputs that are exactly zero, mean over test "
        f"examples, units and seeds. {alt}"
    )
    if never:
        caption += (
            f" Units of {listing(never)} are never or hardly ever zero, so they have no bars."
        )
    title = "Exact zeros in each hidden layer"
    return Figure(title, caption, Drawing(paint, width=370, height=265, title=title, alt=alt))


def label_figure(curves: Sequence[LabelCurve]) -> Figure:
    """Draw the test error against the number of labels, with and without pre-training.

    Args:
        curves: one per activation, at least one.
    """
    alone = len(curves) == 1
    lines = [
        Line(
            start(pretrained) if alone else f"{curve.activation} {start(pretrained)}",
            [(row.n_labels, row.pretrained if pretrained else row.random) for row in curve.rows],
            INK if alone and not pretrained else series_color(curve.activation),
            pretrained,
        )
        for curve in curves
        for pretrained in (False, True)
    ]
    ticks = {
        row.n_labels: f"{row.n_labels:,}" + ("\n(all)" if row.labels_per_class is None else "")
        for curve in curves
        for row in curve.rows
    }

    def paint(canvas: Canvas) -> None:
        paint_lines(canvas, lines, ticks, "test error (%)", scale=100)

    names = listing([curve.activation for curve in curves])
    alt = " ".join(_ends(curve, "" if alone else f"{curve.activation}: ") for curve in curves)
    caption = (
        f"Test error of the {names} when only some training examples keep their labels; "
        f"pre-training sees all inputs in any case. {alt}"
    )
    if alone:
        caption += _widest_gap(curves[0])
    if any(
        _has_interval(row.random) or _has_interval(row.pretrained)
        for curve in curves
        for row in curve.rows
    ):
        caption += (
            " Bars are 95% intervals of each mean; they may overlap where the difference, taken "
            "seed by seed, is clear."
        )
    title = f"Test error against number of labels, {names}"
    width = 370 if alone else 430  # the names of the lines are longer
    return Figure(title, caption, Drawing(paint, width=width, height=275, title=title, alt=alt))


def _ends(curve: LabelCurve, prefix: str) -> str:
    first, last = curve.rows[0], curve.rows[-1]
    text = f"{_at(first)}." if first is last else f"{_at(first)}. {_at(last)}."
    return prefix + (text[0].lower() + text[1:] if prefix else text)


def _widest_gap(curve: LabelCurve) -> str:
    gaps = [
        (row, row.pretrained.mean - row.random.mean)
        for row in curve.rows
        if row.pretrained is not None and row.random is not None
    ]
    if not gaps:
        return ""
    widest, difference = max(gaps, key=lambda each: abs(each[1]))
    return (
        f" The two lines are furthest apart at {widest.words}: {points(difference)}, the "
        f"lower one {start(difference < 0).split()[0]} pre-training."
    )


def _has_interval(summary: Summary | None) -> bool:
    return summary is not None and summary.half_width is not None


def _at(row: LabelRow) -> str:
    errors = [
        f"{percent_interval(summary)} {start(pretrained)}"
        for pretrained, summary in ((False, row.random), (True, row.pretrained))
        if summary is not None
    ]
    return f"With {row.words} the error is {listing(errors)}"


def learning_figures(curves: Sequence[LearningCurve]) -> tuple[Figure, ...]:
    """Draw validation error per epoch, one chart per activation, all on the same axes."""
    values = [100 * error for curve in curves for seed in curve.seeds for error in seed]
    positive = [value for value in values if value > 0]
    if not positive:
        return ()
    # A validation error of 0 has no place on a logarithmic axis: it lies on the lower edge.
    bottom = max((tick for tick in _TICKS if tick < min(positive)), default=0.5 * min(positive))
    top = min(tick for tick in _TICKS if tick >= max(positive))
    right = max(len(seed) for curve in curves for seed in curve.seeds)
    names = dict.fromkeys(curve.activation for curve in curves)
    return tuple(
        _learning_figure(
            [curve for curve in curves if curve.activation == name], bottom, top, right
        )
        for name in names
    )


def _learning_figure(
    curves: Sequence[LearningCurve], bottom: float, top: float, right: int
) -> Figure:
    name = curves[0].activation

    def paint(canvas: Canvas) -> None:
        axes = canvas.add_subplot()
        axes.set_yscale("log")
        for curve in curves:
            color = series_color(name) if curve.pretrained else INK
            for seed in curve.seeds if len(curve.seeds) > 1 else ():
                _line(axes, seed, bottom, color=color, linewidth=0.6, alpha=0.3)
            style = "-" if curve.pretrained else (0, (4, 2))
            _line(
                axes,
                curve.mean,
                bottom,
                color=color,
                linewidth=1.9,
                linestyle=style,
                label=start(curve.pretrained),
            )
        axes.set_ylim(bottom, top)
        ticks = [tick for tick in _TICKS if bottom <= tick <= top]
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.set_xlim(0, right)
        axes.locator_params(axis="x", integer=True)
        axes.set_xlabel("epoch")
        axes.set_ylabel("validation error (%)")
        canvas.legend(loc="outside upper left", ncols=1)

    lows = []
    for curve in curves:
        low = min(curve.mean)
        kept = f" (weights kept of epoch {spread(curve.best_epochs)})" if curve.best_epochs else ""
        lows.append(f"{start(curve.pretrained)} {percent(low)}{kept}")
    alt = f"Lowest mean validation error: {'; '.join(lows)}."
    title = f"Learning curve, {name}"
    return Figure(name, alt, Drawing(paint, width=330, height=270, title=title, alt=alt))


def _line(axes: Axes, errors: Sequence[float], bottom: float, **style: object) -> None:
    shares = [max(100 * error, bottom) for error in errors]
    axes.plot(range(1, len(errors) + 1), shares, **style)  # type: ignore[arg-type]
