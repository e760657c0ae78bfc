"""An inspection as a JSON object with all its numbers."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from rectinet.report.inspection.result import Inspection, LocalModel

FORMAT = 1


def to_json(inspection: Inspection) -> dict[str, Any]:
    """Return the measurements as JSON-ready values; None stands where one does not apply."""
    sparsity, shares = inspection.sparsity, inspection.shares
    content = {
        "format": FORMAT,
        "title": inspection.title,
        "provenance": dict(inspection.provenance),
        "n_given": inspection.n_given,
        "n_examples": inspection.n_examples,
        "n_labeled": inspection.n_labeled,
        "n_features": inspection.n_features,
        "input_zeros": inspection.input_zeros,
        "accuracy": inspection.accuracy,
        "rmse": inspection.rmse,
        "classes": inspection.classes,
        "image_shape": inspection.image_shape,
        "layers": [asdict(layer) for layer in inspection.layers],
        "n_hidden": inspection.n_hidden,
        "sparsity": {
            "zeros": sparsity.zeros,
            "mean_zeros": sparsity.mean_zeros,
            "dead_units": sparsity.dead,
            "unit_active_examples": sparsity.active,
        },
        "active_units_per_example": inspection.active_counts,
        "patterns": None if inspection.patterns is None else asdict(inspection.patterns),
        "stability": None if inspection.stability is None else vars(inspection.stability),
        "shares": {
            "evenness": shares.evenness,
            "effective_units": shares.effective_units,
            "gini": shares.gini,
            "unit_shares": shares.shares,
        },
        "separability": None
        if inspection.separability is None
        else asdict(inspection.separability),
        "gradients": None if inspection.gradients is None else asdict(inspection.gradients),
        "local_models": [_local_model(model) for model in inspection.local_models],
    }
    plain: dict[str, Any] = _plain(content)
    return plain


def _local_model(model: LocalModel) -> dict[str, Any]:
    # A list per output shown; the network has single precision, and more digits double the file.
    return {**vars(model), "weights": model.weights.T.astype(np.float32)}


def _plain(value: Any) -> Any:
    """Return nested arrays and tuples as lists, NaN as None, single precision at its own length."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, np.ndarray):
        if value.dtype == np.float32:
            return [float(str(each)) for each in value] if value.ndim == 1 else _plain(list(value))
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
