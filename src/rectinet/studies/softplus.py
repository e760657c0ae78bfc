"""From softplus to the rectifier: whether a smooth unit does better (PAPER section 4).

No pre-training, all labels. The networks differ in nothing but the sharpness alpha of their units,
``softplus(alpha z) / alpha``; the rectifier stands for infinity.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rectinet.nn import Activation, Rectifier, Softplus
from rectinet.studies.experiment import Experiment
from rectinet.studies.recipes import Protocol
from rectinet.studies.spec import ClassifierSpec
from rectinet.training import FinetuningSettings

ALPHAS = (1, 1.3, 2, 3, 6)


@dataclass(frozen=True)
class Training:
    """How all networks of one data set are trained.

    There is no penalty on activations, which would speak for units that are 0.

    Attributes:
        epochs: at most; of a grid, with each learning rate.
        n_seeds: runs per alpha, unless the caller wants another number.
        patience: see `FinetuningSettings`.
        grid: whether each network takes that of the paper's learning rates with the lowest
            validation error; otherwise all have that of the data set's rectifier.
    """

    epochs: int
    n_seeds: int
    patience: int | None = None
    grid: bool = True


def _runs(recipes: Protocol, training: Training, n_seeds: int | None) -> Iterator[ClassifierSpec]:
    kinds: tuple[Activation, ...] = (*(Softplus(alpha) for alpha in ALPHAS), Rectifier())
    for seed in range(n_seeds or training.n_seeds):
        # Half of the signs flipped in all of them, as the rectifier has it.
        rectifier = recipes.classifier("rectifier", False, seed)
        settings = FinetuningSettings(
            learning_rate="grid" if training.grid else rectifier.settings.learning_rate,
            epochs=training.epochs,
            patience=training.patience,
        )
        for kind in kinds:
            yield replace(rectifier, activation=kind, settings=settings)


softplus = Experiment(
    "softplus",
    {
        ("digits", "quick"): Training(epochs=30, n_seeds=3, grid=False),
        ("digits", "paper"): Training(epochs=60, n_seeds=10),
        ("mnist", "quick"): Training(epochs=6, n_seeds=1, grid=False),
        ("mnist", "paper"): Training(epochs=25, n_seeds=3, patience=5),
        ("characters", "quick"): Training(epochs=40, n_seeds=3, grid=False),
        ("characters", "paper"): Training(epochs=150, n_seeds=5, patience=30),
    },
    _runs,
)
