"""The same rows are the same examples, dense or sparse, from a file map or read-only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array, csc_array, csr_array, csr_matrix

from rectinet.estimators import (
    RectifierClassifier,
    RectifierRegressor,
    StackedDenoisingAutoencoder,
    load,
)

_KINDS = [RectifierClassifier, RectifierRegressor, StackedDenoisingAutoencoder]
_SPARSE = [csr_array, csr_matrix, csc_array, coo_array]

# Inputs for which the estimators choose each of their scalings.
_RANDOM = np.random.default_rng(0)
_SHARES = np.where(_RANDOM.random((60, 5)) < 0.5, _RANDOM.random((60, 5)), 0)
_INPUTS = {
    "standardized": 1e6 + 3 * _RANDOM.standard_normal((60, 5)),
    "divided": np.floor(20 * _SHARES),
    "as they are": _SHARES,
}


def _new(kind: Any, **settings: Any) -> Any:
    return kind((8,), max_iter=3, random_state=0, **settings)


def _target(X: np.ndarray) -> np.ndarray:
    return np.asarray(X[:, 0] > np.median(X[:, 0])).astype(int)


def _answers(model: Any, X: Any, y: np.ndarray) -> dict[str, np.ndarray]:
    names = ("predict", "predict_proba", "predict_log_proba", "transform", "reconstruct")
    said = {name: getattr(model, name)(X) for name in names if hasattr(model, name)}
    said = {
        name: each if isinstance(each, np.ndarray) else each.toarray()
        for name, each in said.items()
    }
    return said | {"score": np.array(model.score(X, y))}


def _assert_same(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> None:
    for name, each in ours.items():
        np.testing.assert_allclose(each, theirs[name], rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("X", _INPUTS.values(), ids=_INPUTS)
@pytest.mark.parametrize("fitted_on", [np.asarray, csr_array])
@pytest.mark.parametrize("how", ["fit", "partial_fit", "load"])
def test_dense_and_sparse_rows_get_the_same_answers(
    kind: Any, X: np.ndarray, fitted_on: Any, how: str, tmp_path: Path
) -> None:
    y = _target(X)
    model = getattr(_new(kind), "partial_fit" if how == "partial_fit" else "fit")(fitted_on(X), y)
    if how == "load":
        model = load(model.save(tmp_path / "model"))
    dense = _answers(model, X, y)
    for form in _SPARSE:
        _assert_same(_answers(model, form(X), y), dense)


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("X", _INPUTS.values(), ids=_INPUTS)
@pytest.mark.parametrize("first", [np.asarray, csr_array])
@pytest.mark.parametrize("loaded", [False, True])
def test_training_goes_on_alike_with_dense_and_sparse_rows(
    kind: Any, X: np.ndarray, first: Any, loaded: bool, tmp_path: Path
) -> None:
    y, bits = _target(X), []
    for then in (np.asarray, csr_array):
        model = _new(kind).partial_fit(first(X), y)
        if loaded:
            model = load(model.save(tmp_path / "model"))
        model.partial_fit(then(X[::2]), y[::2])
        layers = model.layers_ if hasattr(model, "layers_") else model.network_.layers
        bits.append([layer.weight.tobytes() for layer in layers])
    assert bits[0] == bits[1]


@pytest.mark.parametrize("X", _INPUTS.values(), ids=_INPUTS)
@pytest.mark.parametrize("kind", _KINDS[:2])
def test_a_stack_of_dense_rows_serves_sparse_ones(kind: Any, X: np.ndarray) -> None:
    y = _target(X)
    stack = _new(StackedDenoisingAutoencoder).fit(X)
    dense, sparse = (
        _new(kind, pretraining=stack, solver="sgd").fit(rows, y) for rows in (X, csr_array(X))
    )
    _assert_same(_answers(sparse, X, y), _answers(dense, X, y))


def test_many_sparse_rows_are_dense_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    X = _INPUTS["standardized"]
    model = _new(RectifierClassifier).fit(X, _target(X))
    expected = model.predict_proba(X)
    monkeypatch.setattr("rectinet.engine.passes._DENSE", 7 * 5)
    largest, scale = [], type(model.scaling_)._scaled

    def scaled(self: Any, rows: Any) -> Any:
        largest.append(rows.shape[0])
        return scale(self, rows)

    monkeypatch.setattr(type(model.scaling_), "_scaled", scaled)
    np.testing.assert_allclose(model.predict_proba(csr_array(X)), expected, rtol=1e-5)
    assert max(largest) == 7


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("solver", ["sgd", "momentum", "adam"])
def test_a_model_mapped_from_a_file_is_a_model(kind: Any, solver: str, tmp_path: Path) -> None:
    X = np.random.default_rng(0).random((300, 200))  # as large as joblib maps
    y = _target(X)
    settings = {"solver": solver} if kind is not StackedDenoisingAutoencoder else {}
    model = _new(kind, **settings).partial_fit(X, y)
    joblib.dump((model, X, y), tmp_path / "model")
    mapped, X_mapped, y_mapped = joblib.load(tmp_path / "model", mmap_mode="r")
    _assert_same(_answers(mapped, X_mapped, y_mapped), _answers(model, X, y))
    for each, rows in ((mapped, X_mapped), (model, X)):
        each.partial_fit(rows, y).partial_fit(rows, y, sample_weight=np.ones(len(y)))
    _assert_same(_answers(mapped, X_mapped, y_mapped), _answers(model, X, y))
    mapped.fit(X_mapped, y_mapped)


@pytest.mark.parametrize("kind", _KINDS)
def test_arrays_that_must_not_be_written_are_not(kind: Any) -> None:
    dense, y = _INPUTS["divided"].copy(), _target(_INPUTS["divided"])
    sparse, weight = csr_array(dense), np.arange(60.0)
    for array in (dense, y, weight, sparse.data, sparse.indices, sparse.indptr):
        array.flags.writeable = False
    frame = pd.DataFrame(dense, copy=False)
    single = np.asarray(_INPUTS["as they are"], np.float32)  # what the kernels take as it is
    single.flags.writeable = False
    for X in (dense, single, sparse, np.asfortranarray(dense), dense[:, ::-1], frame):
        model = _new(kind).fit(X, y, sample_weight=weight)
        model.partial_fit(X, y, sample_weight=weight)
        _answers(model, X, y)
