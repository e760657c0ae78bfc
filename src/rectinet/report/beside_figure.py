"""Ours and the paper's figures beside each other, with what each is uncertain by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rectinet.report.beside import Beside, binomial_interval
from rectinet.report.svg import INK, Drawing, Figure, series_color
from rectinet.report.wording import listing

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_ROW = 34  # height of a row, in the units of `Drawing`


def beside_figure(rows: Sequence[Beside]) -> Figure:
    """Draw a row for each network: ours, and the paper's below.

    Args:
        rows: at least one.
    """
    color = series_color("rectifier")

    def paint(canvas: Canvas) -> None:
        axes = canvas.add_subplot()
        for where, row in enumerate(rows):
            low, high = binomial_interval(row.published.test_error, row.n_published)
            axes.plot(
                [100 * low, 100 * high],
                [where + 0.16] * 2,
                color=INK,
                linewidth=1.2,
            )
            axes.plot(
                [100 * row.published.test_error],
                [where + 0.16],
                color=INK,
                marker="o",
                markersize=6,
                markerfacecolor="none" if row.published.recalled else INK,
                linestyle="",
                label=f"paper{', recalled' if row.published.recalled else ''}",
            )
            axes.errorbar(
                [100 * row.ours.mean],
                [where - 0.16],
                xerr=[100 * row.uncertainty],
                color=color,
                marker="s",
                markersize=6,
                elinewidth=1.2,
                linestyle="",
                label="ours",
            )
        axes.set_yticks(range(len(rows)), [row.name for row in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlabel("test error (%)")
        axes.grid(visible=False, axis="y")
        axes.grid(visible=True, axis="x")
        handles, names = axes.get_legend_handles_labels()
        distinct = dict(zip(names, handles, strict=True))
        canvas.legend(distinct.values(), distinct.keys(), loc="outside upper right", ncols=3)

    beyond = [row.name for row in rows if row.differs]
    alt = f"{len(rows)} networks; beyond noise: {listing(beyond) if beyond else 'none'}."
    caption = (
        "Squares: ours, mean over seeds, with the 95% interval of other test examples and other "
        "seeds. Circles: the paper’s one network, with the binomial 95% interval; hollow where the "
        f"figure is recalled. {alt}"
    )
    title = "Ours beside the paper’s"
    height = 80 + _ROW * len(rows)
    return Figure(title, caption, Drawing(paint, width=420, height=height, title=title, alt=alt))
