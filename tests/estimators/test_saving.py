"""Model folders: the same bits in another process, and damage that is found."""

from __future__ import annotations

import copy
import fractions
import json
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError

from rectinet.errors import StorageError
from rectinet.estimators import (
    RectifierClassifier,
    RectifierRegressor,
    StackedDenoisingAutoencoder,
    load,
    load_with_extra,
)
from rectinet.storage import save_model

Data = tuple[np.ndarray, np.ndarray]

SMALL: dict[str, Any] = {"hidden_layer_sizes": (7, 5), "max_iter": 2, "random_state": 0}

_MODELS: dict[str, Callable[[np.ndarray, np.ndarray], Any]] = {
    "text": lambda X, y: RectifierClassifier(**SMALL).fit(X, np.array(list("jihgfedcba"))[y]),
    "bools": lambda X, y: RectifierClassifier(activation="tanh", **SMALL).fit(X, y > 4),
    "numbers": lambda X, y: RectifierClassifier(dtype="float64", **SMALL).fit(X, 4 * y - 15),
    "floats, no hidden layer": lambda X, y: RectifierClassifier((), max_iter=1).fit(X, y / 1.0),
    "pre-trained": lambda X, y: RectifierClassifier(
        pretraining="denoising", pretraining_iter=1, corruption_level=0.3, **SMALL
    ).fit(X, y),
    "pre-trained, sampled": lambda X, y: RectifierClassifier(
        pretraining="denoising", pretraining_iter=1, reconstruction_sampling=0.2, **SMALL
    ).fit(csr_array(X), y),
    "regression": lambda X, y: RectifierRegressor(**SMALL).fit(X, y),
    "several targets": lambda X, y: RectifierRegressor(**SMALL).fit(X, np.column_stack([y, -y])),
    "one column": lambda X, y: RectifierRegressor(**SMALL).fit(X, y[:, None]),
    "expectation": lambda X, y: RectifierRegressor(output="expectation", **SMALL).fit(X, y / 2),
    "columns of several ranges": lambda X, y: RectifierClassifier(**SMALL).fit(
        X * np.geomspace(1, 1e6, 64), y
    ),
    "standardized": lambda X, y: StackedDenoisingAutoencoder(**SMALL).fit(X - 3.3),
    **{
        f"{unit}, {strategy}": lambda X, y, unit=unit, strategy=strategy: (
            StackedDenoisingAutoencoder(activation=unit, reconstruction=strategy, **SMALL).fit(X)
        )
        for unit in ("rectifier", "softplus", "tanh")
        for strategy in ("auto", "softplus", "linear", "linear-preactivation")
    },
    "tied": lambda X, y: StackedDenoisingAutoencoder(
        tied=True, corruption="salt-and-pepper", corruption_level=(0.5, 0.1), **SMALL
    ).fit(X),
    "file by file": lambda X, y: RectifierClassifier(solver="adam", **SMALL).partial_fit(X, y),
    "sampled": lambda X, y: StackedDenoisingAutoencoder(reconstruction_sampling=0.2, **SMALL).fit(
        csr_array(X)
    ),
}

_ANSWERS = ("predict", "predict_proba", "transform", "reconstruct", "score")


def answers(model: Any, X: np.ndarray) -> dict[str, bytes]:
    """Return what a model says, bit for bit."""
    said = {}
    for name in _ANSWERS:
        if hasattr(model, name) and not (name == "score" and hasattr(model, "predict")):
            answer = getattr(model, name)(X)
            answer = answer.toarray() if hasattr(answer, "toarray") else np.asarray(answer)
            said[name] = str(answer.tolist()).encode() + str(answer.dtype).encode()
    return said


# What the other process does: load each folder, and say what its model says.
_ELSEWHERE = """
import sys
from pathlib import Path
import numpy as np
sys.path.insert(0, sys.argv[1])
from test_saving import answers
from rectinet.estimators import load
root = Path(sys.argv[2])
X = np.load(root / "X.npy")
for folder in sorted(root.glob("model-*")):
    said = answers(load(folder), X)
    for name, answer in said.items():
        (root / f"{folder.name}.{name}").write_bytes(answer)
assert "pickle" not in str(sorted(root.rglob("*")))
"""


