"""The paper's table 2 (section 4.2): stars of reviews from bags of words.

No hidden layer; rectifiers with one and with three layers, tanh with three. The rectifiers with and
without pre-training on all reviews, labeled or not; tanh with it, as in the paper. Beside them two
linear models of scikit-learn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rectinet.studies.experiment import Experiment
from rectinet.studies.recipes import Protocol
from rectinet.studies.recipes.text import RATING_PROTOCOLS
from rectinet.studies.spec import BaselineSpec, ClassifierSpec
from rectinet.training import FinetuningSettings

STRENGTHS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Of the linear models, inverse to their regularization."""


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
        for model in ("ridge", "logistic"):
            yield BaselineSpec(recipes.dataset, model, STRENGTHS, seed)


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
