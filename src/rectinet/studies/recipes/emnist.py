"""EMNIST ByClass, the characters of NIST SD19; its files were not at hand to try it."""

from __future__ import annotations

from rectinet.studies.recipes.chosen import chosen_rates
from rectinet.studies.recipes.recipe import Protocol


def protocols() -> dict[str, Protocol]:
    """Return the protocols by effort."""
    return {
        "paper": chosen_rates(
            "emnist-byclass", (1000, 1000, 1000), pretraining_epochs=2, epochs=15, patience=3
        )
    }
