"""The charts of an inspection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rectinet.report.inspection.result import Inspection
from rectinet.report.svg import INK, Drawing, Figure, series_color
from rectinet.report.wording import listing, percent, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_BINS = 40
_LEGEND_COLUMNS = 5
_LINES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
_COLORS = tuple(series_color(name) for name in ("rectifier", "tanh", "softplus", "other"))


def line_of(index: int) -> dict[str, object]:
    """Return color and dashes of a layer's line; both differ, for those who see no colors."""
    return {
        "color": _COLORS[index % len(_COLORS)],
        "linestyle": _LINES[(index + index // len(_COLORS)) % len(_LINES)],
        "linewidth": 1.8,
    }


def count_figures(inspection: Inspection) -> tuple[Figure, ...]:
    """Draw how many units are on per example, a histogram per layer; none if no unit is off."""
    if not _ever_off(inspection):
        return ()
    return tuple(
        _count_figure(layer.name, layer.n_units, inspection.active_counts[:, index], index)
        for index, layer in enumerate(inspection.hidden)
    )


def _count_figure(name: str, n_units: int, counts: np.ndarray, index: int) -> Figure:
    low, high = int(counts.min()), int(counts.max())
    width = max(1, -(-(high - low + 1) // _BINS))  # whole numbers of units per bar
    edges = (np.arange(low, high + width + 1, width) - 0.5).tolist()
    median = float(np.median(counts))

    def paint(canvas: Canvas) -> None:
        axes = canvas.add_subplot()
        axes.hist(counts, bins=edges, color=_COLORS[index % len(_COLORS)], rwidth=0.92)
        axes.axvline(median, color=INK, linewidth=1.2, linestyle=(0, (3, 2)))
        axes.set_xlabel(f"units on, of {n_units:,}")
        axes.set_ylabel("examples")
        axes.margins(x=0.02)
        if high == low:  # else one bar fills the chart
            axes.set_xlim(low - 3, high + 3)
        _few_whole_ticks(axes)

    share = percent(median / n_units, 0)
    alt = f"Median {median:,.0f} of {n_units:,} ({share}), from {low:,} to {high:,}."
    title = f"Active units per example, {name}"
    drawn = Drawing(paint, width=330, height=235, title=title, alt=alt)
    return Figure(name.capitalize(), alt, drawn)


def _few_whole_ticks(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))


def _ever_off(inspection: Inspection) -> bool:
    return inspection.sparsity.mean_zeros > 0


def unit_figure(inspection: Inspection) -> Figure | None:
    """Draw how often each unit is on, most active first, a line per layer; None if always."""
    if not _ever_off(inspection):
        return None
    shares = [np.sort(1 - zeros)[::-1] for zeros in inspection.sparsity.unit_zeros]

    def paint(canvas: Canvas) -> None:
        axes = canvas.add_subplot()
        for index, (layer, share) in enumerate(zip(inspection.hidden, shares, strict=True)):
            place = 100 * (np.arange(len(share)) + 0.5) / len(share)
            axes.plot(place, 100 * share, label=layer.name, **line_of(index))  # type: ignore[arg-type]
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 103)
        axes.set_xlabel("units of the layer, most active first (%)")
        axes.set_ylabel("on for so many examples (%)")
        canvas.legend(loc="outside upper left", ncols=_LEGEND_COLUMNS)

    parts = [
        f"{layer.name} the median unit {percent(float(np.median(share)), 0)}, the most active "
        f"{percent(float(share[0]), 0)}"
        for layer, share in zip(inspection.hidden, shares, strict=True)
    ]
    alt = f"Share of examples for which units are on: {'; '.join(parts)}."
    caption = (
        "Each line is one layer’s units in order of how often they are on. A flat line is a code "
        "in which all units take turns; a steep one leaves the work to a few; the end at zero is "
        f"dead. {alt}"
    )
    title = "How often each unit is on"
    return Figure(title, caption, Drawing(paint, width=400, height=275, title=title, alt=alt))


def stability_figure(inspection: Inspection) -> Figure | None:
    """Draw the overlap of active sets against the noise; None if it was not measured."""
    stability = inspection.stability
    if stability is None:
        return None
    strengths = [100 * level for level in stability.strengths]

    def paint(canvas: Canvas) -> None:
        axes = canvas.add_subplot()
        axes.set_xscale("log")
        for index, layer in enumerate(inspection.hidden):
            style = line_of(index)
            axes.plot(
                strengths,
                100 * stability.overlap[index],
                label=layer.name,
                marker="o",
                markersize=4,
                **style,  # type: ignore[arg-type]
            )
            if np.isfinite(stability.between_examples[index]):
                axes.plot(
                    [1.25 * strengths[-1], 1.7 * strengths[-1]],
                    [100 * stability.between_examples[index]] * 2,
                    color=style["color"],
                    linewidth=3,
                    solid_capstyle="butt",
                )
        axes.set_xticks(strengths, [f"{level:g}" for level in strengths])
        axes.minorticks_off()
        axes.set_ylim(0, 103)
        axes.set_xlabel("length of the noise (% of the input’s)")
        axes.set_ylabel("overlap of active units (%)")
        canvas.legend(loc="outside upper left", ncols=_LEGEND_COLUMNS)

    at = _nearest(stability.strengths, 0.1)
    kept = [percent(float(overlap), 0) for overlap in stability.overlap[:, at]]
    alt = (
        f"With noise of {percent(stability.strengths[at], 0)} of the input’s length the overlap is "
        f"{listing(kept)}, first layer to last"
    )
    between = stability.between_examples
    if np.isfinite(between).all():
        others = [percent(float(overlap), 0) for overlap in between]
        alt += f"; between two different examples it is {listing(others)}"
    where = "every input" if stability.noise_on == "all" else "the non-zero inputs"
    caption = (
        f"Gaussian noise on {where}; overlap: units on both before and after, over units on "
        "either before or after. The short bars at the right are the overlap of two different "
        f"examples, where noise has left nothing. {alt}."
    )
    title = "Active units under noise"
    return Figure(title, caption, Drawing(paint, width=400, height=285, title=title, alt=f"{alt}."))


def _nearest(values: Sequence[float], wanted: float) -> int:
    return int(np.argmin([abs(value - wanted) for value in values]))


def separability_figure(inspection: Inspection) -> Figure | None:
    """Draw the accuracy of linear classifiers on inputs and codes; None without labels."""
    found = inspection.separability
    if found is None:
        return None
    names = ["inputs", *(layer.name for layer in inspection.hidden)]
    places = range(len(names))
    lowest = min(*found.test_accuracy, *found.train_accuracy)

    def paint(canvas: Canvas) -> None:
        axes = canvas.add_subplot()
        axes.plot(
            places,
            [100 * value for value in found.train_accuracy],
            color=INK,
            linestyle=(0, (4, 2)),
            linewidth=1.2,
            marker="o",
            markersize=5.5,
            markerfacecolor="none",
            label="on the half it was fitted to",
        )
        axes.plot(
            places,
            [100 * value for value in found.test_accuracy],
            color=_COLORS[0],
            linewidth=1.9,
            marker="s",
            markersize=5.5,
            label="on the other half",
        )
        axes.set_xticks(places, names)
        axes.margins(x=0.08)
        bottom = 100 * max(0.0, lowest - 0.25 * (1 - lowest))
        axes.set_ylim(min(bottom, 99), 100 + 0.04 * (100 - min(bottom, 99)))
        axes.set_ylabel("accuracy of a linear classifier (%)")
        canvas.legend(loc="outside upper left", ncols=2)

    parts = [
        f"{name} {percent(value, 1)}"
        for name, value in zip(names, found.test_accuracy, strict=True)
    ]
    alt = f"Accuracy on examples held out: {', '.join(parts)}."
    caption = (
        "Logistic regression on the inputs and on each layer’s code, fitted to "
        f"{plural(found.n_train, 'example')} and tried on {found.n_test:,} others. {alt}"
    )
    if not all(found.converged):
        unfinished = [name for name, done in zip(names, found.converged, strict=True) if not done]
        caption += f" The fit on {listing(unfinished)} was stopped before its optimum."
    title = "Linear separability"
    return Figure(title, caption, Drawing(paint, width=400, height=275, title=title, alt=alt))


def gradient_figure(inspection: Inspection) -> Figure | None:
    """Draw the norms of the gradients at each layer; None without labels."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    found = inspection.gradients
    if found is None:
        return None
    names = [layer.name for layer in inspection.layers]
    lines = (
        ("what reaches the layer", found.output, "o", 0),
        ("what its active units let by", found.pre_activation, "s", 1),
        ("with respect to its weights", found.weight, "^", 2),
    )
    positive = any(value > 0 for _, values, _, _ in lines for value in values)

    def paint(canvas: Canvas) -> None:
        axes = canvas.add_subplot()
        if positive:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.yaxis.set_minor_locator(NullLocator())
        for label, values, marker, index in lines:
            style = line_of(index)
            axes.plot(
                range(len(names)),
                [value if value > 0 or not positive else np.nan for value in values],
                label=label,
                marker=marker,
                markersize=5.5,
                **style,  # type: ignore[arg-type]
            )
        axes.set_xticks(range(len(names)), names)
        axes.margins(x=0.08)
        axes.set_ylabel("norm, mean over examples")
        canvas.legend(loc="outside upper left", ncols=1)

    parts = [f"{name} {value:.2g}" for name, value in zip(names, found.weight, strict=True)]
    alt = f"Gradient with respect to the weights: {', '.join(parts)}."
    caption = (
        "Euclidean norm of each example’s gradient of the log-likelihood, mean over "
        f"{plural(found.n_examples, 'labeled example')}, on a logarithmic axis. {alt}"
    )
    title = "Gradient norms"
    return Figure(title, caption, Drawing(paint, width=400, height=300, title=title, alt=alt))
