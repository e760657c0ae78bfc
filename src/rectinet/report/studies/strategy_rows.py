"""The numbers of the reconstruction strategies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rectinet.report.wording import NOTHING
from rectinet.studies import ClassifierResult, PretrainingResult, StudyResults, Summary

_COSTS = {"CrossEntropy": "cross-entropy", "SquaredError": "squared"}


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
    layers = list(zip(*(stack.values["layers"] for stack in stacks), strict=False))
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


def finished(rows: Sequence[StrategyRow]) -> list[tuple[StrategyRow, Summary]]:
    """Return the rows with their test errors, those that have one."""
    found = [(row, row.test_error) for row in rows]
    return [(row, error) for row, error in found if error is not None]
