"""Table 2: how far predicted stars are off, and how many zeros the codes have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rectinet.report.comparison import Comparison
from rectinet.report.opening import opening
from rectinet.report.parts import Cell, Chart, Column, Content, Group, Section, Statement, Table
from rectinet.report.strips import draw_strips
from rectinet.report.studies.few_label_ratings import (
    label_findings,
    label_table,
    rating_label_figure,
    rating_labels,
)
from rectinet.report.svg import Figure
from rectinet.report.wording import (
    NOTHING,
    VERDICTS,
    dataset_name,
    error_cell,
    listing,
    number,
    percent,
    plural,
    signed_number,
    start,
)
from rectinet.studies import BaselineResult, ClassifierResult, StudyResults, Summary
from rectinet.studies.paper import TABLE_2, PublishedRating

_BASELINES = {"ridge": "ridge regression", "logistic": "logistic regression"}
_GROUPS = (start(True).capitalize(), start(False).capitalize(), "Linear models")


def _title(units: str, depth: int) -> str:
    return f"{units}, {plural(depth, 'layer')}" if depth else "no hidden layer"


@dataclass(frozen=True)
class RatingRow:
    """All runs of one model.

    Attributes:
        group: which of the table's groups it stands in.
        units: the activation; ``"linear"`` without hidden layer; a baseline's name.
        depth: number of hidden layers.
        rmse: on the test set, in stars, by seed.
        errors: share of reviews whose most probable star is wrong, over seeds.
        zeros: share in the code, without hidden layer in the input; None for baselines.
    """

    group: int
    units: str
    depth: int
    rmse: Mapping[int, float]
    errors: Summary
    zeros: Summary | None

    @property
    def title(self) -> str:
        """What it is."""
        return _BASELINES.get(self.units) or _title(self.units, self.depth)

    @property
    def full_title(self) -> str:
        """The same with the start where it could be either."""
        return f"{self.title}, {start(self.group == 0)}" if self.depth else self.title

    @property
    def summary(self) -> Summary:
        """The error over the seeds."""
        return Summary.of(self.rmse.values())

    @property
    def published(self) -> PublishedRating | None:
        """The paper's figure; all that have hidden layers were pre-trained."""
        return None if self.group == 1 and self.depth else TABLE_2.get((self.units, self.depth))


def rating_rows(results: StudyResults) -> tuple[RatingRow, ...]:
    """Return the rows in the order of the paper's table."""
    cells: dict[tuple[int, int, str], list[ClassifierResult | BaselineResult]] = {}
    for run in results.classifiers:
        depth = len(run.spec["hidden_layer_sizes"])
        key = (0 if run.pretrained else 1, depth, run.activation if depth else "linear")
        cells.setdefault(key, []).append(run)
    for model in results.baselines:
        if model.code is None and model.n_labels is None:
            cells.setdefault((2, 0, str(model.spec["model"])), []).append(model)
    return tuple(
        RatingRow(
            group,
            units,
            depth,
            {run.seed: float(run.values["test_rmse"]) for run in runs},
            Summary.of(run.values["test_error"] for run in runs),
            None if group == 2 else Summary.of(_zeros(run, depth) for run in runs),
        )
        for (group, depth, units), runs in sorted(cells.items(), key=lambda cell: cell[0])
    )


def _zeros(run: ClassifierResult | BaselineResult, depth: int) -> float:
    zeros = run.values["zeros"] if depth else [run.values["input_zeros"]]
    return float(sum(zeros) / len(zeros))


def content(results: StudyResults) -> Content:
    """Return what there is to show."""
    rows, few = rating_rows(results), rating_labels(results)
    candidates = (
        *opening(results, what=_done(results)),
        Statement("Lowest error", _lowest(rows)),
        Statement("Pre-training", _pretraining(rows)),
        Statement("True zeros", _sparsity(rows)),
        Statement("Few labels", label_findings(few)),
        Statement("The paper", _paper(rows)),
    )
    return Content(
        f"Stars of {dataset_name(results.dataset)}",
        tuple(statement for statement in candidates if statement.paragraphs),
        (
            Section("Error of the expected stars", (_table(rows), Chart(_figure(rows)))),
            *(
                (Section("Few labels", (label_table(few), Chart(rating_label_figure(few)))),)
                if few
                else ()
            ),
        ),
    )


def _done(results: StudyResults) -> str:
    first = results.classifiers[0].values
    return (
        f"From the words of {dataset_name(results.dataset)}, networks learned to "
        f"predict the stars of each, with {first['n_labels']:,} labeled reviews; pre-training saw "
        "the unlabeled ones, too. The prediction is the expected value of a softmax over the star "
        f"values; RMSE is the root of its mean squared error on {first['n_test']:,} test reviews, "
        "in stars."
    )


def _best(rows: Sequence[RatingRow]) -> RatingRow:
    return min(rows, key=lambda row: row.summary.mean)


