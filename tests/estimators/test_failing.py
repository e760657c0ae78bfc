"""A training that fails leaves an estimator as it was: not fitted, or the old model whole."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from rectinet.errors import DivergedError, RectinetError
from rectinet.estimators import (
    RectifierClassifier,
    RectifierRegressor,
    StackedDenoisingAutoencoder,
)

Data = tuple[np.ndarray, np.ndarray]

_KINDS = [RectifierClassifier, RectifierRegressor, StackedDenoisingAutoencoder]

# Each fails at another place: before, in and after the scaling, in pre-training, in fine-tuning.
_FAILURES: dict[str, dict[str, Any]] = {
    "a flag": {"warm_start": "no"},
    "the scaling": {"scaling": "minmax"},
    "the corruption": {"corruption": "holes", "pretraining": "denoising"},
    "pre-training": {"pretraining": "denoising", "pretraining_iter": -1},
    "the solver": {"solver": "newton"},
    "the batches": {"batch_size": 0},
    "divergence": {"solver": "sgd", "learning_rate_init": 1e30},
}


def _new(kind: Any, **settings: Any) -> Any:
    return kind((8,), max_iter=2, random_state=0, **settings)


def _cases() -> list[Any]:
    known = {kind: kind().get_params() for kind in _KINDS}
    return [
        pytest.param(kind, failure, id=f"{kind.__name__}-{name}")
        for kind in _KINDS
        for name, failure in _FAILURES.items()
        if failure.keys() <= known[kind].keys()
    ]


def _answers(model: Any, X: np.ndarray) -> list[np.ndarray]:
    methods = ("predict", "transform", "predict_proba", "predict_log_proba", "reconstruct")
    said = [getattr(model, name)(X) for name in methods if hasattr(model, name)]
    return [each if isinstance(each, np.ndarray) else each.toarray() for each in said]


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize(("kind", "failure"), _cases())
def test_after_a_first_training_that_failed_nothing_is_fitted(
    kind: Any, failure: dict[str, Any], method: str, digits: Data, tmp_path: Path
) -> None:
    X, y = digits
    model = _new(kind, **failure)
    before = dict(vars(model))
    with pytest.raises(RectinetError):
        getattr(model, method)(X, y)
    assert vars(model) == before
    for name in ("predict", "predict_proba", "transform", "reconstruct"):
        if hasattr(model, name):
            with pytest.raises(NotFittedError):
                getattr(model, name)(X)
    for write in (model.save, model.to_onnx):
        with pytest.raises(NotFittedError):
            write(tmp_path / "model")


@pytest.mark.parametrize(("kind", "failure"), _cases())
def test_after_a_later_fit_that_failed_the_old_model_is_whole(
    kind: Any, failure: dict[str, Any], digits: Data, tmp_path: Path
) -> None:
    X, y = digits
    model = _new(kind).fit(X, y)
    before, parameters = _answers(model, X), model.get_params()
    model.save(tmp_path / "before")
    with pytest.raises(RectinetError):
        model.set_params(**failure).fit(3 * X[:, ::-1] + 1, y[::-1])
    for ours, theirs in zip(_answers(model, X), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    model.set_params(**parameters).save(tmp_path / "after")
    for name in ("before", "after"):
        (tensors,) = (tmp_path / name).glob("*.safetensors")
    assert [*(tmp_path / "before").glob(tensors.name)]  # named after their content


@pytest.mark.parametrize("solver", ["momentum", "adam"])
def test_what_a_solver_remembers_survives_a_pass_that_fails(solver: str, digits: Data) -> None:
    X, y = digits
    model = RectifierClassifier((8,), solver=solver, random_state=0).partial_fit(X, y)
    other = copy.deepcopy(model)
    rate = model.learning_rate_init
    with pytest.raises(DivergedError):
        model.set_params(learning_rate_init=1e30).partial_fit(X[::-1], y[::-1])
    model.set_params(learning_rate_init=rate)
    for each in (model, other):
        each.partial_fit(X, y)
    for ours, theirs in zip(model.network_.layers, other.network_.layers, strict=True):
        np.testing.assert_array_equal(ours.weight, theirs.weight)


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("wrong", ["X", "columns", "y", "weight"])
def test_input_that_is_refused_changes_nothing(kind: Any, wrong: str, digits: Data) -> None:
    X, y = digits
    model = _new(kind).fit(X, y)
    before, features = _answers(model, X), model.n_features_in_
    arguments: dict[str, Any] = {"X": X, "y": y, "sample_weight": np.ones(len(y))}
    arguments |= {
        "X": {"X": np.full_like(X, np.nan)},
        "columns": {"X": X[:, :5], "sample_weight": -np.ones(len(y))},
        "y": {"y": [1j] * len(y), "sample_weight": -np.ones(len(y))},
        "weight": {"sample_weight": -np.ones(len(y))},
    }[wrong]
    with pytest.raises(RectinetError):
        model.fit(**arguments)
    assert model.n_features_in_ == features
    for ours, theirs in zip(_answers(model, X), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("kind", _KINDS[:2])
@pytest.mark.parametrize("fitted", [False, True])
def test_ctrl_c_before_the_first_epoch_is_done_leaves_the_model_as_it_was(
    kind: Any, fitted: bool, digits: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = digits
    model = _new(kind)
    before = _answers(model.fit(X, y), X) if fitted else []
    monkeypatch.setattr("rectinet.training.supervised.Supervised.step", _pressed_after(0))
    with pytest.raises(KeyboardInterrupt):
        model.fit(X[::-1], y)
    assert hasattr(model, "network_") == fitted
    for ours, theirs in zip(_answers(model, X) if fitted else [], before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("kind", _KINDS[:2])
def test_ctrl_c_later_on_keeps_the_last_whole_epoch_and_says_so(
    kind: Any, digits: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = digits
    model = kind((8,), max_iter=5, random_state=0)
    one = kind((8,), max_iter=1, random_state=0).fit(X, y)
    monkeypatch.setattr("rectinet.training.supervised.Supervised.step", _pressed_after(50))
    with pytest.warns(ConvergenceWarning, match="interrupted in epoch 2; the network is that of"):
        model.fit(X, y)
    assert model.n_iter_ == 1
    np.testing.assert_array_equal(model.predict(X), one.predict(X))


def _pressed_after(steps: int) -> Callable[..., Any]:
    """Return a step that hears Ctrl-C after so many."""
    from rectinet.training.supervised import Supervised

    real, done = Supervised.step, 0

    def step(self: Any, rows: np.ndarray) -> Any:
        nonlocal done
        if done >= steps:
            raise KeyboardInterrupt
        done += 1
        return real(self, rows)

    return step
