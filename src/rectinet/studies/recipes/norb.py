"""Jittered-cluttered NORB with the paper's network; its files were not at hand to try it."""

from __future__ import annotations

from rectinet.studies.recipes.chosen import chosen_rates
from rectinet.studies.recipes.recipe import Protocol


def protocols() -> dict[str, Protocol]:
    """Return the protocols by effort."""
    return {
        "paper": chosen_rates("norb", (4000, 2000), pretraining_epochs=4, epochs=20, patience=3)
    }
