"""Rounds of learning from the network's own labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn.datasets import make_moons
from sklearn.exceptions import ConvergenceWarning

from rectinet import RectifierClassifier, SettingError
from rectinet.estimators import base
from rectinet.estimators.self_training import repeats, shares, surest

Moons = tuple[np.ndarray, np.ndarray]


@pytest.mark.parametrize(
    ("rounds", "expected"),
    [(0, ()), (1, (1.0,)), (3, (0.5, 1.0, 1.0)), (6, (0.25, 0.5, 0.75, 1.0, 1.0, 1.0))],
)
def test_shares_grow_evenly_and_the_last_third_takes_all(
    rounds: int, expected: tuple[float, ...]
) -> None:
    assert shares(rounds) == expected


@pytest.mark.parametrize("rounds", [-1, 1.5, True, "auto", None, [3]])
def test_a_number_of_rounds_that_is_none_is_refused_by_name(rounds: Any, moons: Moons) -> None:
    X, y = moons
    with pytest.raises(SettingError, match="self_training"):
        RectifierClassifier(self_training=rounds).fit(X, y)


def test_the_surest_of_each_class_are_taken_in_the_proportions_of_the_known_labels() -> None:
    sureness_of_first = np.array([0.9, 0.6, 0.8, 0.7, 0.1, 0.3, 0.2, 0.05])
    said = np.column_stack([sureness_of_first, 1 - sureness_of_first])
    # Half of eight, three of the first class to one of the second.
    rows, labels = surest(said, 0.5, np.array([0.75, 0.25]))
    assert_array_equal(rows, [0, 2, 3, 7])
    assert_array_equal(labels, [0, 0, 0, 1])


def test_no_class_is_given_more_than_the_network_says() -> None:
    said = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]])
    rows, labels = surest(said, 1.0, np.array([0.0, 1.0]))
    assert len(rows) == len(labels) == 0


@pytest.mark.parametrize(("known", "new", "expected"), [(10, 1000, 10), (100, 50, 1)])
def test_known_labels_are_a_tenth_of_the_new_ones_and_shown_at_least_once(
    known: int, new: int, expected: int
) -> None:
    assert repeats(known, new) == expected


@pytest.fixture(scope="module")
def moons() -> Moons:
    """Two classes that lie in each other's arms, and but six labels."""
    X, labels = make_moons(400, noise=0.08, random_state=0)
    y = np.full(len(labels), -1)
    for number in (0, 1):
        rows = np.flatnonzero(labels == number)
        # Spread along the arm.
        rows = rows[np.argsort(X[rows, 0])][:: len(rows) // 3][:3]
        y[rows] = number
    return X, y


def classifier(**settings: Any) -> RectifierClassifier:
    defaults: dict[str, Any] = {
        "hidden_layer_sizes": (50,),
        "pretraining": None,
        "max_iter": 50,
        "random_state": 0,
    }
    return RectifierClassifier(**defaults | settings)


def test_without_unlabelled_examples_it_changes_no_bit(moons: Moons) -> None:
    X, y = moons[0][moons[1] >= 0], moons[1][moons[1] >= 0]
    expected = classifier().fit(X, y).predict_proba(X)
    assert_array_equal(classifier(self_training=3).fit(X, y).predict_proba(X), expected)


def test_it_becomes_surer_of_what_was_not_labelled(moons: Moons) -> None:
    X, y = moons
    unlabelled = X[y < 0]
    before, after = (
        classifier(self_training=rounds).fit(X, y).predict_proba(unlabelled).max(axis=1).mean()
        for rounds in (0, 6)
    )
    assert before < after <= 1


@pytest.mark.parametrize("kind", [np.asarray, csr_array])
@pytest.mark.parametrize("weighted", [False, True])
def test_every_round_adds_its_epochs(
    kind: Callable[[np.ndarray], Any], weighted: bool, moons: Moons
) -> None:
    X, y = moons
    weight = np.linspace(0.5, 1.5, len(y)) if weighted else None
    alone = classifier(max_iter=2).fit(kind(X), y, weight)
    model = classifier(max_iter=2, self_training=2).fit(kind(X), y, weight)
    epochs_of_a_round = (model.n_iter_ - alone.n_iter_) / 2
    assert epochs_of_a_round == 3
    assert len(model.loss_curve_) == model.n_iter_
    assert model.loss_curve_[: alone.n_iter_] == alone.loss_curve_


def test_partial_fit_is_one_pass_over_the_known_labels(moons: Moons) -> None:
    X, y = moons
    assert classifier(self_training=4).partial_fit(X, y).n_iter_ == 1


def test_labels_of_any_kind(moons: Moons) -> None:
    X, y = moons
    names = np.array(["left", "right", None], object)[y]
    model = classifier(self_training=3).fit(X, names)
    expected = classifier(self_training=3).fit(X, y).predict(X)
    assert_array_equal(model.predict(X) == "right", expected == 1)


def test_ctrl_c_ends_the_rounds_as_well(moons: Moons, monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = moons
    real = base.finetune
    calls: list[int] = []

    def interrupted(*args: Any, **settings: Any) -> Any:
        calls.append(1)
        outcome = real(*args, **settings)
        object.__setattr__(outcome, "interrupted", len(calls) == 2)
        return outcome

    monkeypatch.setattr(base, "finetune", interrupted)
    with pytest.warns(ConvergenceWarning, match="training was interrupted"):
        model = classifier(self_training=5).fit(X, y)
    assert len(calls) == 2
    assert model.predict(X).shape == y.shape
