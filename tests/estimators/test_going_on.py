"""A network that goes on: `warm_start` and `partial_fit`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.errors import InputError, SettingError
from rectinet.estimators import RectifierClassifier, RectifierRegressor, load

Data = tuple[np.ndarray, np.ndarray]

_SETTINGS: dict[str, Any] = {"hidden_layer_sizes": (4,), "max_iter": 1, "random_state": 0}
_KINDS = [RectifierClassifier, RectifierRegressor]


@pytest.mark.parametrize("way", ["fit", "partial_fit"])
@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize(
    ("name", "value", "before"),
    [
        ("hidden_layer_sizes", (5,), "(4,)"),
        ("activation", "tanh", "'rectifier'"),
        ("sign_flip", "none", "'half'"),
        ("scaling", "standard", "'auto'"),
        ("dtype", "float64", "'float32'"),
    ],
)
def test_what_made_the_layers_cannot_change(
    way: str,
    kind: Any,
    name: str,
    value: Any,
    before: str,
    digits: Data,
    tmp_path: Path,
    raises_one_line: Callable,
) -> None:
    model = kind(warm_start=True, **_SETTINGS).fit(*digits)
    model.save(tmp_path / "model")
    for estimator in (model, load(tmp_path / "model")):
        predicted = estimator.predict(digits[0])
        estimator.set_params(**{name: value})
        with raises_one_line(SettingError, f"^{name} is .*but the network to go on with") as _:
            getattr(estimator, way)(*digits)
        np.testing.assert_array_equal(estimator.predict(digits[0]), predicted)
    with pytest.raises(SettingError) as error:
        getattr(model, way)(*digits)
    assert repr(value) in str(error.value)
    assert before in str(error.value)
    assert model.set_params(warm_start=False).fit(*digits).n_iter_ == 1


def test_the_same_sizes_may_be_written_otherwise(digits: Data) -> None:
    model = RectifierClassifier(**_SETTINGS).partial_fit(*digits)
    assert model.set_params(hidden_layer_sizes=[4]).partial_fit(*digits).n_iter_ == 2


def test_classes_cannot_change(digits: Data, raises_one_line: Callable) -> None:
    model = RectifierClassifier(**_SETTINGS).partial_fit(*digits, classes=range(10))
    model.partial_fit(*digits, classes=np.arange(10)[::-1])
    for classes in (range(9), range(11), [str(digit) for digit in range(10)]):
        with raises_one_line(InputError, "^classes is .*not the same as on last call"):
            model.partial_fit(*digits, classes=classes)
    assert model.n_iter_ == 2


@pytest.mark.parametrize(("kind", "nothing"), [*zip(_KINDS, (-1, np.nan), strict=True)])
def test_a_file_without_labels_changes_nothing_but_cannot_be_the_first(
    kind: Any, nothing: float, digits: Data, raises_one_line: Callable
) -> None:
    X, y = digits
    unlabelled = np.full(len(y), nothing)
    model = kind(**_SETTINGS)
    with raises_one_line(InputError, "no label at all"):
        model.partial_fit(X, unlabelled)
    before = model.partial_fit(X, y).predict(X)
    assert model.partial_fit(X, unlabelled).n_iter_ == 1
    np.testing.assert_array_equal(model.predict(X), before)
