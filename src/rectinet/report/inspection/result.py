"""The measurements of an inspection as plain data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rectinet.analysis import (
    ActivationPatterns,
    GradientNorms,
    LinearSeparability,
    PerturbationStability,
    SparsityProfile,
    UnitShares,
)
from rectinet.nn import Array


@dataclass(frozen=True)
class LayerFacts:
    """One layer.

    Attributes:
        name: ``layer 1`` ..., or ``output``.
        activation: its name.
        n_in, n_units: its size.
        weight_norm: Frobenius norm of its weights.
        alpha: by which `rectinet.analysis.balance` would divide them; None where it cannot.
    """

    name: str
    activation: str
    n_in: int
    n_units: int
    weight_norm: float
    alpha: float | None


@dataclass(frozen=True, eq=False)
class LocalModel:
    """The linear model that the network is at one example.

    Attributes:
        example: its row in the data handed in.
        label: its class number; None if it is not labeled.
        inputs: shape (n_features,).
        active: units that are on, per hidden layer.
        outputs: what the network's output layer says (before the softmax), shape (n_outputs,).
        columns: numbers of the outputs shown: the largest, then the runner-up if there is one.
        weights: shape (n_features, len(columns)), float64.
        bias: shape (len(columns),), float64.
        relative_error: largest difference between the linear model and the network at this
            example, over the network's largest output.
    """

    example: int
    label: int | None
    inputs: Array
    active: tuple[int, ...]
    outputs: Array
    columns: tuple[int, ...]
    weights: Array
    bias: Array
    relative_error: float

    @property
    def contributions(self) -> Array:
        """What each input adds to the lead over the runner-up, shape (n_features,).

        Together with the difference of the biases they are the lead. With a single output: what
        each input adds to it.
        """
        lead = self.weights[:, 0]
        if len(self.columns) > 1:
            lead = lead - self.weights[:, 1]
        return np.asarray(lead * self.inputs)


@dataclass(frozen=True, eq=False)
class Inspection:
    """All measurements of one network on one data set.

    Attributes:
        title: of the page.
        provenance: names and values, shown as they are.
        layers: hidden layers first; the output layer last, if there is one.
        n_hidden: how many of `layers` are hidden; the measurements are of these.
        n_given: examples handed in.
        n_examples: examples looked at, drawn at random if there were more.
        n_labeled: those of them that have a label.
        n_features: inputs.
        input_zeros: share of exact zeros among the inputs.
        accuracy: share of the labeled examples whose largest output is their class; None without
            labels or output layer.
        rmse: root of the mean squared error of the expected rating, over the labeled examples; None
            unless classes are ratings.
        classes: names of the outputs, as far as they are known.
        image_shape: (height, width) or (height, width, channels) of an input; None if no image.
        feature_names: names of the inputs; None if they have none.
        sparsity: zeros per layer and unit.
        active_counts: units that are on, shape (n_examples, n_hidden).
        patterns: how many linear models are in use; None unless all layers are rectifiers.
        stability: of the active set; None unless all hidden layers are rectifiers.
        shares: how evenly the units share the work.
        separability: of the inputs and each code; None without labels.
        gradients: norms at every layer, the output included; None without labels or output layer.
        local_models: of a few examples; none unless the network is a rectifier network with
            outputs.
    """

    title: str
    provenance: tuple[tuple[str, str], ...]
    layers: tuple[LayerFacts, ...]
    n_hidden: int
    n_given: int
    n_examples: int
    n_labeled: int
    n_features: int
    input_zeros: float
    accuracy: float | None
    rmse: float | None
    classes: tuple[str, ...]
    image_shape: tuple[int, ...] | None
    feature_names: tuple[str, ...] | None
    sparsity: SparsityProfile
    active_counts: Array
    patterns: ActivationPatterns | None
    stability: PerturbationStability | None
    shares: UnitShares
    separability: LinearSeparability | None
    gradients: GradientNorms | None
    local_models: tuple[LocalModel, ...]

    @property
    def hidden(self) -> tuple[LayerFacts, ...]:
        """The hidden layers."""
        return self.layers[: self.n_hidden]

    def class_name(self, number: int) -> str:
        """Return the name of an output: its class, or its number."""
        return self.classes[number] if number < len(self.classes) else str(number)

    def feature_name(self, number: int) -> str:
        """Return the name of an input, or its number."""
        return self.feature_names[number] if self.feature_names else f"input {number}"
