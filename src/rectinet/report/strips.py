"""Figures with a row for each setting: its mean, and the interval where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rectinet.report.svg import Drawing, half_widths, series_color
from rectinet.studies import Summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

Row = tuple[str, Summary]
"""Name and value of a setting."""


def draw_strips(
    rows: Sequence[Row], label: str, *, title: str, alt: str, scale: float = 1
) -> Drawing:
    """Return a drawing of the rows, the first on top.

    Args:
        rows: at least one.
        label: of the axis.
        title: see `Drawing`.
        alt: see `Drawing`.
        scale: factor of the values, 100 for percentages.
    """

    def paint(canvas: Canvas) -> None:
        mark_strips(canvas.subplots(), rows, label, scale)

    return Drawing(paint, width=520, height=60 + 24 * len(rows), title=title, alt=alt)


def mark_strips(axes: Axes, rows: Sequence[Row], label: str, scale: float = 1) -> None:
    """Draw the rows on axes; see `draw_strips`."""
    axes.errorbar(
        [scale * value.mean for _, value in rows],
        range(len(rows)),
        xerr=half_widths((value for _, value in rows), scale),
        color=series_color("rectifier"),
        linestyle="",
        marker="s",
        markersize=6,
        elinewidth=1.2,
        capsize=3,
    )
    name_strips(axes, [name for name, _ in rows], label)
    axes.set_xlim(left=max(0, axes.get_xlim()[0]))


def name_strips(axes: Axes, names: Sequence[str], label: str) -> None:
    """Name the rows, the first on top, and draw the grid for values along them."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(label)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
