"""The reconstruction strategies A to D side by side (paper 3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rectinet.report.comparison import Comparison
from rectinet.report.opening import opening
from rectinet.report.parts import (
    Cell,
    Chart,
    Column,
    Content,
    Group,
    Section,
    Statement,
    Table,
)
from rectinet.report.svg import INK, Figure, draw, series_color
from rectinet.report.wording import (
    NOTHING,
    dataset_name,
    error_cell,
    gap,
    listing,
    percent,
    percent_interval,
    signed_gap,
)
from rectinet.studies import ClassifierResult, PretrainingResult, StudyResults, Summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_COSTS = {"CrossEntropy": "cross-entropy", "SquaredError": "squared"}
_BLOCKING = "D"
_PAPER = (
    "The paper found strategy A (softplus decoder, squared error) best on images and B (sigmoid "
    "decoder, cross-entropy) best on text. Strategy D blocks the gradient wherever a zero is "
    "reconstructed for a non-zero target; A, B and C were made to avoid that."
)


@dataclass(frozen=True)
class StrategyRow:
    """All runs of one strategy.

    Attributes:
        letter: A to D; empty without pre-training.
        name: of the reconstruction, with its target where there are two.
        cost: what the decoder minimizes.
        errors: test error after fine-tuning, by seed; empty if none is finished.
        zeros: share of exact zeros after fine-tuning.
        losses: for each layer, the cost on evaluation data after the last epoch.
        blocked: for each layer, the share of blocked gradients then.
        picture_error: squared error of the first layer's reconstruction of the pictured
            examples, per example; None if none were kept.
        n_pictures: how many examples those are, over all seeds.
    """

    letter: str
    name: str
    cost: str
    errors: Mapping[int, float]
    zeros: Summary | None
    losses: tuple[Summary, ...]
    blocked: tuple[Summary, ...]
    picture_error: float | None
    n_pictures: int

    @property
    def test_error(self) -> Summary | None:
        """Share of wrong test examples over the seeds."""
        return Summary.of(self.errors.values()) if self.errors else None

    @property
    def title(self) -> str:
        """Letter and name."""
        return f"{self.letter} {self.name}".strip()

    @property
    def mean_blocked(self) -> float | None:
        """Share of blocked gradients, mean over the layers."""
        return float(np.mean([layer.mean for layer in self.blocked])) if self.blocked else None


def strategy_rows(results: StudyResults) -> tuple[StrategyRow, ...]:
    """Return a row per strategy, by letter; first the runs without pre-training, if there are."""
    classifiers: dict[tuple[str, str, str], list[ClassifierResult]] = {}
    stacks: dict[tuple[str, str, str], list[PretrainingResult]] = {}
    for run in results.classifiers:
        classifiers.setdefault(_strategy(run.spec["pretraining"]), []).append(run)
    for stack in results.stacks:
        stacks.setdefault(_strategy(stack.spec), []).append(stack)
    keys = sorted(classifiers.keys() | stacks.keys())
    return tuple(_row(key, classifiers.get(key, []), stacks.get(key, [])) for key in keys)


def _strategy(stack: Mapping[str, Any] | None) -> tuple[str, str, str]:
    """Return letter, name and cost; of the topmost layer, should they differ."""
    if stack is None:
        return "", "no pre-training", NOTHING
    found = stack["settings"]["reconstruction"]
    found = found[-1] if isinstance(found, list) else found
    name = str(found["name"])
    if found["letter"] == "C":
        name = f"linear ({'pre-activation' if found['preactivation'] else 'output'})"
    loss = str(found["loss"]["type"])
    return str(found["letter"]), name, _COSTS.get(loss, loss)


def _row(
    key: tuple[str, str, str],
    runs: Sequence[ClassifierResult],
    stacks: Sequence[PretrainingResult],
) -> StrategyRow:
    layers = list(zip(*(stack.values["layers"] for stack in stacks), strict=True))
    pictures = [error for stack in stacks for error in stack.values["picture_errors"]]
    return StrategyRow(
        *key,
        errors={run.seed: run.test_error for run in runs},
        zeros=Summary.of(run.mean_zeros for run in runs) if runs else None,
        losses=tuple(Summary.of(each["loss"] for each in layer) for layer in layers),
        blocked=tuple(Summary.of(each["blocked"] for each in layer) for layer in layers),
        picture_error=float(np.mean(pictures)) if pictures else None,
        n_pictures=len(pictures),
    )


def content(results: StudyResults) -> Content:
    """Return what there is to show."""
    rows = strategy_rows(results)
    stacked = [row for row in rows if row.losses]
    candidates = (
        *opening(results),
        Statement("Test error", _errors(rows)),
        Statement("Blocked gradients", _blocked(rows)),
        Statement("The paper", (_PAPER, *_beside(rows))),
    )
    return Content(
        f"Reconstruction strategies on {dataset_name(results.dataset)}",
        tuple(statement for statement in candidates if statement.paragraphs),
        (
            Section("After fine-tuning", (Chart(_figure(rows)), _error_table(rows))),
            *(
                (Section("Reconstruction", (_cost_table(stacked), _blocked_table(stacked))),)
                if stacked
                else ()
            ),
        ),
    )


def _finished(rows: Sequence[StrategyRow]) -> list[tuple[StrategyRow, Summary]]:
    found = [(row, row.test_error) for row in rows]
    return [(row, error) for row, error in found if error is not None]


def _best(rows: Sequence[StrategyRow]) -> StrategyRow:
    return min(_finished(rows), key=lambda each: each[1].mean)[0]


def _errors(rows: Sequence[StrategyRow]) -> tuple[str, ...]:
    ordered = sorted(_finished(rows), key=lambda each: each[1].mean)
    order = listing([f"{row.title} ({percent_interval(error)})" for row, error in ordered])
    text = f"From the lowest to the highest: {order}."
    best = ordered[0][0]
    if len(ordered) == 1:
        return (text,)
    worse: list[tuple[StrategyRow, Comparison]] = []
    even: list[tuple[StrategyRow, Comparison]] = []
    for row, _ in ordered[1:]:
        comparison = Comparison.paired(best.errors, row.errors)
        if comparison is None or comparison.distinguishable is None:
            return (text, "Without several runs of each, the order may be chance.")
        (worse if comparison.distinguishable else even).append((row, comparison))
    verdicts = []
    if worse:
        names = listing([f"{row.title} (by {gap(comparison)})" for row, comparison in worse])
        verdicts.append(f"Distinguishably worse than {best.title}, seed by seed: {names}.")
    if even:
        names = listing([row.title for row, _ in even])
        verdicts.append(f"Not distinguishable from {best.title}: {names}.")
    return (text, " ".join(verdicts))


def _blocked(rows: Sequence[StrategyRow]) -> tuple[str, ...]:
    shares = [
        f"{row.title} {listing([percent(layer.mean, 1) for layer in row.blocked])}"
        for row in rows
        if row.mean_blocked
    ]
    if not shares:
        return ("No strategy blocked a gradient.",) if any(row.blocked for row in rows) else ()
    free = [row.title for row in rows if row.blocked and not row.mean_blocked]
    text = (
        "Share of non-zero targets that are reconstructed wrongly and pass no gradient, from the "
        f"first layer to the last, after the last epoch: {'; '.join(shares)}."
    )
    return (f"{text} None in {listing(free)}." if free else text,)


def _beside(rows: Sequence[StrategyRow]) -> tuple[str, ...]:
    finished = [row for row, _ in _finished(rows) if row.letter]
    if len(finished) < 2:
        return ()
    blocking = [row.mean_blocked for row in rows if row.letter == _BLOCKING]
    text = f"Ours: the lowest error after pre-training is {_best(finished).title}’s."
    if blocking and blocking[0] is not None:
        text += f" D blocked {percent(blocking[0], 1)} of the gradients, mean over the layers."
    return (text,)


def _error_table(rows: Sequence[StrategyRow]) -> Table:
    columns = (
        Column("Strategy", number=False),
        Column("Test error %"),
        Column("Minus the lowest, points"),
        Column("Exact zeros %"),
        Column("Seeds"),
    )
    best = _best(rows)
    shown = []
    for row in rows:
        comparison = None if row is best else Comparison.paired(best.errors, row.errors)
        texts = (
            row.title,
            error_cell(row.test_error),
            signed_gap(comparison),
            NOTHING if row.zeros is None else f"{100 * row.zeros.mean:.1f}",
            str(len(row.errors)),
        )
        shown.append(
            tuple(Cell(text, bold=row is best and index == 1) for index, text in enumerate(texts))
        )
    return Table(
        "Test error after fine-tuning, by strategy",
        columns,
        (Group("", tuple(shown)),),
        "Test error: mean over seeds ± half of its 95% interval; the lowest is bold. Minus the "
        "lowest: seed by seed. Exact zeros: of the fine-tuned network on the test set, mean over "
        "the hidden layers.",
    )


def _cost_table(rows: Sequence[StrategyRow]) -> Table:
    columns = (
        Column("Strategy", number=False),
        Column("Cost", number=False),
        *_layers("Layer", max(len(row.losses) for row in rows)),
        Column("Pictures, squared"),
    )
    shown = [
        (
            row.title,
            row.cost,
            *(f"{layer.mean:.4g}" for layer in row.losses),
            NOTHING if row.picture_error is None else f"{row.picture_error:.3g}",
        )
        for row in rows
    ]
    n_pictures = max(row.n_pictures for row in rows)
    return Table(
        "Cost of reconstruction",
        columns,
        (Group("", tuple(tuple(map(Cell, texts)) for texts in shown)),),
        "Cost: on evaluation data with noise, summed over the units, mean over examples and seeds, "
        "after the last epoch. What can be compared: the first layer’s cost among A, C and D, "
        "squared errors on the same inputs; B’s is a cross-entropy, in other units. Costs of "
        "higher layers cannot be compared at all: each stack reconstructs its own codes, on its "
        "own scale. Pictures: squared error of the first layer’s reconstruction of the "
        f"{n_pictures} validation examples kept as pictures (10 per seed, the same noise for all), "
        "in the same units for every strategy.",
    )


def _blocked_table(rows: Sequence[StrategyRow]) -> Table:
    columns = (
        Column("Strategy", number=False),
        *_layers("Layer", max(len(row.blocked) for row in rows), " %"),
    )
    shown = [(row.title, *(f"{100 * layer.mean:.1f}" for layer in row.blocked)) for row in rows]
    return Table(
        "Blocked gradients",
        columns,
        (Group("", tuple(tuple(map(Cell, texts)) for texts in shown)),),
        "Share of the non-zero targets whose reconstruction is wrong and passes no gradient, on "
        "evaluation data after the last epoch, mean over seeds.",
    )


def _layers(name: str, n: int, unit: str = "") -> tuple[Column, ...]:
    return tuple(Column(f"{name} {number + 1}{unit}") for number in range(n))


def _short(row: StrategyRow) -> str:
    """Return the letter, and the target where there are two."""
    return f"{row.letter} {row.name.partition('(')[2].rstrip(')')}".strip()


def _figure(rows: Sequence[StrategyRow]) -> Figure:
    color = series_color("rectifier")
    finished = _finished(rows)
    stacked = [row for row in rows if row.blocked]

    def paint(canvas: Canvas) -> None:
        left, *rest = canvas.subplots(
            1, 2 if stacked else 1, width_ratios=(1.25, 1) if stacked else (1,), squeeze=False
        )[0]
        left.errorbar(
            [100 * error.mean for _, error in finished],
            range(len(finished)),
            xerr=[100 * (error.half_width or 0) for _, error in finished],
            color=color,
            linestyle="",
            marker="s",
            markersize=6,
            elinewidth=1.2,
            capsize=3,
        )
        _strips(left, [row.title for row, _ in finished], "test error (%)")
        left.set_xlim(left=max(0, left.get_xlim()[0]))
        for right in rest:
            _blocked_bars(right, stacked)
            _strips(right, [_short(row) for row in stacked], "blocked gradients (%)")
            right.set_xlim(left=0)
            canvas.legend(loc="outside upper right", ncols=3)

    described = [f"{row.title} {percent_interval(error)}" for row, error in finished]
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
    return Figure(title, caption, draw(paint, width=520, height=260, title=title, alt=alt))


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


def _strips(axes: Axes, names: Sequence[str], label: str) -> None:
    """Name the rows, the first on top, and draw the grid for values along them."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(label)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
