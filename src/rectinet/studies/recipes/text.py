"""Reviews as bags of words: settings chosen on validation data, docs/deviations.md number 19."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rectinet.nn import Masking, ReconstructionSampling, SaltAndPepper, reconstruction
from rectinet.studies.recipes.recipe import Protocol, Recipe
from rectinet.training import FinetuningSettings, PretrainingSettings

# The first author's noise for text (PAPER section 6): of a layer's inputs so many are lost.
_NOISE = (SaltAndPepper(0.8, 0.005), Masking(0.5), Masking(0.3))
# As often in the paper's best text setting: the uppermost layer hardly needs any.
_PAPER_EPOCHS = (30, 30, 1)


def _stack(epochs: tuple[int, ...], rates: tuple[float, ...]) -> PretrainingSettings:
    return PretrainingSettings(
        learning_rate=rates,
        epochs=epochs,
        corruption=_NOISE,
        reconstruction=reconstruction("sigmoid"),
        sampling=ReconstructionSampling(0.02),
    )


def _recipe(stack: PretrainingSettings, epochs: int, rate: float) -> Recipe:
    labels = FinetuningSettings(learning_rate=rate, epochs=epochs, patience=5)
    return Recipe(stack, labels, labels)


def _protocols(dataset: str, quick_epochs: int) -> dict[tuple[str, str], Protocol]:
    small = _stack((quick_epochs,) * 3, (0.05, 0.05, 0.05))
    wide = _stack(_PAPER_EPOCHS, (0.01, 0.01, 0.01))
    quick = Protocol(
        dataset,
        (300, 300, 300),
        {"rectifier": _recipe(small, 15, 0.01), "tanh": _recipe(small, 15, 0.01)},
        n_seeds=1,
    )
    paper = replace(
        quick,
        hidden_layer_sizes=(5000, 5000, 5000),
        recipes={name: _recipe(wide, 30, 0.01) for name in quick.recipes},
        n_seeds=5,
    )
    return {(dataset, "quick"): quick, (dataset, "paper"): paper}


RATING_PROTOCOLS: Mapping[tuple[str, str], Protocol] = {
    **_protocols("restaurant-reviews", 15),
    **_protocols("imdb", 2),
}
"""By (data set, ``"quick"`` or ``"paper"``), of reviews with stars."""

AMAZON_PROTOCOLS: Mapping[tuple[str, str], Protocol] = _protocols("amazon", 4)
"""The same, of all of Amazon's domains."""
