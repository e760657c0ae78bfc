"""CIFAR-10, 40,000 images to train on, at the first author's rates for images."""

from __future__ import annotations

from rectinet.studies.recipes.chosen import chosen_rates
from rectinet.studies.recipes.recipe import Protocol


def protocols() -> dict[str, Protocol]:
    """Return the protocols by effort."""
    return {
        "quick": chosen_rates(
            "cifar10",
            (300, 300, 300),
            pretraining_epochs=1,
            epochs=3,
            pretraining_rate=0.001,
            rate=0.01,
        ),
        "paper": chosen_rates(
            "cifar10",
            (1000, 1000, 1000),
            pretraining_epochs=8,
            epochs=25,
            patience=5,
            pretraining_rate=0.001,
            rate=0.01,
        ),
    }
