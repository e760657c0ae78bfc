"""Runs as frozen data: a spec says everything that decides a run's result, and names its folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Protocol

import numpy as np

from rectinet.nn import Activation
from rectinet.training import FinetuningSettings, PretrainingSettings


class Spec(Protocol):
    """What every kind of run has in common."""

    @property
    def dataset(self) -> str:
        """Name of the data set."""
        ...

    @property
    def seed(self) -> int:
        """Of the split, weights, order and noise."""
        ...

    @property
    def label(self) -> str:
        """A short readable name, for folders and progress."""
        ...


@dataclass(frozen=True)
class PretrainingSpec:
    """A stack of denoising auto-encoders trained on all training inputs of a data set.

    Attributes:
        dataset: name of the data set.
        hidden_layer_sizes: units per layer.
        activation: of every hidden layer.
        sign_flip: see `rectinet.nn.draw_signs`.
        settings: how it is trained.
        seed: of the split (where the data set has no fixed one), weights, order and noise.
    """

    dataset: str
    hidden_layer_sizes: tuple[int, ...]
    activation: Activation
    sign_flip: str
    settings: PretrainingSettings
    seed: int

    @property
    def label(self) -> str:
        """See `Spec.label`."""
        return f"{self.dataset}-{self.activation.name}-pretraining-seed{self.seed}"


@dataclass(frozen=True)
class ClassifierSpec:
    """A classifier, fine-tuned from random or from pre-trained weights.

    Attributes:
        dataset, hidden_layer_sizes, activation, sign_flip, seed: as in `PretrainingSpec`.
        pretraining: where the hidden layers come from; None: random weights.
        labels_per_class: how many training examples of each class keep their label; None: all.
        settings: how it is fine-tuned.
    """

    dataset: str
    hidden_layer_sizes: tuple[int, ...]
    activation: Activation
    sign_flip: str
    pretraining: PretrainingSpec | None
    labels_per_class: int | None
    settings: FinetuningSettings
    seed: int

    @property
    def label(self) -> str:
        """See `Spec.label`."""
        start = "random" if self.pretraining is None else "pretrained"
        labels = "all" if self.labels_per_class is None else str(self.labels_per_class)
        name = self.activation.name if self.hidden_layer_sizes else "linear"
        return f"{self.dataset}-{name}-{start}-labels-{labels}-seed{self.seed}"


@dataclass(frozen=True)
class BaselineSpec:
    """A linear model of scikit-learn, on the inputs or on the frozen code of a stack.

    Attributes:
        dataset: name of the data set.
        model: one of `rectinet.studies.baselines.BASELINES`.
        strengths: inverse regularization, of which validation data chooses one.
        seed: of the split.
        pretraining: the stack whose code the model is given; None: the inputs.
        n_labels: how many training examples keep their label; None: all.
        draw: number of their draw.
    """

    dataset: str
    model: str
    strengths: tuple[float, ...]
    seed: int
    pretraining: PretrainingSpec | None = None
    n_labels: int | None = None
    draw: int = 0

    @property
    def label(self) -> str:
        """See `Spec.label`."""
        code = f"-on-{self.pretraining.activation.name}-code" if self.pretraining else ""
        labels = "" if self.n_labels is None else f"-labels-{self.n_labels}-draw{self.draw}"
        return f"{self.dataset}-{self.model}{code}{labels}-seed{self.seed}"


def to_json(value: Any) -> Any:
    """Return a spec as JSON-ready values; dataclasses carry their class as ``"type"``."""
    if is_dataclass(value) and not isinstance(value, type):
        entries = {entry.name: to_json(getattr(value, entry.name)) for entry in fields(value)}
        return {"type": type(value).__name__, **entries}
    if isinstance(value, Mapping):
        return {str(key): to_json(entry) for key, entry in value.items()}
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)  # an open end of a decoder's range; JSON has no infinity
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [to_json(entry) for entry in value]
    return value


def folder_name(spec: Spec, version: int) -> str:
    """Return the folder of a run: its label and the hash of everything that decides its result.

    Args:
        spec: the run.
        version: of the study format; results of another version are other results.
    """
    content = json.dumps([version, to_json(spec)], sort_keys=True)
    return f"{spec.label}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
