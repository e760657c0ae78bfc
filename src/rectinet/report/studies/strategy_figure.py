"""The figure of the reconstruction strategies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rectinet.report.strips import mark_strips, name_strips
from rectinet.report.studies.strategy_rows import StrategyRow, finished
from rectinet.report.svg import INK, Drawing, Figure
from rectinet.report.wording import listing, percent_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas


def _short(row: StrategyRow) -> str:
    """Return the letter, and the target where there are two."""
    return f"{row.letter} {row.name.partition('(')[2].rstrip(')')}".strip()


def strategy_figure(rows: Sequence[StrategyRow]) -> Figure:
    """Draw test errors, and beside them the blocked gradients if there are stacks."""
    tested = finished(rows)
    stacked = [row for row in rows if row.blocked]

    def paint(canvas: Canvas) -> None:
        left, *rest = canvas.subplots(
            1, 2 if stacked else 1, width_ratios=(1.25, 1) if stacked else (1,), squeeze=False
        )[0]
        strips = [(row.title, error) for row, error in tested]
        mark_strips(left, strips, "test error (%)", scale=100)
        for right in rest:
            _blocked_bars(right, stacked)
            name_strips(right, [_short(row) for row in stacked], "blocked gradients (%)")
            right.set_xlim(left=0)
            canvas.legend(loc="outside upper right", ncols=3)

    described = [f"{row.title} {percent_interval(error)}" for row, error in tested]
    alt = f"{listing(described)}."
    caption = (
        "Test error after fine-tuning, with 95% intervals of the mean where there are several "
        f"seeds. {alt}"
    )
    if stacked:
        caption += (
            " Right: share of the non-zero targets whose gradient is blocked, by layer of "
            "pre-training."
        )
    title = "Test error and blocked gradients by strategy"
    return Figure(title, caption, Drawing(paint, width=520, height=260, title=title, alt=alt))


def _blocked_bars(axes: Axes, rows: Sequence[StrategyRow]) -> None:
    n_layers = max(len(row.blocked) for row in rows)
    bar = 0.8 / n_layers
    for layer in range(n_layers):
        owners = [index for index, row in enumerate(rows) if layer < len(row.blocked)]
        axes.barh(
            [index + (layer - (n_layers - 1) / 2) * bar for index in owners],
            [100 * rows[index].blocked[layer].mean for index in owners],
            bar * 0.9,
            facecolor=(INK, 0.2 + 0.6 * layer / max(1, n_layers - 1)),
            label=f"layer {layer + 1}",
        )
