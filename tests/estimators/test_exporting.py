"""ONNX files of estimators say what the estimators say, of inputs that are not scaled."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from rectinet.estimators import (
    RectifierClassifier,
    RectifierRegressor,
    StackedDenoisingAutoencoder,
)

# What is promised of probabilities; of other values, relative to the largest.
TOLERANCE = 1e-5

SMALL: dict[str, Any] = {"hidden_layer_sizes": (7, 5), "max_iter": 2, "random_state": 0}

Fitted = Callable[[np.ndarray, np.ndarray], tuple[Any, str, Callable[[np.ndarray], Any]]]


def classifier(scaling: str, dtype: str = "float32") -> Fitted:
    def fit(X: np.ndarray, y: np.ndarray) -> tuple[Any, str, Callable[[np.ndarray], Any]]:
        model = RectifierClassifier(scaling=scaling, dtype=dtype, **SMALL).fit(X, y)
        return model, "probabilities", model.predict_proba

    return fit


def regressor(output: str, targets: Callable[[np.ndarray], np.ndarray]) -> Fitted:
    def fit(X: np.ndarray, y: np.ndarray) -> tuple[Any, str, Callable[[np.ndarray], Any]]:
        model = RectifierRegressor(output=output, **SMALL).fit(X, targets(y))
        return model, "values", lambda X: model.predict(X).reshape(len(X), -1)

    return fit


def autoencoder(X: np.ndarray, _: np.ndarray) -> tuple[Any, str, Callable[[np.ndarray], Any]]:
    model = StackedDenoisingAutoencoder(sparse_output=False, **SMALL).fit(X)
    return model, "values", model.transform


FITTED: dict[str, Fitted] = {
    "inputs as they are": classifier("none"),
    "one range": classifier("max"),
    "standardized": classifier("standard"),
    "double precision": classifier("standard", "float64"),
    "one target": regressor("linear", lambda y: 100 + 10 * y),
    "several targets": regressor("linear", lambda y: np.column_stack([y, -1000.0 * y])),
    "a constant target": regressor("linear", lambda y: np.column_stack([y, 0 * y + 7])),
    "stars": regressor("expectation", lambda y: y / 2),
    "code": autoencoder,
}


def test_the_file_clips_as_the_estimator_does(
    digits: tuple[np.ndarray, np.ndarray],
    tmp_path: Path,
    run_onnx: Callable[[Path, np.ndarray], dict[str, np.ndarray]],
) -> None:
    X, y = digits[0].copy(), digits[1]
    X[3, 20], X[:, 0] = 1e9, np.arange(len(X)) == 7
    model = RectifierClassifier(**SMALL, scaling="standard").fit(X, y)
    assert model.scaling_.clipped[20] == 1
    X[5] = 1e12
    found = run_onnx(model.to_onnx(tmp_path / "model.onnx"), X.astype(np.float32))
    said = model.predict_proba(X.astype(np.float32))
    np.testing.assert_allclose(found["probabilities"], said, atol=TOLERANCE)


@pytest.mark.parametrize("fitted", FITTED.values(), ids=FITTED.keys())
def test_the_file_says_what_the_estimator_says(
    fitted: Fitted,
    digits: tuple[np.ndarray, np.ndarray],
    tmp_path: Path,
    run_onnx: Callable[[Path, np.ndarray], dict[str, np.ndarray]],
) -> None:
    X, y = digits
    model, name, said = fitted(X, y)
    found = run_onnx(model.to_onnx(tmp_path / "model.onnx"), X.astype(np.float32))[name]
    expected = np.asarray(said(X))
    np.testing.assert_allclose(found, expected, atol=TOLERANCE * max(1, abs(expected).max()))
    # Otherwise any constant would do.
    assert expected.std(axis=0).max() > 100 * TOLERANCE


def test_the_label_is_a_position_among_the_classes(
    digits: tuple[np.ndarray, np.ndarray],
    tmp_path: Path,
    run_onnx: Callable[[Path, np.ndarray], dict[str, np.ndarray]],
) -> None:
    X, y = digits
    names = np.array(list("jihgfedcba"))
    model = RectifierClassifier(**SMALL).fit(X, names[y])
    label = run_onnx(model.to_onnx(tmp_path / "model.onnx"), X.astype(np.float32))["label"]
    assert (model.classes_[label] == model.predict(X)).all()


@pytest.mark.parametrize("classes", [list("jihgfedcba"), [*range(-5, 5)], [False] * 5 + [True] * 5])
def test_the_file_says_what_the_classes_are(
    classes: list[Any], digits: tuple[np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed (extra: onnx)")
    X, y = digits
    model = RectifierClassifier(**SMALL).fit(X, np.array(classes)[y])
    properties = onnx.load(model.to_onnx(tmp_path / "model.onnx")).metadata_props
    metadata = {entry.key: entry.value for entry in properties}
    assert json.loads(metadata["classes"]) == model.classes_.tolist()


def test_an_estimator_that_is_not_fitted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError):
        RectifierClassifier().to_onnx(tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())
