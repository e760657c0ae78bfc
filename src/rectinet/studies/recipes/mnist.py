"""MNIST: settings chosen on validation data, docs/deviations.md numbers 1 to 3."""

from __future__ import annotations

from dataclasses import replace

from rectinet.nn import Masking, reconstruction
from rectinet.studies.recipes.recipe import Protocol, Recipe
from rectinet.training import FinetuningSettings, PretrainingSettings


def protocols() -> dict[str, Protocol]:
    """Return the protocols by effort."""
    quick = _protocol((300, 300, 300), rectifier_stack=8, smooth_stack=8)
    return {
        "quick": quick.shorter(0.3),
        "paper": _protocol((1000, 1000, 1000), rectifier_stack=30, smooth_stack=20),
    }


def _protocol(
    hidden_layer_sizes: tuple[int, ...], *, rectifier_stack: int, smooth_stack: int
) -> Protocol:
    """Return the protocol with so many epochs of pre-training for each layer."""
    stack = PretrainingSettings(
        learning_rate=0.005, epochs=rectifier_stack, corruption=Masking(0.25)
    )
    sparse = FinetuningSettings(learning_rate=0.1, epochs=25, patience=10, activation_l1=0.00003)
    decayed = replace(sparse, weight_l2=0.00001)
    decayed_more = replace(sparse, weight_l2=0.00003)
    smooth = replace(stack, epochs=smooth_stack)
    sigmoid = replace(smooth, learning_rate=0.01, reconstruction=reconstruction("sigmoid"))
    of_tanh = FinetuningSettings(learning_rate=0.03, epochs=40, patience=10)
    of_softplus = replace(of_tanh, learning_rate=0.1)
    tanh = Recipe(sigmoid, of_tanh, replace(of_tanh, epochs=25))
    return Protocol(
        dataset="mnist",
        hidden_layer_sizes=hidden_layer_sizes,
        recipes={
            "rectifier": Recipe(stack, decayed, decayed_more),
            "tanh": tanh,
            "softplus": Recipe(smooth, of_softplus, replace(of_softplus, epochs=25)),
        },
        few_labels={"rectifier": Recipe(stack, sparse, sparse), "tanh": tanh},
        label_epochs={10: 60, 30: 60, 100: 40, 300: 40, 1000: 40},
    )
