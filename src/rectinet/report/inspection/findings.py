"""What an inspection found, in sentences that follow from its numbers."""

from __future__ import annotations

import numpy as np

from rectinet.report.inspection.result import Inspection
from rectinet.report.parts import Statement
from rectinet.report.wording import listing, percent, plural


def findings(inspection: Inspection) -> tuple[Statement, ...]:
    """Return the findings, the most important first; what was not measured is left out."""
    candidates = (
        ("Network", _network(inspection)),
        ("Zeros", _zeros(inspection)),
        ("Variable size", _size(inspection)),
        ("Linear models", _models(inspection)),
        ("Under noise", _stability(inspection)),
        ("Separability", _separability(inspection)),
        ("Shared work", _shares(inspection)),
        ("Gradients", _gradients(inspection)),
    )
    return tuple(Statement(topic, (text,)) for topic, text in candidates if text)


def _network(inspection: Inspection) -> str:
    sizes = [inspection.n_features, *(layer.n_units for layer in inspection.layers)]
    kinds = list(dict.fromkeys(layer.activation for layer in inspection.hidden))
    text = (
        f"{' – '.join(f'{size:,}' for size in sizes)} units, {listing(kinds)}; looked at with "
        f"{plural(inspection.n_examples, 'example')}"
    )
    if inspection.n_given > inspection.n_examples:
        text += f", drawn at random from {inspection.n_given:,}"
    text += f", whose inputs are {percent(inspection.input_zeros, 1)} zeros."
    if inspection.accuracy is not None:
        text += (
            f" It is right for {percent(inspection.accuracy, 1)} of the "
            f"{inspection.n_labeled:,} that have a label."
        )
    if inspection.rmse is not None:
        text += (
            f" The expected rating is off by {inspection.rmse:.3f} (root of the mean squared "
            "error); right means that the most probable one is the true one."
        )
    return text


def _zeros(inspection: Inspection) -> str:
    zeros = inspection.sparsity.zeros
    if not any(zeros):
        return "No output of a hidden unit is ever exactly 0."
    mean = percent(inspection.sparsity.mean_zeros, 1)
    text = f"{mean} of the hidden units’ outputs are exactly 0"
    if len(zeros) > 1:
        text += f": {listing([percent(share, 1) for share in zeros])}, first layer to last"
    dead = sum(len(units) for units in inspection.sparsity.dead)
    total = sum(layer.n_units for layer in inspection.hidden)
    return f"{text}. {dead:,} of {plural(total, 'unit')} {'is' if dead == 1 else 'are'} dead."


def _size(inspection: Inspection) -> str:
    if inspection.sparsity.mean_zeros == 0:
        return ""
    total = inspection.active_counts.sum(axis=1)
    low, middle, high = np.percentile(total, [5, 50, 95])
    n_units = sum(layer.n_units for layer in inspection.hidden)
    return (
        f"{middle:,.0f} of {n_units:,} hidden units are on for the median example; nine examples "
        f"in ten have {low:,.0f} to {high:,.0f}."
    )


def _models(inspection: Inspection) -> str:
    patterns = inspection.patterns
    if patterns is None:
        return ""
    text = (
        f"{plural(patterns.n_examples, 'example')} switch on "
        f"{plural(patterns.distinct, 'distinct set')} of units: so many linear models are in use"
    )
    if patterns.largest_group > 1:
        text += f"; the most frequent one serves {plural(patterns.largest_group, 'example')}"
    if inspection.local_models:
        worst = max(model.relative_error for model in inspection.local_models)
        text += (
            f". Worked out for {plural(len(inspection.local_models), 'example')}, that model gives "
            f"the network’s output to {worst:.0e} relative"
        )
    return f"{text}."


def _stability(inspection: Inspection) -> str:
    stability = inspection.stability
    if stability is None:
        return ""
    at = int(np.argmin([abs(level - 0.1) for level in stability.strengths]))
    kept, between = float(stability.overlap[:, at].mean()), stability.between_examples
    text = (
        f"Noise of {percent(stability.strengths[at], 0)} of the input’s length leaves "
        f"{percent(kept, 0)} of the active set as it was"
    )
    if np.isfinite(between).all():
        text += f"; two different examples share {percent(float(between.mean()), 0)}"
    return f"{text} (overlap, mean over layers)."


def _separability(inspection: Inspection) -> str:
    found = inspection.separability
    if found is None:
        return ""
    return (
        f"A linear classifier is right for {percent(found.test_accuracy[0], 1)} of the examples "
        f"held out when it sees the inputs, and for {percent(found.test_accuracy[-1], 1)} when it "
        "sees the last layer’s code."
    )


def _shares(inspection: Inspection) -> str:
    shares = inspection.shares
    parts = [
        f"{effective:,.0f} of {layer.n_units:,}"
        for effective, layer in zip(shares.effective_units, inspection.hidden, strict=True)
    ]
    where = ", first layer to last" if len(parts) > 1 else ""
    return (
        f"The activity is spread as if {listing(parts)} units did all of it in equal parts{where}."
    )


def _gradients(inspection: Inspection) -> str:
    found = inspection.gradients
    if found is None:
        return ""
    first, last = found.weight[0], found.weight[inspection.n_hidden - 1]
    worst = max(found.blocked)
    text = "Some gradient of every example reaches every layer"
    if worst > 0:
        text = f"No gradient reaches some layer for up to {percent(worst, 2)} of the examples"
    if inspection.n_hidden > 1 and last > 0:
        ratio = f"{first / last:.2g}"
        text += f"; the first layer’s weights get {ratio} times the last hidden layer’s gradient"
    return f"{text}."
