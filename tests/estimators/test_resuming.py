"""Training that is stopped after any file, loaded, and goes on to the same bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.estimators import (
    RectifierClassifier,
    RectifierRegressor,
    StackedDenoisingAutoencoder,
    load,
)

Data = tuple[np.ndarray, np.ndarray]

_SMALL: dict[str, Any] = {"hidden_layer_sizes": (7, 5), "random_state": 0}
_FILES = 3
_ROWS = 100  # of a file

_STACKS: dict[str, dict[str, Any]] = {
    "divided codes": {},
    "divided by one number": {"reconstruction": "linear"},
    "divided targets": {"activation": "softplus"},
    "targets between bounds": {"activation": "tanh"},
    "codes as they are": {"reconstruction": "softplus"},
    "tied": {"tied": True},
    "double precision": {"dtype": "float64"},
}
_NETWORKS: dict[str, dict[str, Any]] = {
    "plain": {"solver": "sgd"},
    "momentum": {"solver": "momentum", "dropout": 0.3},
    "adam": {"solver": "adam", "input_dropout": 0.2},
    "pre-trained": {"pretraining": "denoising", "pretraining_iter": 1},
    "double precision": {"solver": "adam", "dtype": "float64"},
}


def _cases() -> list[Any]:
    kinds = [
        ("stack", _STACKS, lambda settings: StackedDenoisingAutoencoder(**_SMALL, **settings)),
        ("classifier", _NETWORKS, lambda settings: RectifierClassifier(**_SMALL, **settings)),
        ("regressor", _NETWORKS, lambda settings: RectifierRegressor(**_SMALL, **settings)),
        (
            "ratings",
            _NETWORKS,
            lambda settings: RectifierRegressor(output="expectation", **_SMALL, **settings),
        ),
    ]
    return [
        pytest.param(make, settings, as_file, id=f"{kind}, {name}, {form}")
        for kind, several, make in kinds
        for name, settings in several.items()
        for form, as_file in (("dense", np.asarray), ("CSR", csr_array))
    ]


def layers(model: Any) -> list[Any]:
    """Return all layers of a network, or of a stack and its decoders."""
    if hasattr(model, "network_"):
        return list(model.network_.layers)
    return [*model.layers_, *model.decoders_]


def bits(model: Any) -> list[bytes]:
    return [array.tobytes() for layer in layers(model) for array in (layer.weight, layer.bias)]


def train(
    model: Any, X: Any, y: Any, after_each: Callable[[Any], Any] = lambda model: model
) -> Any:
    """Pass over the files, and twice over the last."""
    for number in (*range(_FILES), _FILES - 1):
        rows = slice(number * _ROWS, (number + 1) * _ROWS)
        model.partial_fit(X[rows], y[rows])
        model = after_each(model)
    return model


@pytest.mark.parametrize(("make", "settings", "as_file"), _cases())
def test_stopped_after_each_file_training_ends_with_the_same_bits(
    make: Callable[[dict[str, Any]], Any],
    settings: dict[str, Any],
    as_file: Callable[[np.ndarray], Any],
    digits: Data,
    tmp_path: Path,
) -> None:
    X, y = as_file(digits[0] / 16), digits[1]
    never = train(make(settings), X, y)
    stopped = train(make(settings), X, y, lambda model: load(model.save(tmp_path)))
    assert bits(stopped) == bits(never)
    assert stopped.n_iter_ == never.n_iter_ == _FILES + 1
    np.testing.assert_array_equal(stopped.transform(X).toarray(), never.transform(X).toarray())


def test_sampled_words_go_on_as_well(digits: Data, tmp_path: Path) -> None:
    X = csr_array((digits[0] > 8).astype(np.float32))
    never, stopped = (
        train(
            StackedDenoisingAutoencoder(reconstruction_sampling=0.3, **_SMALL), X, digits[1], then
        )
        for then in (lambda model: model, lambda model: load(model.save(tmp_path)))
    )
    assert bits(stopped) == bits(never)


@pytest.mark.parametrize("kind", [StackedDenoisingAutoencoder, RectifierClassifier])
def test_models_of_earlier_versions_go_on(kind: Any, digits: Data) -> None:
    """They have neither the seed, nor the calls, nor what codes were divided by."""
    X, y = digits
    model = train(kind(**_SMALL), X, y)
    stored = model.to_stored()
    old = replace(
        stored,
        values={name: value for name, value in stored.values.items() if name not in _NEW},
        arrays={
            name: array
            for name, array in stored.arrays.items()
            if not name.startswith(("code_divisor", "solver"))
        },
    )
    again = kind.from_stored(old)
    assert bits(again) == bits(model)
    np.testing.assert_array_equal(again.transform(X).toarray(), model.transform(X).toarray())
    before = again.score(X, y)
    assert train(again, X, y).score(X, y) > before


_NEW = ("seed", "calls", "solver")
