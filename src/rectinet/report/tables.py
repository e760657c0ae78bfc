"""The error table and the label curve as numbers; nothing here is drawn or worded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rectinet.report.beside import Beside
from rectinet.report.comparison import Comparison
from rectinet.report.pairwise import McNemar, mcnemar, wrong_answers
from rectinet.report.wording import labels, start
from rectinet.studies import ACTIVATIONS, ClassifierResult, StudyResults, Summary, cell
from rectinet.studies.paper import N_TEST, TABLE_1, ZEROS, Published

_ORIENTATION = {
    "digits": "mnist",
    "characters": "nistp",
    "distorted-characters": "nistp",
    "distorted-emnist": "nistp",
    "emnist-byclass": "nistp",
    "small-norb": "norb",
}
"""Data sets that the paper does not have, and the one of the paper that is most like them."""


FEW_ZEROS = 0.0005
"""A smaller share of exact zeros is not shown: it would read 0.0%."""


@dataclass(frozen=True)
class ErrorRow:
    """All runs of one activation, with or without pre-training, all labels.

    Attributes:
        activation: its name.
        pretrained: whether the runs started from pre-trained layers.
        errors: share of wrong test examples, by seed.
        published: the paper's, on `ErrorTable.reference`; None where it has none.
        zeros: share of exact zeros on the test set, mean over the hidden layers.
        layer_zeros: the same, for each hidden layer.
        published_zeros: the paper's, on `ErrorTable.reference`; for the rectifier alone.
        dead_units: hidden units that are 0 for every test example.
        n_units: hidden units in all.
        learning_rates: the distinct ones of the runs, each a tuple over the layers.
        best_epochs: where each run's weights come from.
        n_test: test examples of a run.
        pairwise: the paper's test of this activation without (first) against with pre-training
            (second); None if one is not run, or did not keep its answers.
    """

    activation: str
    pretrained: bool
    errors: Mapping[int, float]
    published: Published | None
    zeros: Summary
    layer_zeros: tuple[Summary, ...]
    published_zeros: float | None
    dead_units: Summary
    n_units: int
    learning_rates: tuple[tuple[float, ...], ...]
    best_epochs: tuple[int, ...]
    n_test: int
    pairwise: McNemar | None = None

    @property
    def bold(self) -> bool:
        """Whether the test cannot tell it from the same network with the other start (table 1)."""
        return self.pairwise is not None and not self.pairwise.differs

    @property
    def sparse(self) -> bool:
        """Whether its exact zeros are more than chance: tanh has a few, where its input is 0."""
        return self.zeros.mean >= FEW_ZEROS

    @property
    def test_error(self) -> Summary:
        """Share of wrong test examples over the seeds."""
        return Summary.of(self.errors.values())


@dataclass(frozen=True)
class ErrorTable:
    """The paper's table 1 for one data set.

    Attributes:
        dataset: ours.
        reference: the paper's data set whose figures stand beside; None if there is none.
        rows: those without pre-training first.
    """

    dataset: str
    reference: str | None
    rows: tuple[ErrorRow, ...]

    @property
    def like_for_like(self) -> bool:
        """Whether the paper's figures are for the same data set."""
        return self.reference == self.dataset

    @property
    def tested(self) -> bool:
        """Whether there is a pairwise test, which then decides what is bold."""
        return any(row.pairwise is not None for row in self.rows)

    @property
    def beside(self) -> tuple[Beside, ...]:
        """The rows that can be compared with the paper's, on its own data set."""
        return tuple(
            Beside(
                f"{row.activation} {start(row.pretrained)}",
                row.test_error,
                row.n_test,
                row.published,
                N_TEST[self.dataset],
            )
            for row in self.rows
            if row.published is not None and self.like_for_like
        )

    def group(self, pretrained: bool) -> tuple[ErrorRow, ...]:
        """Return the rows with or without pre-training."""
        return tuple(row for row in self.rows if row.pretrained == pretrained)

    def row(self, activation: str, pretrained: bool) -> ErrorRow | None:
        """Return one row, if its runs are there."""
        found = (row for row in self.group(pretrained) if row.activation == activation)
        return next(found, None)

    def is_lowest(self, row: ErrorRow) -> bool:
        """Return whether no other row with the same start has a lower mean error."""
        group = self.group(row.pretrained)
        return len(group) > 1 and row.test_error.mean == min(r.test_error.mean for r in group)


