"""Training that failed and is tried again."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
import pytest

from rectinet import RectifierClassifier, RectifierRegressor, StackedDenoisingAutoencoder
from rectinet.errors import DivergedError
from rectinet.estimators.second_tries import lowered, tried_again


def _failing(succeeds: Callable[[float, int], bool], died: bool) -> Callable[[float, int], str]:
    def train(factor: float, draw: int) -> str:
        if succeeds(factor, draw):
            return f"{factor:g} {draw}"
        rates = (0.5 * factor,)
        raise DivergedError(
            "it failed; its rate", learning_rate=rates, layer="", epoch=1, died=died
        )

    return train


def test_rates_are_lowered_three_times_at_most(
    raises_one_line: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    keep = {"given": None, "redraws": True, "cure": "do this"}
    with caplog.at_level(logging.WARNING, "rectinet"):
        assert tried_again(_failing(lambda factor, _: factor < 0.05, False), **keep) == "0.01 0"
    assert [record.message for record in caplog.records] == [
        "it failed; trying again at a tenth of the learning rate"
    ] * 2
    assert tried_again(_failing(lambda factor, _: factor < 0.002, False), **keep) == "0.001 0"
    with raises_one_line(DivergedError, "it failed; .* at 0.0005, the lowest rate tried: do this"):
        tried_again(_failing(lambda *_: False, False), **keep)


def test_a_dead_layer_is_drawn_anew_if_it_was_drawn() -> None:
    train = _failing(lambda factor, draw: draw == 7 or factor < 1, True)
    assert tried_again(train, given=None, redraws=True, cure="") == "1 7"
    assert tried_again(train, given=None, redraws=False, cure="") == "0.1 0"


def test_a_rate_that_was_given_is_tried_once(raises_one_line: Callable) -> None:
    with raises_one_line(
        DivergedError, r"rate_init was 0\.5, try learning_rate_init=0\.05, or leave"
    ):
        tried_again(_failing(lambda *_: False, True), given=0.5, redraws=True, cure="")


def test_rates_of_layers_are_all_lowered() -> None:
    assert lowered((1.0, 2.0), 0.1) == pytest.approx([0.1, 0.2])
    assert lowered("grid", 1) == "grid"


_RANDOM = np.random.default_rng(3)
_X = _RANDOM.standard_normal((300, 4))
_WILD = _X * 1e4  # taken as it is, this blows up at any usual rate


def test_a_network_that_blows_up_is_trained_at_a_lower_rate() -> None:
    y = (_X[:, 0] > 0).astype(int)
    model = RectifierClassifier((8,), scaling="none", max_iter=3, random_state=0).fit(_WILD, y)
    assert model.learning_rate_ == pytest.approx(1e-4)  # 0.01 and 0.001 blow up
    assert np.isfinite(model.predict_proba(_WILD)).all()
    model.set_params(scaling="auto").fit(_WILD, y)
    assert model.learning_rate_ == 0.01


def test_the_cure_names_the_parameter(raises_one_line: Callable) -> None:
    y = _X[:, 0]
    with raises_one_line(DivergedError, r"try learning_rate_init=0.1,"):
        RectifierRegressor((8,), learning_rate_init=500.0, random_state=0).fit(_X, y)
    with raises_one_line(DivergedError, r"pre-training .*; learning_rate_init was 500"):
        StackedDenoisingAutoencoder((8,), learning_rate_init=500.0, random_state=0).fit(_X)


def test_pretraining_inside_a_classifier_names_what_that_can_be_told(
    raises_one_line: Callable,
) -> None:
    model = RectifierClassifier((8,), scaling="none", pretraining="denoising", random_state=0)
    cure = r"give pretraining=None, or pretraining=.*\(learning_rate_init=.*\)\.fit\(X\)"
    with raises_one_line(DivergedError, cure):
        model.fit(_WILD * 1e12, (_X[:, 0] > 0).astype(int))


@pytest.mark.parametrize("sizes", [(1,), (1, 1), (1, 1, 1)])
def test_layers_of_one_unit_are_drawn_until_they_live(sizes: tuple[int, ...]) -> None:
    for seed in range(3):
        model = RectifierClassifier(sizes, max_iter=2, random_state=seed)
        model.fit(np.abs(_X), (_X[:, 0] > 0).astype(int))
        again = RectifierClassifier(sizes, max_iter=2, random_state=seed)
        again.fit(np.abs(_X), (_X[:, 0] > 0).astype(int))
        assert (model.predict_proba(_X) == again.predict_proba(_X)).all()


def _tables() -> dict[str, np.ndarray]:
    rare = _X.copy()
    rare[:, 0], rare[:, 1] = 0, 5
    rare[7, 0] = 1
    outlier = _X.copy()
    outlier[3, 2] = 1e15
    return {
        "Cauchy": np.tan(_X),
        "log-normal": np.exp(4 * _X),
        "rare and constant": rare,
        "outlier": outlier,
        "counts": np.floor(np.exp(5 * _X)).clip(max=1e9),
        "units": _X * [1e-30, 1, 1e9, 1e30] + [0, 1e9, 1e9, 0],
        "ten rows": _X[:10],
        "wide": _RANDOM.standard_normal((40, 400)),
        "same rows": np.repeat(_X[:4], 30, axis=0),
    }


@pytest.mark.parametrize("few", [False, True])
@pytest.mark.parametrize("name", _tables())
def test_nothing_finite_diverges(name: str, few: bool) -> None:
    X = _tables()[name]
    y = (np.arange(len(X)) % 2).astype(object)
    numbers = np.exp(3 * _RANDOM.standard_normal(len(X)))
    numbers[1] = 1e12
    if few:
        y[len(X) // 3 :], numbers[len(X) // 3 :] = None, np.nan
    keep = {"max_iter": 4, "pretraining_iter": 2, "random_state": 0}
    assert np.isfinite(RectifierClassifier((20,), **keep).fit(X, y).predict_proba(X)).all()
    assert np.isfinite(RectifierRegressor((20,), **keep).fit(X, numbers).predict(X)).all()
