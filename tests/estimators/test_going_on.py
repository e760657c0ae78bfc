"""A network that goes on: `warm_start` and `partial_fit`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.errors import DivergedError, InputError, SettingError
from rectinet.estimators import (
    RectifierClassifier,
    RectifierRegressor,
    StackedDenoisingAutoencoder,
    load,
)
from rectinet.nn import Masking
from rectinet.training.denoising import Denoising

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


def stack(**settings: Any) -> StackedDenoisingAutoencoder:
    return StackedDenoisingAutoencoder(
        **{"hidden_layer_sizes": (9, 7), "random_state": 0} | settings
    )


def bits(model: StackedDenoisingAutoencoder) -> list[bytes]:
    layers = (*model.layers_, *model.decoders_)
    return [array.tobytes() for layer in layers for array in (layer.weight, layer.bias)]


def test_the_first_pass_of_a_stack_is_an_epoch_of_fit(digits: Data) -> None:
    once, whole = stack().partial_fit(digits[0]), stack(max_iter=1).fit(digits[0])
    assert bits(once) == bits(whole)
    assert once.n_iter_ == whole.n_iter_ == 1


def test_passes_after_fit_go_on_from_there(digits: Data) -> None:
    X, _ = digits
    model = stack(max_iter=3).fit(X)
    scores = [model.score(X)] + [model.partial_fit(X).score(X) for _ in range(10)]
    assert scores[-1] > scores[0]
    assert model.n_iter_ == 13
    assert [record.stage for record in model.records_[-2:]] == [
        "pre-training layer 1",
        "pre-training layer 2",
    ]
    assert model.fit(X).n_iter_ == len(model.records_) / 2 == 3


def test_every_pass_has_noise_of_its_own_and_a_seed_repeats_it(
    digits: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    X = digits[0][:20]
    masks: list[bytes] = []
    masking = Masking.__call__

    def noting(self: Masking, x: Any, random: np.random.Generator) -> Any:
        corrupted = masking(self, x, random)
        masks.append((corrupted != x).tobytes())
        return corrupted

    monkeypatch.setattr(Masking, "__call__", noting)
    for _ in range(2):
        model = stack(hidden_layer_sizes=(5,), batch_size=len(X))
        for _ in range(3):
            model.partial_fit(X)
    first, second = masks[: len(masks) // 2], masks[len(masks) // 2 :]
    assert first == second
    assert len(set(first)) == len(first)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_layer_sizes", (9, 6)),
        ("activation", "tanh"),
        ("sign_flip", "none"),
        ("scaling", "standard"),
        ("dtype", "float64"),
        ("reconstruction", "linear"),
        ("tied", True),
    ],
)
def test_what_made_a_stack_cannot_change(
    name: str, value: Any, digits: Data, tmp_path: Path, raises_one_line: Callable
) -> None:
    X, _ = digits
    model = stack().partial_fit(X)
    for each in (model, load(model.save(tmp_path))):
        before = bits(each)
        with raises_one_line(SettingError, f"^{name} is .*was made with"):
            each.set_params(**{name: value}).partial_fit(X)
        assert bits(each) == before
    assert model.fit(X).n_iter_ == model.max_iter


def test_how_a_stack_is_trained_may_change(digits: Data) -> None:
    model = stack().partial_fit(digits[0])
    model.set_params(learning_rate_init=0.01, batch_size=20, corruption="gaussian", weight_l2=1e-4)
    assert model.partial_fit(digits[0]).n_iter_ == 2


def test_a_pass_that_fails_leaves_the_stack_as_it_was(
    digits: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, _ = digits
    model, other = stack().partial_fit(X), stack().partial_fit(X)
    step = Denoising.step

    def stop(self: Denoising, rows: np.ndarray) -> Any:
        if self.stage == "pre-training layer 2":
            raise KeyboardInterrupt
        return step(self, rows)

    with monkeypatch.context() as patched:
        patched.setattr(Denoising, "step", stop)
        with pytest.raises(KeyboardInterrupt):
            model.partial_fit(X)
    assert bits(model) == bits(other)
    with pytest.raises(DivergedError):
        model.set_params(learning_rate_init=1e30).partial_fit(X)
    assert bits(model) == bits(other)
    model.set_params(learning_rate_init=None)
    assert bits(model.partial_fit(X)) == bits(other.partial_fit(X))


def test_files_out_of_reach_of_the_first_are_refused(
    digits: Data, raises_one_line: Callable
) -> None:
    X, _ = digits
    model = stack().partial_fit(X)
    before = bits(model)
    with raises_one_line(InputError, "inputs run from 0 to 2, but the reconstruction 'sigmoid'"):
        model.partial_fit(2 * X)
    with raises_one_line(ValueError, "63 features"):
        model.partial_fit(X[:, 1:])
    assert bits(model) == before
