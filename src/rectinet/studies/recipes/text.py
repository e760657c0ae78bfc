"""Reviews as bags of words: settings chosen on validation data, docs/deviations.md number 19."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rectinet.nn import Masking, ReconstructionSampling, SaltAndPepper, reconstruction
from rectinet.studies.recipes.chosen import Rate
from rectinet.studies.recipes.recipe import Protocol, Recipe
from rectinet.training import FinetuningSettings, PretrainingSettings

Recipes = dict[str, Recipe]
"""By activation."""

_SAMPLING = ReconstructionSampling(0.02)
_PATIENCE = 5


def _stack(off: float, rate: float, epochs: int) -> PretrainingSettings:
    """Return the pre-training of a small net, with a share of the words lost."""
    return PretrainingSettings(
        learning_rate=rate,
        epochs=epochs,
        corruption=(SaltAndPepper(off, 0.005), Masking(0.5), Masking(0.3)),
        reconstruction=reconstruction("sigmoid"),
        sampling=_SAMPLING,
    )


def _author() -> PretrainingSettings:
    """Return the first author's best setting for text (PAPER section 6), with fewer epochs."""
    return PretrainingSettings(
        learning_rate=(0.005, 0.001, 0.001),
        epochs=(30, 30, 1),
        corruption=(SaltAndPepper(0.8, 0.005), Masking(0.5), Masking(0.3)),
        reconstruction=reconstruction("sigmoid"),
        activation_l1=(0.0001, 0.0, 0.0),
        sampling=_SAMPLING,
    )


def _small(
    epochs: int,
    rectifier: tuple[float, float],
    rates: Mapping[str, Rate],
    penalty: float | tuple[float, ...] = 0.0,
) -> Recipes:
    """Return the recipes of small nets.

    Args:
        epochs: of pre-training, for each layer.
        rectifier: share of the words lost, and learning rate of pre-training.
        rates: of fine-tuning, by activation.
        penalty: on activations, in the fine-tuning of pre-trained rectifiers.
    """
    stacks = {"rectifier": _stack(*rectifier, epochs), "tanh": _stack(0.5, 0.005, epochs)}
    recipes = {}
    for name, rate in rates.items():
        labels = FinetuningSettings(learning_rate=rate, epochs=15, patience=_PATIENCE)
        sparse = replace(labels, activation_l1=penalty) if name == "rectifier" else labels
        recipes[name] = Recipe(stacks[name], labels, sparse)
    return recipes


def _amazon() -> Recipes:
    """Return the recipe of Amazon's small net: 1,370 labels a domain, 27,319 texts in all."""
    stack = PretrainingSettings(
        learning_rate=(0.03, 0.02, 0.02),
        epochs=(12, 4, 4),
        corruption=(Masking(0.8), Masking(0.5), Masking(0.3)),
        # With one scale for a whole layer, 99.9% of the squared norm of the upper layers' codes was
        # that of their mean, and fine-tuning ended at 54 to 77% (docs/deviations.md, number 20).
        reconstruction=reconstruction("sigmoid", scaling="unit"),
    )
    labels = FinetuningSettings(learning_rate=0.01, epochs=20, patience=_PATIENCE)
    return {"rectifier": Recipe(stack, replace(labels, learning_rate="grid"), labels)}


def _protocols(
    dataset: str, small: Recipes, sizes: tuple[int, ...] = (300, 300, 300)
) -> dict[tuple[str, str], Protocol]:
    grid = FinetuningSettings(learning_rate="grid", epochs=30, patience=_PATIENCE)
    wide = Recipe(_author(), grid, grid)
    return {
        (dataset, "quick"): Protocol(dataset, sizes, small),
        (dataset, "paper"): Protocol(
            dataset, (5000, 5000, 5000), {"rectifier": wide, "tanh": wide}, n_seeds=5
        ),
    }


RATING_PROTOCOLS: Mapping[tuple[str, str], Protocol] = {
    **_protocols("restaurant-reviews", _small(10, (0.3, 0.03), {"rectifier": 0.03, "tanh": 0.03})),
    **_protocols(
        "imdb",
        _small(2, (0.5, 0.01), {"rectifier": 0.003, "tanh": 0.003}, penalty=(0.0, 0.01, 0.003)),
        sizes=(1000, 300, 300),
    ),
}
"""By (data set, ``"quick"`` or ``"paper"``), of reviews with stars."""

AMAZON_PROTOCOLS: Mapping[tuple[str, str], Protocol] = _protocols(
    "amazon", _amazon(), sizes=(1000, 300, 300)
)
"""The same, of all of Amazon's domains."""
