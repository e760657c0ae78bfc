"""MNIST: settings chosen on validation data, docs/deviations.md numbers 1 to 3."""

from __future__ import annotations

from dataclasses import replace

from rectinet.nn import Masking, reconstruction
from rectinet.studies.recipes.recipe import Protocol, Recipe
from rectinet.training import FinetuningSettings, PretrainingSettings


def protocols() -> dict[str, Protocol]:
    """Return the protocols by effort."""
    stack = PretrainingSettings(learning_rate=0.005, epochs=8, corruption=Masking(0.25))
    sparse = FinetuningSettings(learning_rate=0.1, epochs=25, patience=10, activation_l1=0.00003)
    rectifier = Recipe(stack, replace(sparse, weight_l2=0.00001), sparse)
    # The first author's rates for images (PAPER section 6); not chosen by us.
    others = PretrainingSettings(learning_rate=0.001, epochs=8, corruption=Masking(0.25))
    labels = FinetuningSettings(learning_rate=0.01, epochs=40, patience=10)
    tanh = Recipe(replace(others, reconstruction=reconstruction("sigmoid")), labels, labels)
    paper = Protocol(
        dataset="mnist",
        hidden_layer_sizes=(1000, 1000, 1000),
        recipes={"rectifier": rectifier, "tanh": tanh, "softplus": Recipe(others, labels, labels)},
        few_labels={"rectifier": Recipe(stack, sparse, sparse), "tanh": tanh},
        label_epochs={10: 60, 30: 60, 100: 40, 300: 40, 1000: 40},
    )
    return {
        "quick": replace(paper.shorter(0.35), hidden_layer_sizes=(300, 300, 300)),
        "paper": paper,
    }
