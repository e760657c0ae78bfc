"""The rows of an inspection's tables, for the page and the terminal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rectinet.report.inspection.result import Inspection, LocalModel
from rectinet.report.wording import NOTHING

_N_CONTRIBUTIONS = 8


@dataclass(frozen=True)
class LayerRow:
    """One hidden layer, as text; percentages without their sign.

    Attributes:
        name, units, activation: which layer.
        zeros: exact zeros, mean over examples and units.
        dead: units that are zero for every example.
        active: units on per example, the median.
        spread: the same, 5th to 95th percentile.
        patterns: distinct sets of active units.
        effective: how many equal units would do the same work.
        evenness: normalized entropy of the units' shares.
        overlap: of active sets under noise of a tenth of the input's length.
        separable: accuracy of a linear classifier on the code, on examples held out.
    """

    name: str
    units: str
    activation: str
    zeros: str
    dead: str
    active: str
    spread: str
    patterns: str
    effective: str
    evenness: str
    overlap: str
    separable: str


def layer_rows(inspection: Inspection) -> tuple[LayerRow, ...]:
    """Return one row per hidden layer."""
    patterns, stability = inspection.patterns, inspection.stability
    separability, shares = inspection.separability, inspection.shares
    rows = []
    for index, layer in enumerate(inspection.hidden):
        low, middle, high = np.percentile(inspection.active_counts[:, index], [5, 50, 95])
        overlap = NOTHING
        if stability is not None:
            at = int(np.argmin([abs(level - 0.1) for level in stability.strengths]))
            overlap = f"{100 * stability.overlap[index, at]:.0f}"
        rows.append(
            LayerRow(
                name=layer.name,
                units=f"{layer.n_units:,}",
                activation=layer.activation,
                zeros=f"{100 * inspection.sparsity.zeros[index]:.1f}",
                dead=f"{len(inspection.sparsity.dead[index]):,}",
                active=f"{middle:,.0f}",
                spread=f"{low:,.0f}–{high:,.0f}",
                patterns=NOTHING if patterns is None else f"{patterns.per_layer[index]:,}",
                effective=f"{shares.effective_units[index]:,.0f}",
                evenness=f"{100 * shares.evenness[index]:.0f}",
                overlap=overlap,
                separable=NOTHING
                if separability is None
                else f"{100 * separability.test_accuracy[index + 1]:.1f}",
            )
        )
    return tuple(rows)


@dataclass(frozen=True)
class ScaleRow:
    """The scale of one layer's weights and gradients, the output layer included, as text."""

    name: str
    norm: str
    alpha: str
    reaching: str
    passing: str
    weight: str
    blocked: str


def scale_rows(inspection: Inspection) -> tuple[ScaleRow, ...]:
    """Return one row per layer."""
    found = inspection.gradients
    rows = []
    for index, layer in enumerate(inspection.layers):
        gradients = [NOTHING] * 4
        if found is not None:
            gradients = [
                f"{found.output[index]:.3g}",
                f"{found.pre_activation[index]:.3g}",
                f"{found.weight[index]:.3g}",
                f"{100 * found.blocked[index]:.1f}",
            ]
        alpha = NOTHING if layer.alpha is None else f"{layer.alpha:.3g}"
        rows.append(ScaleRow(layer.name, f"{layer.weight_norm:.4g}", alpha, *gradients))
    return tuple(rows)


@dataclass(frozen=True)
class Contribution:
    """What one input adds to the lead of the largest output.

    Attributes:
        name: of the input.
        value: the input itself.
        adds: weight difference times value.
    """

    name: str
    value: float
    adds: float


def contributions(inspection: Inspection, model: LocalModel) -> tuple[Contribution, ...]:
    """Return the inputs that decide between the two largest outputs, the strongest first."""
    adds = model.contributions
    strongest = np.argsort(-np.abs(adds), kind="stable")[:_N_CONTRIBUTIONS]
    return tuple(
        Contribution(
            inspection.feature_name(int(number)), float(model.inputs[number]), float(adds[number])
        )
        for number in strongest
        if adds[number] != 0
    )
