"""The small set of handwritten characters: learning rates chosen by the run."""

from __future__ import annotations

from rectinet.studies.recipes.chosen import chosen_rates
from rectinet.studies.recipes.recipe import Protocol


def protocols() -> dict[str, Protocol]:
    """Return the protocols by effort."""
    return {
        "quick": chosen_rates(
            "characters",
            (300, 300, 300),
            pretraining_epochs=20,
            epochs=40,
            pretraining_rate=0.01,
            rate=0.05,
            label_epochs={3: 40, 9: 40},
        ),
        "paper": chosen_rates(
            "characters",
            (1000, 1000, 1000),
            pretraining_epochs=50,
            epochs=150,
            patience=30,
            n_seeds=5,
            label_epochs={1: 150, 3: 150, 9: 150},
            n_label_draws=5,
        ),
    }
