"""Characters distorted without end, the stand-in for NISTP: an epoch is 20,480 new examples."""

from __future__ import annotations

from rectinet.studies.recipes.chosen import chosen_rates
from rectinet.studies.recipes.recipe import Protocol


def characters() -> dict[str, Protocol]:
    """Return the protocols of the small set of characters by effort."""
    return {
        "quick": chosen_rates(
            "distorted-characters",
            (300, 300, 300),
            pretraining_epochs=2,
            epochs=4,
            pretraining_rate=0.001,
            rate=0.05,
        ),
        "paper": _paper("distorted-characters"),
    }


def emnist() -> dict[str, Protocol]:
    """Return the protocols of EMNIST by effort."""
    return {"paper": _paper("distorted-emnist")}


def _paper(dataset: str) -> Protocol:
    # The paper's net. No patience: an epoch is a fortieth of EMNIST, and none comes twice.
    return chosen_rates(dataset, (1000, 1000, 1000), pretraining_epochs=10, epochs=60)
