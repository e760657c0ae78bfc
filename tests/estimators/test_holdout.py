"""Examples set aside to stop by."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rectinet.estimators import RectifierClassifier, RectifierRegressor
from rectinet.estimators.holdout import set_aside
from rectinet.training import Examples


def _examples(y: Any) -> Examples:
    target = np.asarray(y)
    return Examples(np.arange(len(target), dtype=np.float32)[:, None], target, np.ones(len(target)))


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.99])
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "y", [[0, 1, 1], [0, 1, 2, 2], [3, 1, 0, 2, 2, 2, 2, 2], [0] * 40 + [1], [0] * 20 + [1] * 20]
)
def test_every_class_keeps_an_example_to_learn_from(
    y: list[int], fraction: float, seed: int
) -> None:
    train, apart = set_aside(_examples(y), fraction, seed)
    assert apart is not None
    assert set(train.target.tolist()) == set(y)
    assert 1 <= len(apart.target) <= int(np.ceil(fraction * len(y)))
    rows = np.concatenate([train.X, apart.X])[:, 0]
    assert sorted(rows.tolist()) == list(range(len(y)))  # each in one part
    for part in (train, apart):
        assert (np.diff(part.X[:, 0]) > 0).all()
        assert (part.target == np.asarray(y)[part.X[:, 0].astype(int)]).all()


def test_classes_have_their_proportions_where_there_are_enough() -> None:
    train, apart = set_aside(_examples([0] * 80 + [1] * 20), 0.25, 0)
    assert np.bincount(apart.target).tolist() == [20, 5]
    assert np.bincount(train.target).tolist() == [60, 15]


def test_numbers_leave_at_least_one_to_learn_from() -> None:
    for fraction in (0.01, 0.999):
        train, apart = set_aside(_examples([[1.0], [2.0], [3.0]]), fraction, 0)
        assert len(train.target) >= 1
        assert len(apart.target) >= 1


@pytest.mark.parametrize(
    ("kind", "y"),
    [
        (RectifierClassifier, [0, 1, 2]),
        (RectifierClassifier, [0, 1, None]),
        (RectifierRegressor, [1.0, np.nan, np.nan]),
    ],
)
def test_of_too_few_none_is_set_aside(kind: Any, y: list[Any], caplog: Any) -> None:
    model = kind((4,), early_stopping=True, pretraining=None, random_state=0)
    model.fit(np.eye(3), y)
    assert model.records_[0].evaluated_on == "training"
    assert "none can be spared to stop by" in caplog.text


def test_every_value_of_a_rating_may_be_the_only_one() -> None:
    X, y = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20.0)
    model = RectifierRegressor((4,), output="expectation", early_stopping=True, random_state=0)
    model.fit(X, y)
    assert len(model.values_) == 20
    assert model.records_[0].evaluated_on == "validation"
    model.partial_fit(X, y)  # one pass sets nothing aside
    assert model.records_[-1].evaluated_on == "training"