@pytest.fixture(scope="module")
def models(digits: Data) -> dict[str, Any]:
    X, y = digits
    return {name: make(X[:100], y[:100]) for name, make in _MODELS.items()}


def test_another_process_says_the_same(
    models: dict[str, Any], digits: Data, tmp_path: Path
) -> None:
    X = digits[0][:50]
    np.save(tmp_path / "X.npy", X)
    for number, model in enumerate(models.values()):
        assert model.save(tmp_path / f"model-{number}") == tmp_path / f"model-{number}"
    here = Path(__file__).parent
    subprocess.run([sys.executable, "-c", _ELSEWHERE, here, tmp_path], check=True, timeout=120)
    for number, (name, model) in enumerate(models.items()):
        for what, answer in answers(model, X).items():
            assert (tmp_path / f"model-{number}.{what}").read_bytes() == answer, (name, what)


@pytest.mark.parametrize("name", _MODELS)
def test_what_comes_back_is_the_estimator_again(
    name: str, models: dict[str, Any], digits: Data, tmp_path: Path
) -> None:
    model = models[name]
    again = load(model.save(tmp_path))
    assert type(again) is type(model)
    left_out = {"random_state": None, "verbose": False, "pretraining": "auto"}
    expected = {**model.get_params(deep=False)}
    expected |= {key: value for key, value in left_out.items() if key in expected}
    assert again.get_params(deep=False) == expected
    assert again.scaling_.kind == model.scaling_.kind
    np.testing.assert_array_equal(again.scaling_.scale, model.scaling_.scale)
    for attribute in ("n_features_in_", "n_iter_", "loss_curve_", "pretraining_"):
        assert getattr(again, attribute, None) == getattr(model, attribute, None)
    for attribute in ("classes_", "values_", "target_shift_", "target_scale_", "mean_"):
        ours, theirs = getattr(again, attribute, None), getattr(model, attribute, None)
        np.testing.assert_array_equal(ours, theirs)
        assert getattr(ours, "dtype", None) == getattr(theirs, "dtype", None)
    assert again.get_feature_names_out().tolist() == model.get_feature_names_out().tolist()
    # Saved once more, it is the same folder.
    assert (
        json.loads((tmp_path / "model.json").read_text())["values"]
        == (json.loads((again.save(tmp_path / "again") / "model.json").read_text())["values"])
    )


def test_a_model_that_came_back_can_be_trained_on(models: dict[str, Any], digits: Data) -> None:
    X, y = digits
    for name in ("numbers", "regression", "several targets", "expectation"):
        stored = models[name].to_stored()
        model = type(models[name]).from_stored(stored)
        targets = {
            "numbers": 4 * y - 15,
            "several targets": np.column_stack([y, -y]),
            "expectation": y / 2,
        }.get(name, y)
        before = model.score(X, targets)
        for _ in range(3):
            model.partial_fit(X, targets)
        assert model.score(X, targets) > before
        assert stored.layers["network"][0].weight.tobytes() == (
            models[name].network_.layers[0].weight.tobytes()
        )


def test_names_of_columns_and_things_beside_come_back(digits: Data, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    X, y = digits
    table = pandas.DataFrame(X, columns=[f"pixel {i}" for i in range(64)])
    model = RectifierClassifier(**SMALL).fit(table, y)
    again = load(model.save(tmp_path))
    assert again.feature_names_in_.tolist() == table.columns.tolist()
    np.testing.assert_array_equal(again.predict(table), model.predict(table))
    with pytest.raises(ValueError, match="feature names"):
        again.predict(table[table.columns[::-1]])


def test_values_and_arrays_beside_a_model(models: dict[str, Any], tmp_path: Path) -> None:
    stored = models["text"].to_stored({"from": "digits"}, {"mean_image": np.arange(3.0)})
    model, extra, arrays = load_with_extra(save_model(stored, tmp_path))
    assert extra == {"from": "digits"}
    assert arrays["mean_image"].tolist() == [0, 1, 2]
    assert load(tmp_path).classes_.tolist() == model.classes_.tolist()


def test_only_what_is_fitted_and_can_be_kept_is_saved(
    digits: Data, tmp_path: Path, raises_one_line: Callable
) -> None:
    with pytest.raises(NotFittedError):
        RectifierClassifier().save(tmp_path)
    for kind in (RectifierClassifier, RectifierRegressor, StackedDenoisingAutoencoder):
        other = type("Other", (kind,), {})(**SMALL).fit(*digits)
        with raises_one_line(StorageError, f"Other cannot be saved: .* {kind.__name__}, and"):
            other.save(tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("classes", pd.Index(range(10))),
        ("classes", pd.Series(range(10), dtype="Int64")),
        ("hidden_layer_sizes", pd.Series([8])),
        ("tol", np.longdouble(1e-4)),
        ("dropout", fractions.Fraction(1, 4)),
    ],
)
def test_parameters_may_be_of_other_types(
    name: str, value: Any, digits: Data, tmp_path: Path
) -> None:
    model = RectifierClassifier(**(SMALL | {"max_iter": 1, name: value})).fit(*digits)
    again = load(model.save(tmp_path / "model"))
    np.testing.assert_array_equal(again.predict(digits[0]), model.predict(digits[0]))
    assert np.ravel(getattr(again, name)).tolist() == [float(each) for each in np.ravel(value)]


