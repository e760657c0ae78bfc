"""Recipes whose learning rates the run itself chooses, as the paper does (PAPER section 1).

For the data sets that have no settings of their own: everything but the rates is as on MNIST.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from rectinet.nn import Masking, reconstruction
from rectinet.studies.recipes.recipe import Protocol, Recipe
from rectinet.training import FinetuningSettings, PretrainingSettings

Rate = float | Literal["grid"]

_ACTIVATION_L1 = 0.00003
"""Chosen on MNIST's validation images."""


def chosen_rates(
    dataset: str,
    hidden_layer_sizes: tuple[int, ...],
    *,
    pretraining_epochs: int,
    epochs: int,
    patience: int | None = None,
    pretraining_rate: Rate = "grid",
    rate: Rate = "grid",
    n_seeds: int = 1,
    label_epochs: Mapping[int, int] | None = None,
    n_label_draws: int = 1,
) -> Protocol:
    """Return a protocol for images with values in [0, 1].

    Args:
        dataset: its name.
        hidden_layer_sizes: units per layer.
        pretraining_epochs: of each layer, with each rate.
        epochs: of fine-tuning, with each rate, at most.
        patience: see `FinetuningSettings`.
        pretraining_rate: ``"grid"``: for each layer that of the paper's four with the lowest
            reconstruction error on the validation inputs.
        rate: ``"grid"``: that of the four with the lowest validation error.
        n_seeds: see `Protocol`.
        label_epochs: see `Protocol`.
        n_label_draws: see `Protocol`.
    """

    def recipe(strategy: str, activation_l1: float = 0.0) -> Recipe:
        stack = PretrainingSettings(
            learning_rate=pretraining_rate,
            epochs=pretraining_epochs,
            corruption=Masking(0.25),
            reconstruction=reconstruction(strategy),
        )
        labels = FinetuningSettings(
            learning_rate=rate, epochs=epochs, patience=patience, activation_l1=activation_l1
        )
        return Recipe(stack, labels, labels)

    recipes = {
        "rectifier": recipe("softplus", _ACTIVATION_L1),
        # Strategy A cannot produce the negative codes of tanh units.
        "tanh": recipe("sigmoid"),
        "softplus": recipe("softplus"),
    }
    return Protocol(
        dataset,
        hidden_layer_sizes,
        recipes,
        few_labels=recipes if label_epochs else {},
        label_epochs=label_epochs or {},
        n_seeds=n_seeds,
        n_label_draws=n_label_draws,
    )
