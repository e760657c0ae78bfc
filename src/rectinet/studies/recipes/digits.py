"""scikit-learn's digits: settings chosen on validation data, docs/deviations.md number 8."""

from __future__ import annotations

from dataclasses import replace

from rectinet.nn import Gaussian, Masking, reconstruction
from rectinet.studies.recipes.recipe import Protocol, Recipe
from rectinet.training import FinetuningSettings, PretrainingSettings

_NOISE = (Gaussian(0.3), Masking(0.25), Masking(0.25))


def _rectifier() -> tuple[Recipe, Recipe]:
    """Return the recipes with all and with few labels."""
    stack = PretrainingSettings(
        learning_rate=0.1,
        epochs=100,
        corruption=_NOISE,
        reconstruction=reconstruction("sigmoid", scaling="unit"),
        activation_l1=0.01,
    )
    sparse = FinetuningSettings(learning_rate=0.1, epochs=60, activation_l1=0.001)
    # Whoever has 50 labels has no 180 more to choose an epoch by: the last weights are taken.
    few = replace(sparse, keep_best=False)
    # After pre-training, few labels go further when the hidden layers move slowly.
    slow = replace(few, learning_rate=(0.01, 0.01, 0.01, 0.3))
    return Recipe(stack, sparse, sparse), Recipe(stack, few, slow)


def _tanh() -> tuple[Recipe, Recipe]:
    """Return the recipes with all and with few labels."""
    stack = PretrainingSettings(
        learning_rate=0.1, epochs=30, corruption=_NOISE, reconstruction=reconstruction("sigmoid")
    )
    labels = FinetuningSettings(learning_rate=0.05, epochs=60)
    few = replace(labels, keep_best=False)
    return Recipe(stack, labels, labels), Recipe(stack, few, few)


def _softplus() -> Recipe:
    stack = PretrainingSettings(
        learning_rate=0.01, epochs=30, corruption=_NOISE, reconstruction=reconstruction("softplus")
    )
    labels = FinetuningSettings(learning_rate=0.1, epochs=60)
    return Recipe(stack, labels, labels)


def protocols() -> dict[str, Protocol]:
    """Return the protocols by effort."""
    (rectifier, few_rectifier), (tanh, few_tanh) = _rectifier(), _tanh()
    paper = Protocol(
        dataset="digits",
        hidden_layer_sizes=(256, 256, 256),
        recipes={"rectifier": rectifier, "tanh": tanh, "softplus": _softplus()},
        few_labels={"rectifier": few_rectifier, "tanh": few_tanh},
        label_epochs={2: 120, 5: 120, 10: 100, 25: 60},
        n_seeds=5,
        n_label_draws=20,
    )
    return {"quick": replace(paper.shorter(0.6), n_seeds=3, n_label_draws=3), "paper": paper}