@pytest.mark.parametrize(
    "sizes", [range(8, 3, -2), [8, 6, 4], np.arange(8, 3, -2), deque([8, 6, 4])]
)
def test_sizes_may_come_in_any_sequence(sizes: Any, digits: Data, tmp_path: Path) -> None:
    model = RectifierClassifier(sizes, max_iter=1, random_state=0).fit(*digits)
    again = load(model.save(tmp_path / "model"))
    assert again.hidden_layer_sizes == (8, 6, 4)
    again.partial_fit(*digits)  # what the layers were made by has not changed


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("classes", None, "'classes' is missing"),
        ("parameters", "x", "a value is not of the kind expected"),
        ("parameters", {"depth": 3}, "the parameter 'depth' is unknown"),
    ],
)
def test_damage_is_named_with_its_folder_and_in_plain_words(
    key: str,
    value: Any,
    problem: str,
    models: dict[str, Any],
    tmp_path: Path,
    raises_one_line: Callable,
) -> None:
    stored = models["text"].to_stored()
    values = {**stored.values, key: value}
    if value is None:
        del values[key]
    folder = save_model(replace(stored, values=values), tmp_path / "spoilt")
    with raises_one_line(StorageError, f"cannot load .*spoilt: .* is damaged: {problem}; save it"):
        load(folder)


