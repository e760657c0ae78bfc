"""Reviews as bags of words: settings chosen on validation data, docs/deviations.md number 19."""

from __future__ import annotations

from collections.abc import Mapping

from rectinet.nn import Masking, ReconstructionSampling, SaltAndPepper, reconstruction
from rectinet.studies.recipes.recipe import Protocol, Recipe
from rectinet.training import FinetuningSettings, PretrainingSettings

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


def _small(epochs: int, rates: tuple[float, float]) -> dict[str, Recipe]:
    """Return the recipes of small nets; the rates are those of fine-tuning, rectifier and tanh."""
    labels = [
        FinetuningSettings(learning_rate=rate, epochs=15, patience=_PATIENCE) for rate in rates
    ]
    stacks = _stack(0.3, 0.03, epochs), _stack(0.8, 0.02, epochs)
    return {
        name: Recipe(stack, settings, settings)
        for name, stack, settings in zip(("rectifier", "tanh"), stacks, labels, strict=True)
    }


def _protocols(
    dataset: str, epochs: int, rates: tuple[float, float] = (0.03, 0.01)
) -> dict[tuple[str, str], Protocol]:
    grid = FinetuningSettings(learning_rate="grid", epochs=30, patience=_PATIENCE)
    wide = Recipe(_author(), grid, grid)
    return {
        (dataset, "quick"): Protocol(dataset, (300, 300, 300), _small(epochs, rates)),
        (dataset, "paper"): Protocol(
            dataset, (5000, 5000, 5000), {"rectifier": wide, "tanh": wide}, n_seeds=5
        ),
    }


RATING_PROTOCOLS: Mapping[tuple[str, str], Protocol] = {
    **_protocols("restaurant-reviews", 10),
    **_protocols("imdb", 2),
}
"""By (data set, ``"quick"`` or ``"paper"``), of reviews with stars."""

AMAZON_PROTOCOLS: Mapping[tuple[str, str], Protocol] = _protocols("amazon", 2)
"""The same, of all of Amazon's domains."""
