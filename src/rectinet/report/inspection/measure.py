"""All measurements of one network on one data set."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import issparse

from rectinet.analysis import (
    activation_patterns,
    active_unit_counts,
    gradient_norms,
    linear_separability,
    local_linear_model,
    perturbation_stability,
    sparsity_profile,
    unit_shares,
    weight_norms,
)
from rectinet.data import check_inputs, check_labels
from rectinet.engine import (
    DEFAULT_ENGINE,
    Inputs,
    batches,
    encode,
    forward,
    predict_probabilities,
)
from rectinet.errors import SettingError
from rectinet.nn import Array, Layer, Linear, Network, Rectifier
from rectinet.randomness import generator
from rectinet.report.inspection.result import Inspection, LayerFacts, LocalModel
from rectinet.studies.ratings import expectation_rmse

_WRONG_SHOWN = 2  # of the local models, so many at most are of wrong predictions


def inspect_network(
    layers: Sequence[Layer],
    X: Inputs,
    y: Any = None,
    *,
    class_names: Sequence[object] | None = None,
    class_values: Sequence[float] | None = None,
    image_shape: Sequence[int] | None = None,
    feature_names: Sequence[object] | None = None,
    title: str = "A rectifier network, inspected",
    provenance: Mapping[str, object] | None = None,
    max_examples: int = 10_000,
    n_local_models: int = 6,
    seed: int = 0,
) -> Inspection:
    """Measure what a network does with a data set; what does not apply to it is left out.

    Args:
        layers: bottom to top. A linear layer on top is the output layer, the others are hidden;
            without one (a pre-trained stack) there are no outputs.
        X: inputs, shape (n, n_features), dense or CSR; best not those of training.
        y: class numbers, shape (n,); negative: not labeled. None: no labels, or no classes. The
            gradients are those of the softmax's log-likelihood.
        class_names: one per output.
        class_values: the rating that each output stands for, where classes are ratings.
        image_shape: (height, width) or (height, width, channels), where inputs are images.
        feature_names: one per input.
        title: of the page.
        provenance: where network and data come from, names and values, shown as they are.
        max_examples: so many are looked at, drawn at random if `X` has more.
        n_local_models: how many examples' linear models are worked out and shown.
        seed: of all draws.

    Returns:
        The measurements; the same arguments give the same.

    Raises:
        InputError: if `X`, `y` or the layers' numbers cannot be used.
        SettingError: if there is no hidden layer, or another argument does not fit the network.
    """
    layers = tuple(layers)
    has_outputs = len(layers) > 0 and isinstance(layers[-1].activation, Linear)
    hidden = layers[:-1] if has_outputs else layers
    if not hidden:
        raise SettingError(
            f"layers has {len(layers)} layers and no hidden one; inspect a network with at least "
            "one hidden layer"
        )
    X = check_inputs(X, n_features=layers[0].weight.shape[0])
    n_given, n_features = X.shape
    n_outputs = layers[-1].weight.shape[1] if has_outputs else None
    labels = np.full(n_given, -1) if y is None else _labels(y, n_given, n_outputs)
    classes = _names(class_names, n_outputs, "class_names")
    ratings = _ratings(class_values, n_outputs)
    features = _names(feature_names, n_features, "feature_names")
    shape = _image_shape(image_shape, n_features)
    for name, value, least in (
        ("max_examples", max_examples, 1),
        ("n_local_models", n_local_models, 0),
    ):
        if not isinstance(value, int | np.integer) or value < least:
            raise SettingError(f"{name} is {value!r}; give a whole number of {least} or more")
    random = generator(seed, "inspection")
    chosen = np.sort(random.permutation(n_given)[:max_examples])
    if len(chosen) < n_given:
        X, labels = X[chosen], labels[chosen]
    X = X.astype(layers[0].weight.dtype, copy=False)

    known = np.flatnonzero(labels >= 0)
    rectifiers = all(isinstance(layer.activation, Rectifier) for layer in hidden)
    sparsity = sparsity_profile(hidden, X)  # also checks the layers' numbers
    predicted = _predicted(layers, X) if has_outputs else None
    graded = n_outputs is not None and n_outputs > 1 and len(known) > 0
    local: tuple[LocalModel, ...] = ()
    if rectifiers and predicted is not None:
        rows = _examples_to_show(predicted, labels, n_local_models, random)
        local = tuple(_local_model(layers, X, labels, row, int(chosen[row])) for row in rows)
    return Inspection(
        title=title,
        provenance=tuple((str(name), str(value)) for name, value in (provenance or {}).items()),
        layers=_facts(layers, len(hidden)),
        n_hidden=len(hidden),
        n_given=n_given,
        n_examples=len(chosen),
        n_labeled=len(known),
        n_features=n_features,
        input_zeros=1 - _count_nonzero(X) / (X.shape[0] * n_features),
        accuracy=_accuracy(predicted, labels) if graded else None,
        rmse=_rmse(layers, X[known], labels[known], ratings) if graded else None,
        classes=classes or (),
        image_shape=shape,
        feature_names=features,
        sparsity=sparsity,
        active_counts=active_unit_counts(hidden, X),
        patterns=activation_patterns(hidden, X) if rectifiers else None,
        stability=perturbation_stability(hidden, X, seed=seed) if rectifiers else None,
        shares=unit_shares(hidden, X),
        separability=linear_separability(hidden, X, labels, seed=seed)
        if _can_be_separated(labels[known])
        else None,
        gradients=gradient_norms(layers, X[known], labels[known]) if graded else None,
        local_models=local,
    )


def _labels(y: Any, n_examples: int, n_outputs: int | None) -> Array:
    """Return class numbers, -1 where there is none; one output (a regression) bounds nothing."""
    n_classes = n_outputs if n_outputs != 1 else None
    values = np.asarray(y)
    unlabeled = values < 0 if values.dtype.kind in "if" else np.zeros(values.shape, bool)
    known = values if not unlabeled.any() else np.where(unlabeled, 0, values)
    labels = check_labels(known, n_examples=n_examples, n_classes=n_classes)
    return np.where(unlabeled, -1, labels)


def _names(names: Sequence[object] | None, n: int | None, what: str) -> tuple[str, ...] | None:
    if names is None or n is None:
        return None
    if len(names) != n:
        raise SettingError(f"{what} has {len(names)} names; give {n}, or None")
    return tuple(str(name) for name in names)


def _ratings(values: Sequence[float] | None, n_outputs: int | None) -> Array | None:
    if values is None or n_outputs is None:
        return None
    try:
        ratings = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        ratings = np.full(1, np.nan)
    if ratings.shape != (n_outputs,) or not np.isfinite(ratings).all():
        raise SettingError(
            f"class_values is {values!r:.60}; give {n_outputs} finite numbers, one per output, or "
            "None"
        )
    return ratings


def _image_shape(shape: Sequence[int] | None, n_features: int) -> tuple[int, ...] | None:
    if shape is None:
        return None
    fits = len(shape) in (2, 3) and min(shape) > 0 and math.prod(shape) == n_features
    if not fits:
        raise SettingError(
            f"image_shape is {tuple(shape)}; give (height, width) or (height, width, channels) of "
            f"{n_features} values in all, or None"
        )
    return tuple(int(side) for side in shape)


def _count_nonzero(X: Any) -> int:
    return int(np.count_nonzero(X.data if issparse(X) else X))


def _can_be_separated(labels: Array) -> bool:
    """Return whether a random half surely has two classes, or nearly so: two of ten each."""
    _, counts = np.unique(labels, return_counts=True)
    return int(np.count_nonzero(counts >= 10)) >= 2


def _predicted(layers: Sequence[Layer], X: Inputs) -> Array:
    parts = [encode(DEFAULT_ENGINE, layers, X[rows]).argmax(axis=1) for rows in batches(X.shape[0])]
    return np.concatenate(parts)


def _accuracy(predicted: Array | None, labels: Array) -> float | None:
    known = labels >= 0
    return None if predicted is None else float((predicted[known] == labels[known]).mean())


def _rmse(
    layers: tuple[Layer, ...], X: Inputs, labels: Array, ratings: Array | None
) -> float | None:
    if ratings is None:
        return None
    return expectation_rmse(predict_probabilities(Network(layers), X), labels, ratings)


def _facts(layers: Sequence[Layer], n_hidden: int) -> tuple[LayerFacts, ...]:
    norms = weight_norms(layers)
    can = bool(norms.all()) and all(layer.activation.homogeneous for layer in layers)
    alphas = norms / np.exp(np.log(norms).mean()) if can else None
    return tuple(
        LayerFacts(
            name=f"layer {index + 1}" if index < n_hidden else "output",
            activation=layer.activation.name,
            n_in=layer.weight.shape[0],
            n_units=layer.weight.shape[1],
            weight_norm=float(norms[index]),
            alpha=None if alphas is None else float(alphas[index]),
        )
        for index, layer in enumerate(layers)
    )


def _examples_to_show(
    predicted: Array, labels: Array, wanted: int, random: np.random.Generator
) -> list[int]:
    """Return a few rows: some wrong predictions first, then one of each class as far as it goes."""
    order = random.permutation(len(predicted)).tolist()
    wrong = [row for row in order if 0 <= labels[row] != predicted[row]][:_WRONG_SHOWN]
    firsts: dict[int, int] = {}
    for row in order:
        if row not in wrong:
            firsts.setdefault(int(predicted[row]), row)
    rest = [row for row in order if row not in wrong and row not in firsts.values()]
    by_class = [row for _, row in sorted(firsts.items())]
    return [*wrong, *by_class, *rest[:wanted]][:wanted]


def _local_model(
    layers: Sequence[Layer], X: Any, labels: Array, row: int, example: int
) -> LocalModel:
    x = X[[row]]
    values = forward(DEFAULT_ENGINE, layers, x)
    outputs = np.asarray(values[-1])[0]
    weight, bias = local_linear_model(layers, x)
    columns = np.argsort(-outputs, kind="stable")[:2].tolist()
    inputs = np.asarray(x.toarray() if issparse(x) else x)[0]
    difference = float(np.abs(inputs @ weight + bias - outputs).max())
    scale = float(np.abs(outputs).max())
    return LocalModel(
        example=example,
        label=int(labels[row]) if labels[row] >= 0 else None,
        inputs=inputs,
        active=tuple(int(np.count_nonzero(h)) for h in values[1:-1]),
        outputs=outputs,
        columns=tuple(columns),
        weights=weight[:, columns],
        bias=bias[columns],
        relative_error=difference / scale if scale else difference,
    )
