"""The four ways to reconstruct a rectifier's codes (PAPER section 2), and what becomes of them.

Rectifier networks, all labels. The stacks differ in the strategy alone; C is there with both of
its targets, the codes after and before the non-linearity. Each layer of each stack takes that of
the paper's learning rates with the lowest reconstruction error on the validation inputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rectinet.nn import reconstruction, reconstruction_names
from rectinet.studies.experiment import Experiment
from rectinet.studies.recipes import Protocol
from rectinet.studies.spec import ClassifierSpec


@dataclass(frozen=True)
class Stacks:
    """How the stacks of one data set are trained.

    Attributes:
        epochs: of each layer, with each learning rate.
        n_seeds: runs per strategy, unless the caller wants another number.
    """

    epochs: int
    n_seeds: int


def _runs(recipes: Protocol, stacks: Stacks, n_seeds: int | None) -> Iterator[ClassifierSpec]:
    for seed in range(n_seeds or stacks.n_seeds):
        run = recipes.classifier("rectifier", True, seed)
        assert run.pretraining is not None
        for name in reconstruction_names():
            settings = replace(
                run.pretraining.settings,
                learning_rate="grid",
                epochs=stacks.epochs,
                reconstruction=reconstruction(name),
            )
            yield replace(run, pretraining=replace(run.pretraining, settings=settings))


strategies = Experiment(
    "strategies",
    {
        ("digits", "quick"): Stacks(epochs=10, n_seeds=3),
        ("digits", "paper"): Stacks(epochs=50, n_seeds=10),
        ("mnist", "paper"): Stacks(epochs=8, n_seeds=1),
        ("characters", "paper"): Stacks(epochs=30, n_seeds=3),
    },
    _runs,
)