def test_a_model_of_another_kind_is_refused(
    models: dict[str, Any], tmp_path: Path, raises_one_line: Callable
) -> None:
    stored = replace(models["text"].to_stored(), kind="Oracle")
    with raises_one_line(StorageError, "holds a 'Oracle'; this version reads Rectifier"):
        load(save_model(stored, tmp_path))


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 70)
    | st.just(10**400)
    | st.floats(allow_nan=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
_VARIANTS = (
    *("text", "numbers", "expectation", "several targets", "softplus, auto", "tied"),
    "file by file",
)


def _paths(values: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return where something stands in nested values; parameters are for `fit` to check."""
    found = [path] if path else []
    items = values.items() if isinstance(values, dict) else enumerate(values)
    if path not in (("parameters",), ("extra",)) and isinstance(values, dict | list):
        for key, value in items:
            if isinstance(value, dict | list):
                found += _paths(value, (*path, key))
            else:
                found.append((*path, key))
    return found


@pytest.mark.parametrize("name", _VARIANTS)
@settings(max_examples=60)
@given(data=st.data())
def test_damaged_values_are_found_or_do_no_harm(
    name: str, data: st.DataObject, models: dict[str, Any], digits: Data
) -> None:
    """Whatever stands in a model.json: StorageError, or a model that predicts without failing."""
    model = models[name]
    stored = model.to_stored()
    values = copy.deepcopy(dict(stored.values))
    *parents, last = data.draw(st.sampled_from(_paths(values)))
    place: Any = values
    for key in parents:
        place = place[key]
    if data.draw(st.booleans()):
        del place[last]
    else:
        place[last] = data.draw(_JSON)
    try:
        again = type(model).from_stored(replace(stored, values=values))
    except StorageError as error:
        assert "\n" not in str(error)
        return
    X = digits[0][:5]
    assert answers(again, X).keys() == answers(model, X).keys()
    again.to_stored()


_SPOILT: dict[str, tuple[str, str, Any]] = {
    "fewer features": ("text", "n_features", 63),
    "features as a float": ("text", "n_features", 64.0),
    "names for others": ("text", "feature_names", ["a"]),
    "a scaling of tomorrow": ("text", "scaling", "quantile"),
    "a class twice": ("text", "classes", list("aacdefghij")),
    "a class too few": ("text", "classes", list("abcdefghi")),
    "classes that are no text": ("text", "classes", list(range(10))),
    "columns unknown": ("several targets", "columns", None),
    "columns lost": ("several targets", "columns", False),
    "no shift": ("tied", "code_shift", [0.0]),
    "a shift too large": ("tied", "code_shift", [0.0, 10**400]),
    "a strategy of tomorrow": ("tied", "reconstruction", {"name": "magic", "scaling": "none"}),
    "parameters of tomorrow": ("text", "parameters", {"depth": 3}),
    "no parameters": ("text", "parameters", None),
    "a seed below 0": ("text", "seed", -1),
    "calls that are no number": ("tied", "calls", "two"),
    "a solver of tomorrow": ("file by file", "solver", {"name": "magic", "steps": [1, 1, 1]}),
    "a solver of fewer layers": ("file by file", "solver", {"name": "adam", "steps": [1, 1]}),
    "a solver without steps": ("file by file", "solver", {"name": "adam"}),
}


@pytest.mark.parametrize(("name", "key", "value"), _SPOILT.values(), ids=_SPOILT)
def test_damage_that_would_change_answers_is_found(
    name: str, key: str, value: Any, models: dict[str, Any], raises_one_line: Callable
) -> None:
    stored = models[name].to_stored()
    damaged = replace(stored, values={**stored.values, key: value})
    with raises_one_line(StorageError, "is damaged: .*save it again"):
        type(models[name]).from_stored(damaged)


_ARRAYS: list[tuple[str, str, Any]] = [
    ("text", "input_scale", np.zeros(64)),
    ("text", "input_scale", np.full(64, np.nan)),
    ("text", "input_shift", np.zeros(63)),
    ("text", "input_shift", None),
    ("numbers", "classes", np.array([[1, 2]])),
    ("regression", "target_scale", np.array([-1.0])),
    ("regression", "target_shift", np.array([0.0, 1.0])),
    ("expectation", "ratings", np.array([1.0, 2.0])),
    ("expectation", "ratings", np.arange(10.0)[::-1]),
    ("tied", "mean", np.zeros(3)),
    ("tied", "code_scale_1", np.zeros(3)),
    ("tied", "code_divisor_1", np.ones(3)),
    ("tied", "code_divisor_1", np.zeros(7)),
    ("file by file", "solver_mean_weight_0", np.zeros((7, 64))),
    ("file by file", "solver_square_bias_2", None),
]


@pytest.mark.parametrize(("name", "array", "value"), _ARRAYS)
def test_damaged_arrays_are_found(
    name: str, array: str, value: Any, models: dict[str, Any], raises_one_line: Callable
) -> None:
    stored = models[name].to_stored()
    arrays = {key: part for key, part in stored.arrays.items() if key != array}
    if value is not None:
        arrays[array] = value
    with raises_one_line(StorageError, "is damaged: .*save it again"):
        type(models[name]).from_stored(replace(stored, arrays=arrays))


def test_what_is_clipped_is_clipped_after_loading_and_old_models_clip_nothing(
    digits: Data, tmp_path: Path
) -> None:
    X, y = digits
    model = RectifierClassifier((8,), scaling="standard", max_iter=2, random_state=0).fit(X, y)
    far = X * 1000
    again = load(model.save(tmp_path))
    assert again.scaling_.limit == 10
    assert (again.predict_proba(far) == model.predict_proba(far)).all()
    stored = model.to_stored()
    earlier = {name: value for name, value in stored.values.items() if name != "input_limit"}
    old = RectifierClassifier.from_stored(replace(stored, values=earlier))
    expected = ((far - model.scaling_.shift) / model.scaling_.scale).astype(np.float32)
    np.testing.assert_array_equal(old.scaling_(far), expected)
    assert old.scaling_.limit == np.inf
