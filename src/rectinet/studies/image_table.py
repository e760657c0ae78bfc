"""The paper's table 1 on one data set, and for some sets a label-fraction curve beside it.

Three activations, with and without pre-training, all labels; then the rectifier with few labels,
everything else unlabelled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rectinet.studies.experiment import Experiment
from rectinet.studies.labels import label_curve
from rectinet.studies.recipes import PROTOCOLS, Protocol
from rectinet.studies.spec import ClassifierSpec

ACTIVATIONS = ("rectifier", "tanh", "softplus")
CURVE = "rectifier"
"""The activation of the label-fraction curve."""

Labels = tuple[int, ...]
"""Numbers of labels per class."""

_CURVE_LABELS: Mapping[str, Labels] = {"digits": (2, 5, 10, 25), "mnist": (10, 100)}
"""By data set; the experiment ``labels`` has the whole figure."""


def _runs(recipes: Protocol, curve: Labels, n_seeds: int | None) -> Iterator[ClassifierSpec]:
    # The paper's own activation first: an interrupted study then holds what matters most.
    for name in ACTIVATIONS:
        for seed in range(n_seeds or recipes.n_seeds):
            for pretrained in (False, True):
                yield recipes.classifier(name, pretrained, seed)
        if name == CURVE:
            yield from label_curve(recipes, CURVE, curve, n_seeds or recipes.n_label_draws)


image_table = Experiment(
    "image-table",
    {(dataset, effort): _CURVE_LABELS.get(dataset, ()) for dataset, effort in PROTOCOLS},
    _runs,
)
