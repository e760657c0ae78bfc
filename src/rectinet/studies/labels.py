"""The paper's figure 4: what pre-training gains as the number of labels grows.

The rectifier and tanh, with and without pre-training on all training inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rectinet.studies.experiment import Experiment
from rectinet.studies.recipes import Protocol
from rectinet.studies.spec import ClassifierSpec

ACTIVATIONS = ("rectifier", "tanh")


def label_curve(
    recipes: Protocol, name: str, labels: Iterable[int | None], n_draws: int
) -> Iterator[ClassifierSpec]:
    """Yield the runs of one activation for some numbers of labels per class; None: all labels."""
    counts = tuple(labels)
    for seed in range(n_draws):
        for pretrained in (False, True):
            for labels_per_class in counts:
                yield recipes.classifier(name, pretrained, seed, labels_per_class)


def _runs(recipes: Protocol, n_draws: int, n_seeds: int | None) -> Iterator[ClassifierSpec]:
    for name in ACTIVATIONS:
        yield from label_curve(recipes, name, (*recipes.label_epochs, None), n_seeds or n_draws)


labels = Experiment(
    "labels",
    {
        ("digits", "quick"): 3,
        ("digits", "paper"): 10,
        ("mnist", "paper"): 3,
        ("characters", "quick"): 1,
        ("characters", "paper"): 5,
    },
    _runs,
)
"""The settings are the numbers of draws of labels; with all labels, as many runs."""
