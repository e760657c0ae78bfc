"""The numbers behind the learning curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rectinet.report.tables import activations
from rectinet.studies import StudyResults, cell


@dataclass(frozen=True)
class LearningCurve:
    """Validation error after each epoch of fine-tuning with all labels.

    Attributes:
        activation: its name.
        pretrained: whether the runs started from pre-trained layers.
        seeds: one sequence of shares per run.
        mean: over the runs, up to the last epoch that all of them reached.
        best_epochs: that of each run whose weights were kept, as the error table has them.
    """

    activation: str
    pretrained: bool
    seeds: tuple[tuple[float, ...], ...]
    mean: tuple[float, ...]
    best_epochs: tuple[int, ...] = ()


def learning_curves(results: StudyResults) -> tuple[LearningCurve, ...]:
    """Return the curves of all rows of the error table that have one."""
    curves = []
    for name in activations(results):
        for pretrained in (False, True):
            runs = cell(results.classifiers, name, pretrained)
            errors = [tuple(run.values["validation_errors"]) for run in runs]
            seeds = tuple(each for each in errors if each)
            if seeds:
                together = min(len(each) for each in seeds)
                mean = np.mean([each[:together] for each in seeds], axis=0)
                kept = tuple(run.values["best_epoch"] for run in runs)
                curves.append(LearningCurve(name, pretrained, seeds, tuple(mean.tolist()), kept))
    return tuple(curves)
