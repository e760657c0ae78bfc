"""Sentiment of Amazon reviews: accuracy within each domain, and across two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rectinet.report.comparison import Comparison
from rectinet.report.opening import opening
from rectinet.report.parts import Cell, Chart, Column, Content, Group, Section, Statement, Table
from rectinet.report.strips import draw_strips
from rectinet.report.svg import Figure
from rectinet.report.wording import NOTHING, listing, percent, percent_interval, signed_gap, start
from rectinet.studies import BaselineResult, ClassifierResult, StudyResults, Summary
from rectinet.studies.paper import AMAZON_ACCURACY, AMAZON_BEFORE

_MODELS = {
    "pretrained": f"rectifier {start(True)}",
    "random": f"rectifier {start(False)}",
    "code": "linear SVC on the code",
    "words": "linear SVC on the words",
}
_HEADS = ("Pre-trained %", "From random %", "SVC, code %", "SVC, words %")
_COMPARED = (("pretrained", "random"), ("pretrained", "words"), ("code", "words"))
_ACROSS = "-to-"

_PAPER = (
    f"The paper reports a mean accuracy of {percent(AMAZON_ACCURACY)} over the four domains, and "
    f"{percent(AMAZON_BEFORE)} as the best before it; its task and splits may differ from ours. "
    "Transfer between domains is not in the paper, but in the first author’s next work."
)

Accuracy = Mapping[int, float]
"""Share of right test reviews by seed."""


@dataclass(frozen=True)
class AmazonRows:
    """Accuracy by data set and model.

    Attributes:
        name: ``"Within a domain"`` or ``"From one domain to another"``.
        datasets: names, without ``amazon-``.
        accuracy: by (data set, model), the finished ones.
    """

    name: str
    datasets: tuple[str, ...]
    accuracy: Mapping[tuple[str, str], Accuracy]

    def mean(self, model: str) -> Accuracy:
        """Return the mean over the data sets, of the seeds that all of them have."""
        found = [self.accuracy.get((name, model), {}) for name in self.datasets]
        seeds = set(found[0]).intersection(*found[1:])
        return {seed: float(np.mean([each[seed] for each in found])) for seed in sorted(seeds)}

    def against(self, model: str, other: str) -> Comparison | None:
        """Compare the means of two models, seed by seed: the first minus the other."""
        return Comparison.paired(self.mean(other), self.mean(model))


def amazon_rows(results: StudyResults) -> tuple[AmazonRows, ...]:
    """Return the accuracies within and across domains, where there are any."""
    found: dict[tuple[str, str], dict[int, float]] = {}
    runs: tuple[ClassifierResult | BaselineResult, ...]
    runs = (*results.classifiers, *results.baselines)
    for run in runs:
        kinds = ("words", "code") if isinstance(run, BaselineResult) else ("random", "pretrained")
        model = kinds[run.spec["pretraining"] is not None]
        key = (str(run.spec["dataset"]).removeprefix("amazon-"), model)
        found.setdefault(key, {})[run.seed] = 1 - float(run.values["test_error"])
    names = sorted({name for name, _ in found})
    parts = {
        "Within a domain": [name for name in names if _ACROSS not in name],
        "From one domain to another": [name for name in names if _ACROSS in name],
    }
    return tuple(AmazonRows(kind, tuple(each), found) for kind, each in parts.items() if each)


def content(results: StudyResults) -> Content:
    """Return what there is to show."""
    parts = amazon_rows(results)
    what = (
        "Rectifier networks and tuned linear support vector machines (SVC) learned from Amazon’s "
        "reviews whether these are positive: from their words, or from the code that a pre-trained "
        "stack makes of them and that stays as it is. One stack of each seed was pre-trained on "
        "the reviews of all domains, their test reviews left out. Accuracy is the share of test "
        "reviews that are told rightly."
    )
    candidates = (
        *opening(results, what=what),
        *(Statement(part.name, _findings(part)) for part in parts),
        Statement("The paper", (_PAPER,)),
    )
    return Content(
        "Sentiment of Amazon reviews",
        tuple(statement for statement in candidates if statement.paragraphs),
        tuple(Section(part.name, (_table(part), *_charts(part))) for part in parts),
    )


def _findings(part: AmazonRows) -> tuple[str, ...]:
    means = [
        f"{title} {percent_interval(Summary.of(accuracy.values()))}"
        for model, title in _MODELS.items()
        if (accuracy := part.mean(model))
    ]
    if not means:
        return ()
    texts = [f"Mean accuracy: {listing(means)}."]
    for model, other in _COMPARED:
        comparison = part.against(model, other)
        if comparison is not None:
            verdict = {
                None: "one seed, so this may be chance",
                True: "distinguishable, seed by seed",
                False: "not distinguishable, seed by seed",
            }
            name = _MODELS[model]
            texts.append(
                f"{name[0].upper()}{name[1:]} minus {_MODELS[other]}: {signed_gap(comparison)} "
                f"points ({verdict[comparison.distinguishable]})."
            )
    return (" ".join(texts),)


def _table(part: AmazonRows) -> Table:
    columns = (
        Column("Reviews of", number=False),
        *(Column(head) for head in _HEADS),
        Column("Pre-training gains, points", detail=True),
        Column("Over SVC on words, points", detail=True),
        Column("SVC: code over words, points", detail=True),
    )
    rows = [
        _cells(name.replace(_ACROSS, " to "), AmazonRows("", (name,), part.accuracy))
        for name in part.datasets
    ]
    return Table(
        f"Accuracy {part.name[0].lower()}{part.name[1:]}",
        columns,
        (Group("", (*rows, _cells("mean", part))),),
        "Accuracy of rectifier networks, pre-trained or from random weights, and of the linear SVC "
        "on code or words: mean over seeds, ± half of its 95% interval where there are several; "
        "the highest of each row is bold. Gains and differences: seed by seed. The mean is taken "
        "over the rows within each seed.",
    )


def _cells(name: str, part: AmazonRows) -> tuple[Cell, ...]:
    found = {model: Summary.of(v.values()) for model in _MODELS if (v := part.mean(model))}
    highest = max((each.mean for each in found.values()), default=0.0)
    return (
        Cell(name),
        *(
            Cell(
                percent_interval(found[model]).removesuffix("%") if model in found else NOTHING,
                bold=model in found and found[model].mean == highest,
            )
            for model in _MODELS
        ),
        *(Cell(signed_gap(part.against(*compared))) for compared in _COMPARED),
    )


def _charts(part: AmazonRows) -> tuple[Chart, ...]:
    rows = [
        (title, Summary.of(accuracy.values()))
        for model, title in _MODELS.items()
        if (accuracy := part.mean(model))
    ]
    if not rows:
        return ()
    title = f"Mean accuracy {part.name[0].lower()}{part.name[1:]}"
    alt = f"{listing([f'{name} {percent_interval(value)}' for name, value in rows])}."
    drawn = draw_strips(rows, "accuracy (%)", title=title, alt=alt, scale=100)
    return (Chart(Figure(title, f"Mean over the reviews’ domains. {alt}", drawn)),)