def _lowest(rows: Sequence[RatingRow]) -> tuple[str, ...]:
    best = _best(rows)
    text = f"{best.full_title}, {number(best.summary)} stars."
    text = text[0].upper() + text[1:]
    beaten: list[str] = []
    even: list[str] = []
    for row in rows:
        comparison = None if row is best else Comparison.paired(best.rmse, row.rmse)
        if comparison is not None and comparison.distinguishable is not None:
            (beaten if comparison.distinguishable else even).append(
                f"{row.full_title} ({signed_number(comparison)})"
            )
    if not beaten and not even:
        return (f"{text} Without several runs of each, the order may be chance.",)
    if beaten:
        text += f" Distinguishably worse, seed by seed: {'; '.join(beaten)}."
    if even:
        text += f" Not distinguishable from it: {'; '.join(even)}."
    return (text,)


def _pretraining(rows: Sequence[RatingRow]) -> tuple[str, ...]:
    found = []
    for row in rows:
        for other in rows:
            if (row.group, other.group) != (0, 1) or not row.depth:
                continue
            comparison = Comparison.paired(other.rmse, row.rmse)
            if (row.units, row.depth) == (other.units, other.depth) and comparison:
                found.append(
                    f"{row.title} {signed_number(comparison)} stars "
                    f"({VERDICTS[comparison.distinguishable]})"
                )
    return (f"With minus without it: {'; '.join(found)}.",) if found else ()


def _sparsity(rows: Sequence[RatingRow]) -> tuple[str, ...]:
    shares = [
        f"{row.full_title} {percent(row.zeros.mean, 1)}"
        for row in rows
        if row.zeros and row.depth and row.units == "rectifier"
    ]
    inputs = [row.zeros for row in rows if row.zeros and not row.depth]
    if not shares or not inputs:
        return ()
    text = f"Of the inputs {percent(inputs[0].mean, 1)} are zero; of the codes, mean over layers:"
    return (f"{text} {listing(shares)}.",)


def _paper(rows: Sequence[RatingRow]) -> tuple[str, ...]:
    published = listing([f"{_title(*key)} {value.rmse:.3f}" for key, value in TABLE_2.items()])
    text = (
        f"Table 2 of the paper, on OpenTable’s reviews with one to five stars: {published}. Other "
        "reviews have other errors, so what can be compared is the order."
    )
    ours = sorted((row for row in rows if row.published), key=lambda row: row.summary.mean)
    if len(ours) < 2:
        return (text,)
    order = listing([f"{row.title} ({row.summary.mean:.3f})" for row in ours])
    return (text, f"Ours, from the lowest: {order}.")


def _table(rows: Sequence[RatingRow]) -> Table:
    columns = (
        Column("Model", number=False),
        Column("RMSE, stars"),
        Column("Paper, OpenTable", paper=True),
        Column("Minus the lowest", detail=True),
        Column("Zeros %"),
        Column("Paper’s zeros %", paper=True, detail=True),
        Column("Wrong stars %", detail=True),
        Column("Seeds"),
    )
    best = _best(rows)
    groups = tuple(
        Group(name, shown)
        for index, name in enumerate(_GROUPS)
        if (shown := tuple(_cells(row, best) for row in rows if row.group == index))
    )
    return Table(
        "Error of the expected stars",
        columns,
        groups,
        "RMSE: mean over seeds, ± half of its 95% interval where there are several; the lowest is "
        "bold. Zeros: exact ones on the test set, mean over the hidden layers; without hidden "
        "layer, of the input. Linear models: scikit-learn’s; logistic regression predicts the "
        "expected value, too. The paper’s figures are with pre-training, on other reviews.",
        "Minus the lowest: seed by seed. Wrong stars: the most probable star is not the review’s "
        "(ridge regression: the nearest one).",
    )


def _cells(row: RatingRow, best: RatingRow) -> tuple[Cell, ...]:
    published = row.published
    comparison = None if row is best else Comparison.paired(best.rmse, row.rmse)
    return (
        Cell(row.title),
        Cell(number(row.summary), bold=row is best),
        Cell(f"{published.rmse:.3f} ± {published.half_width:.3f}" if published else NOTHING),
        Cell(signed_number(comparison)),
        Cell(f"{100 * row.zeros.mean:.1f}" if row.zeros else NOTHING),
        Cell(f"{100 * published.zeros:.1f}" if published else NOTHING),
        Cell(error_cell(row.errors)),
        Cell(str(len(row.rmse))),
    )


def _figure(rows: Sequence[RatingRow]) -> Figure:
    title = "Error of the expected stars by model"
    alt = f"{listing([f'{row.full_title} {number(row.summary)}' for row in rows])}."
    strips = [(row.full_title, row.summary) for row in rows]
    caption = f"RMSE in stars, with 95% intervals where there are several seeds. {alt}"
    return Figure(title, caption, draw_strips(strips, "RMSE (stars)", title=title, alt=alt))