@dataclass(frozen=True)
class LabelRow:
    """One number of labels.

    Attributes:
        labels_per_class: labelled examples of each class; None: all.
        n_labels: labelled examples in all.
        random, pretrained: test error without and with pre-training; None if not run.
        comparison: from without to with; None unless both were run with a seed in common.
    """

    labels_per_class: int | None
    n_labels: int
    random: Summary | None
    pretrained: Summary | None
    comparison: Comparison | None

    @property
    def words(self) -> str:
        """How many labels there were, in words."""
        return labels(self.labels_per_class, self.n_labels)


@dataclass(frozen=True)
class LabelCurve:
    """Test error of one activation against the number of labels, fewest first."""

    activation: str
    rows: tuple[LabelRow, ...]


def activations(results: StudyResults) -> tuple[str, ...]:
    """Return the activations of the finished classifiers, the paper's first and in its order."""
    found = {result.activation for result in results.classifiers}
    known = [name for name in ACTIVATIONS if name in found]
    return (*known, *sorted(found - set(known)))


def error_table(results: StudyResults) -> ErrorTable:
    """Return the rows that have at least one finished run."""
    dataset = results.dataset
    reference = dataset if dataset in N_TEST else _ORIENTATION.get(dataset)
    names = activations(results)
    tests = {name: _pairwise(results, name) for name in names}
    rows = [
        _error_row(runs, reference, tests[name])
        for pretrained in (False, True)
        for name in names
        if (runs := cell(results.classifiers, name, pretrained))
    ]
    return ErrorTable(dataset, reference, tuple(rows))


def label_curves(results: StudyResults) -> tuple[LabelCurve, ...]:
    """Return a curve for each activation that was trained with few labels."""
    curves = []
    for name in activations(results):
        runs = [result for result in results.classifiers if result.activation == name]
        counts = {result.labels_per_class for result in runs}
        if counts != {None}:
            ordered = sorted(counts, key=lambda count: (count is None, count or 0))
            rows = tuple(_label_row(runs, name, count) for count in ordered)
            curves.append(LabelCurve(name, rows))
    return tuple(curves)


def _pairwise(results: StudyResults, name: str) -> McNemar | None:
    random, pretrained = (
        wrong_answers(cell(results.classifiers, name, start)) for start in (False, True)
    )
    return None if random is None or pretrained is None else mcnemar(random, pretrained)


def _error_row(
    runs: list[ClassifierResult], reference: str | None, pairwise: McNemar | None
) -> ErrorRow:
    first = runs[0]
    activation, pretrained = first.activation, first.pretrained
    layers = zip(*(run.values["zeros"] for run in runs), strict=True)
    return ErrorRow(
        activation=activation,
        pretrained=pretrained,
        errors=_errors(runs),
        published=TABLE_1.get((reference or "", activation, pretrained)),
        zeros=Summary.of(run.mean_zeros for run in runs),
        layer_zeros=tuple(Summary.of(layer) for layer in layers),
        published_zeros=ZEROS.get(reference or "") if activation == "rectifier" else None,
        dead_units=Summary.of(sum(run.values["dead_units"]) for run in runs),
        n_units=sum(first.spec["hidden_layer_sizes"]),
        learning_rates=tuple(sorted({tuple(run.values["learning_rates"]) for run in runs})),
        best_epochs=tuple(run.values["best_epoch"] for run in runs),
        n_test=first.values["n_test"],
        pairwise=pairwise,
    )


def _label_row(runs: list[ClassifierResult], name: str, labels_per_class: int | None) -> LabelRow:
    cells = [cell(runs, name, pretrained, labels_per_class) for pretrained in (False, True)]
    random, pretrained = (_errors(each) for each in cells)
    return LabelRow(
        labels_per_class=labels_per_class,
        n_labels=(cells[0] or cells[1])[0].values["n_labels"],
        random=Summary.of(random.values()) if random else None,
        pretrained=Summary.of(pretrained.values()) if pretrained else None,
        comparison=Comparison.paired(random, pretrained),
    )


def _errors(runs: list[ClassifierResult]) -> dict[int, float]:
    return {run.seed: run.test_error for run in runs}
