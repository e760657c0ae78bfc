"""What the regressor promises beyond scikit-learn's conventions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.errors import InputError, SettingError
from rectinet.estimators import RectifierRegressor, load

Data = tuple[np.ndarray, np.ndarray]

# The rate is fixed, so that another default does not decide what these tests find.
SMALL: dict[str, Any] = {
    "hidden_layer_sizes": (12,),
    "max_iter": 30,
    "learning_rate_init": 0.005,
    "random_state": 0,
}


def test_it_learns_a_linear_function(plane: Data) -> None:
    X, y = plane
    for sizes in ((), (30,)):
        model = RectifierRegressor(**SMALL | {"hidden_layer_sizes": sizes, "max_iter": 100})
        assert model.fit(X, y).score(X, y) > 0.98


def test_rows_with_nan_are_unlabelled(plane: Data) -> None:
    X, y = plane
    targets = np.column_stack([y, -y])
    targets[::4, 1] = np.nan
    kept = np.flatnonzero(np.arange(200) % 4)
    settings = SMALL | {"scaling": "none", "pretraining": None}
    ours = RectifierRegressor(**settings).fit(X, targets)
    theirs = RectifierRegressor(**settings).fit(X[kept], targets[kept])
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    np.testing.assert_allclose(ours.target_shift_, [y[kept].mean(), -y[kept].mean()])
    np.testing.assert_allclose(ours.target_scale_, y[kept].std())


def test_predictions_have_the_shape_of_the_targets(plane: Data) -> None:
    X, y = plane
    for targets in (y, y[:, None], np.column_stack([y, y**2, -y])):
        model = RectifierRegressor(**SMALL).fit(X, targets)
        assert model.predict(X).shape == targets.shape
        assert model.score(X, targets) > 0.5


def test_targets_of_other_units_give_the_same_model(plane: Data) -> None:
    """The network sees standardized targets: a factor of 2 and a shift only move the output."""
    X, y = plane
    meters = RectifierRegressor(dtype="float64", **SMALL).fit(X, y)
    other = RectifierRegressor(dtype="float64", **SMALL).fit(X, 1024 * y)
    np.testing.assert_allclose(other.predict(X), 1024 * meters.predict(X), rtol=1e-9)
    shifted = RectifierRegressor(dtype="float64", **SMALL).fit(X, y - 64)
    np.testing.assert_allclose(shifted.predict(X), meters.predict(X) - 64, rtol=1e-6)


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_squares_of_the_targets_may_leave_the_range_of_floats(unit: float, plane: Data) -> None:
    X, y = plane
    model = RectifierRegressor(dtype="float64", **SMALL)
    np.testing.assert_allclose(
        model.fit(X, unit * y).predict(X), unit * model.fit(X, y).predict(X), rtol=1e-6
    )


@pytest.mark.parametrize("constant", [0.0, 0.1, -3e8])
def test_a_constant_target_is_predicted(constant: float, plane: Data) -> None:
    X = plane[0]
    model = RectifierRegressor(**SMALL).fit(X, np.full(200, constant))
    # The weights start at random, and go towards a target of 0 in units of 1.
    np.testing.assert_allclose(model.predict(X), constant, rtol=1e-6, atol=0.5)


def test_a_weight_of_0_keeps_an_example_out(plane: Data) -> None:
    X, y = plane
    spoilt, weight = y.copy(), np.ones(200)
    spoilt[::3], weight[::3] = 1e6, 0
    kept = np.flatnonzero(weight)
    model = RectifierRegressor(**SMALL).fit(X, spoilt, weight)
    np.testing.assert_allclose(model.target_shift_, y[kept].mean())
    np.testing.assert_allclose(model.target_scale_, y[kept].std())
    assert model.score(X[kept], y[kept]) > 0.9


def test_unlabelled_rows_alone_cannot_have_the_weight(
    plane: Data, raises_one_line: Callable
) -> None:
    X, y = plane
    y = np.where(np.arange(200) < 100, y, np.nan)
    with raises_one_line(InputError, "sample_weight is zero, or y has no label, for every"):
        RectifierRegressor(**SMALL).fit(X, y, np.isnan(y))


def test_expectation_is_the_mean_of_the_values_seen(plane: Data) -> None:
    X, y = plane
    stars = np.digitize(y, np.quantile(y, [0.2, 0.5, 0.9])) * 1.5 - 1  # -1, 0.5, 2, 3.5
    model = RectifierRegressor(output="expectation", **SMALL).fit(X, stars)
    assert model.values_.tolist() == [-1, 0.5, 2, 3.5]
    predicted = model.predict(X)
    z = model.scaling_(X).astype(np.float64)
    for layer in model.network_.layers:
        z = layer.sign * layer.activation.value(z @ layer.weight + layer.bias)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(predicted, p @ model.values_, rtol=1e-4, atol=1e-4)
    assert -1 <= predicted.min() < predicted.max() <= 3.5
    far = model.predict(100 * X)
    assert -1 <= far.min() < far.max() <= 3.5
    assert model.score(X, stars) > 0.8


def test_partial_fit_is_one_epoch_and_learns_the_scaling_first(plane: Data) -> None:
    X, y = plane
    # How many labels are still to come, one pass cannot know: it has no penalty of its own.
    one = SMALL | {"max_iter": 1, "weight_l2": 0.0}
    first, second = RectifierRegressor(**one).fit(X, y), RectifierRegressor(**one).partial_fit(X, y)
    by_default = RectifierRegressor(**{**one, "weight_l2": "auto"}).partial_fit(X, y)
    np.testing.assert_array_equal(by_default.predict(X), second.predict(X))
    np.testing.assert_array_equal(first.predict(X), second.predict(X))
    shift, scale = second.target_shift_.copy(), second.target_scale_.copy()
    second.partial_fit(X, 2 * y + 7)
    np.testing.assert_array_equal(second.target_shift_, shift)
    np.testing.assert_array_equal(second.target_scale_, scale)


def test_a_refused_call_changes_nothing(plane: Data, raises_one_line: Callable) -> None:
    X, y = plane
    model = RectifierRegressor(**SMALL).fit(X, y)
    before = model.predict(X)
    with raises_one_line(InputError, "y has 2 columns; expected 1, as before"):
        model.partial_fit(X, np.column_stack([y, y]))
    np.testing.assert_array_equal(model.predict(X), before)


@pytest.mark.parametrize(("first", "then"), [("linear", "expectation"), ("expectation", "linear")])
def test_the_output_cannot_change_under_way(
    first: str, then: str, plane: Data, raises_one_line: Callable
) -> None:
    X, y = plane[0], np.rint(plane[1])
    model = RectifierRegressor(output=first, warm_start=True, **SMALL).fit(X, y)
    with raises_one_line(SettingError, f"output is '{then}', but the network to go on with"):
        model.set_params(output=then).fit(X, y)
    assert model.set_params(warm_start=False).fit(X, y).predict(X).shape == (200,)


def test_ratings_that_were_not_there_are_refused(plane: Data, raises_one_line: Callable) -> None:
    X, y = plane[0], np.arange(200) % 5
    model = RectifierRegressor(output="expectation", **SMALL).partial_fit(X, y)
    with raises_one_line(InputError, "y has the rating 5, which the first examples had not"):
        model.partial_fit(X, y + 1)
    with raises_one_line(InputError, "output='expectation' predicts one rating"):
        RectifierRegressor(output="expectation", **SMALL).fit(X, np.column_stack([y, y]))


@pytest.mark.parametrize("output", ["linear", "expectation"])
def test_warm_start_goes_on(output: str, plane: Data) -> None:
    X, y = plane[0], np.rint(plane[1])
    settings = SMALL | {"max_iter": 4, "output": output}
    model = RectifierRegressor(warm_start=True, **settings).fit(X, y)
    first = model.loss_
    assert model.fit(X, y).loss_ < first


@pytest.mark.parametrize("output", ["linear", "expectation"])
@pytest.mark.parametrize("early_stopping", [True, False])
def test_early_stopping_sets_examples_aside(output: str, early_stopping: bool, plane: Data) -> None:
    X, y = plane[0], np.rint(plane[1])
    model = RectifierRegressor(output=output, early_stopping=early_stopping, **SMALL).fit(X, y)
    expected = "validation" if early_stopping else "training"
    assert {record.evaluated_on for record in model.records_} == {expected}


@pytest.mark.parametrize("value", [0.0, 7.0, 0.1, -1e-300, 1e300, 1_700_000_000.25])
def test_a_constant_target_is_predicted_exactly(value: float, plane: Data, tmp_path: Path) -> None:
    X, y = plane
    model = RectifierRegressor(**SMALL).fit(X, np.full(200, value))
    assert (model.predict(X) == value).all()
    again = load(model.save(tmp_path / "model"))
    assert (again.predict(100 * X) == value).all()
    both = RectifierRegressor(**SMALL).fit(X, np.column_stack([y, np.full(200, value)]))
    assert (both.predict(X)[:, 1] == value).all()
    assert both.predict(X)[:, 0].std() > 0
    weight = np.arange(200.0) % 2  # the rows that count are constant
    odd = RectifierRegressor(**SMALL).fit(X, np.where(weight, value, y), weight)
    assert (odd.predict(X) == value).all()


def test_a_target_that_was_constant_at_first_is_learned_later(plane: Data) -> None:
    X, y = plane
    model = RectifierRegressor((20,), random_state=0).partial_fit(X, np.full(200, 10.0))
    assert (model.predict(X) == 10).all()
    for _ in range(60):
        model.partial_fit(X, y)
    assert model.score(X, y) > 0.9
