"""The paper's figure 3: test error of rectifier networks against their share of zeros.

No pre-training, all labels; the networks differ in the strength of the penalty on activations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from rectinet.studies.experiment import Experiment
from rectinet.studies.recipes import Protocol
from rectinet.studies.spec import ClassifierSpec


@dataclass(frozen=True)
class Sweep:
    """The penalties of one data set.

    Attributes:
        weakest, strongest: of the penalties above 0, which lie evenly on a logarithmic scale.
        n_penalties: how many there are, 0 among them.
        epochs: of each network.
    """

    weakest: float
    strongest: float
    n_penalties: int
    epochs: int

    def penalties(self) -> tuple[float, ...]:
        """Return them, from 0 upwards, to three digits."""
        above = np.geomspace(self.weakest, self.strongest, self.n_penalties - 1)
        return (0.0, *(float(f"{penalty:.2e}") for penalty in above))


def _runs(recipes: Protocol, sweep: Sweep, n_seeds: int | None) -> Iterator[ClassifierSpec]:
    # Each network has a seed of its own: the scatter around the curve is then that of networks.
    # One seed for all would lend its luck to the whole curve.
    for seed, penalty in enumerate(sweep.penalties() * (n_seeds or 1)):
        run = recipes.classifier("rectifier", False, seed)
        settings = replace(run.settings, epochs=sweep.epochs, activation_l1=penalty)
        yield replace(run, settings=settings)


sparsity = Experiment(
    "sparsity",
    {
        ("digits", "quick"): Sweep(1e-5, 1e-2, 30, epochs=40),
        ("mnist", "quick"): Sweep(1e-5, 7e-3, 60, epochs=2),
        ("mnist", "paper"): Sweep(1e-5, 2e-3, 200, epochs=20),
    },
    _runs,
)
"""From penalties that change nothing to those with more than 97% zeros (docs/deviations.md)."""
