"""The paper's table 2 (section 4.2): stars of reviews from bags of words.

No hidden layer; rectifiers with one and with three layers, tanh with three. The rectifiers with and
without pre-training on all reviews, labeled or not; tanh with it, as in the paper. Beside them two
linear models of scikit-learn; these with few labels too, on the words and on the frozen code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rectinet.studies.experiment import Experiment
from rectinet.studies.recipes import Protocol
from rectinet.studies.recipes.text import RATING_PROTOCOLS
from rectinet.studies.spec import BaselineSpec, ClassifierSpec
from rectinet.training import FinetuningSettings

STRENGTHS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Of the linear models, inverse to their regularization."""

WORDS_MODELS = ("ridge", "logistic")
"""Linear models that are given the words."""

CODE_MODEL, CODES = "logistic", ("rectifier", "tanh")
"""The linear model that is given codes, and the activations of the stacks that these are of."""

DRAWS = {100: 4, 1000: 2}
"""Draws of so many labels for each seed: five seeds have the first author's 20 and 10."""


def _runs(
    recipes: Protocol, linear: FinetuningSettings, n_seeds: int | None
) -> Iterator[ClassifierSpec | BaselineSpec]:
    shallow = recipes.shallower(1)
    for seed in range(n_seeds or recipes.n_seeds):
        for pretrained in (True, False):
            yield recipes.classifier("rectifier", pretrained, seed)
            yield shallow.classifier("rectifier", pretrained, seed)
        yield recipes.classifier("tanh", True, seed)
        none = recipes.classifier("tanh", False, seed)
        yield replace(none, hidden_layer_sizes=(), settings=linear)
        yield from _linear_models(recipes, seed)


def _linear_models(recipes: Protocol, seed: int) -> Iterator[BaselineSpec]:
    all_labels = [(None, 0)]
    few = [(n_labels, draw) for n_labels, n in DRAWS.items() for draw in range(n)]
    for n_labels, draw in (*all_labels, *few):
        for model in WORDS_MODELS:
            words = BaselineSpec(recipes.dataset, model, STRENGTHS, seed, None, n_labels, draw)
            yield words
        for name in CODES:
            stack = recipes.classifier(name, True, seed).pretraining
            yield replace(words, model=CODE_MODEL, pretraining=stack)


text_table = Experiment(
    "text-table",
    {
        key: FinetuningSettings(learning_rate="grid", epochs=40, patience=5)
        for key in RATING_PROTOCOLS
    },
    _runs,
    RATING_PROTOCOLS,
)
"""The settings are the training without hidden layers."""
