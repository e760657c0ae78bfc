"""The reconstruction strategies A to D side by side (paper 3.2)."""

from __future__ import annotations

from collections.abc import Sequence

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
from rectinet.report.studies.strategy_figure import strategy_figure
from rectinet.report.studies.strategy_rows import StrategyRow, finished, strategy_rows
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
from rectinet.studies import StudyResults

_BLOCKING = "D"
_PAPER = (
    "The paper found strategy A (softplus decoder, squared error) best on images and B (sigmoid "
    "decoder, cross-entropy) best on text. Strategy D blocks the gradient wherever a zero is "
    "reconstructed for a non-zero target; A, B and C were made to avoid that."
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
            Section("After fine-tuning", (Chart(strategy_figure(rows)), _error_table(rows))),
            *(
                (Section("Reconstruction", (_cost_table(stacked), _blocked_table(stacked))),)
                if stacked
                else ()
            ),
        ),
    )


def _best(rows: Sequence[StrategyRow]) -> StrategyRow:
    return min(finished(rows), key=lambda each: each[1].mean)[0]


def _errors(rows: Sequence[StrategyRow]) -> tuple[str, ...]:
    ordered = sorted(finished(rows), key=lambda each: each[1].mean)
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
    pretrained = [row for row, _ in finished(rows) if row.letter]
    if len(pretrained) < 2:
        return ()
    blocking = [row.mean_blocked for row in rows if row.letter == _BLOCKING]
    text = f"Ours: the lowest error after pre-training is {_best(pretrained).title}’s."
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
