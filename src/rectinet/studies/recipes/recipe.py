"""How the activations are trained on one data set: what all studies of that data set share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from rectinet.nn import activation
from rectinet.studies.spec import ClassifierSpec, PretrainingSpec
from rectinet.training import FinetuningSettings, PretrainingSettings

S = TypeVar("S", PretrainingSettings, FinetuningSettings)


@dataclass(frozen=True)
class Recipe:
    """How one activation is trained on one data set.

    Attributes:
        pretraining: of the stack.
        from_random: fine-tuning without pre-training.
        from_pretrained: fine-tuning after it.
    """

    pretraining: PretrainingSettings
    from_random: FinetuningSettings
    from_pretrained: FinetuningSettings

    def finetuning(self, pretrained: bool) -> FinetuningSettings:
        """Return the fine-tuning after one of the two starts."""
        return self.from_pretrained if pretrained else self.from_random

    def shorter(self, share: float, n_layers: int) -> Recipe:
        """Return the recipe with a share of the epochs, in pre-training and in fine-tuning."""
        stack = self.pretraining
        epochs = tuple(round(share * layer.epochs) for layer in stack.for_layers(n_layers))
        return Recipe(
            replace(stack, epochs=epochs),
            *(
                replace(stage, epochs=round(share * stage.epochs))
                for stage in (self.from_random, self.from_pretrained)
            ),
        )


@dataclass(frozen=True)
class Protocol:
    """The recipes of one data set at one effort.

    Attributes:
        dataset: its name.
        hidden_layer_sizes: units per layer.
        recipes: by activation, with all labels.
        few_labels: by activation, with few.
        label_epochs: epochs of fine-tuning by labels per class, where they are few.
        n_seeds: runs per cell with all labels, unless the caller wants another number.
        n_label_draws: runs per cell with few labels, each with a draw of labels of its own: a few
            dozen labels vary so much that more of them are needed to see a difference.
    """

    dataset: str
    hidden_layer_sizes: tuple[int, ...]
    recipes: Mapping[str, Recipe]
    few_labels: Mapping[str, Recipe] = field(default_factory=dict)
    label_epochs: Mapping[int, int] = field(default_factory=dict)
    n_seeds: int = 1
    n_label_draws: int = 1

    def shorter(self, share: float) -> Protocol:
        """Return the protocol with a share of all epochs."""
        n_layers = len(self.hidden_layer_sizes)

        def shorten(recipes: Mapping[str, Recipe]) -> dict[str, Recipe]:
            return {name: recipe.shorter(share, n_layers) for name, recipe in recipes.items()}

        return replace(
            self,
            recipes=shorten(self.recipes),
            few_labels=shorten(self.few_labels),
            label_epochs={n: round(share * epochs) for n, epochs in self.label_epochs.items()},
        )

    def shallower(self, n_layers: int) -> Protocol:
        """Return the protocol of networks with the first few hidden layers alone."""

        def cut(stage: S, names: Iterable[str]) -> S:
            several: dict[str, Any] = {
                name: tuple(value[:n_layers])
                for name in names
                if isinstance(value := getattr(stage, name), tuple)
            }
            return replace(stage, **several)

        in_pretraining = [entry.name for entry in fields(PretrainingSettings)]
        in_finetuning = ["activation_l1"]  # the others are those of the output layer, too
        recipes = {
            name: Recipe(
                cut(each.pretraining, in_pretraining),
                cut(each.from_random, in_finetuning),
                cut(each.from_pretrained, in_finetuning),
            )
            for name, each in self.recipes.items()
        }
        sizes = self.hidden_layer_sizes[:n_layers]
        return replace(self, hidden_layer_sizes=sizes, recipes=recipes)

    def classifier(
        self, name: str, pretrained: bool, seed: int, labels_per_class: int | None = None
    ) -> ClassifierSpec:
        """Return the run of one activation from one of the two starts.

        Args:
            name: the activation's.
            pretrained: whether it starts from a pre-trained stack.
            seed: the run's.
            labels_per_class: one of `label_epochs`; None: all.
        """
        few = labels_per_class is not None
        recipe = (self.few_labels if few else self.recipes)[name]
        settings = recipe.finetuning(pretrained)
        if labels_per_class is not None:
            settings = replace(settings, epochs=self.label_epochs[labels_per_class])
        # Only rectifier units are one-sided; the paper flips the signs of those alone.
        sign_flip = "half" if name == "rectifier" else "none"
        sizes, kind = self.hidden_layer_sizes, activation(name)
        stack = PretrainingSpec(self.dataset, sizes, kind, sign_flip, recipe.pretraining, seed)
        return ClassifierSpec(
            dataset=self.dataset,
            hidden_layer_sizes=sizes,
            activation=kind,
            sign_flip=sign_flip,
            pretraining=stack if pretrained else None,
            labels_per_class=labels_per_class,
            settings=settings,
            seed=seed,
        )
