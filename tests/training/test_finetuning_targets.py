"""Fine-tuning towards numbers, with weights, with a tolerance, and in several calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.engine import Update, predict_probabilities
from rectinet.errors import InputError, SettingError, StorageError
from rectinet.nn import (
    Array,
    Layer,
    Linear,
    Network,
    Rectifier,
    SoftmaxNLL,
    SquaredError,
    initialize_network,
)
from rectinet.training import FinetuningOutcome, FinetuningSettings, finetune


def draw_network(loss: Any, sizes: tuple[int, ...] = (6, 5), n_outputs: int = 2) -> Network:
    random = np.random.default_rng(1)
    return initialize_network(7, sizes, n_outputs, Rectifier(), random, loss=loss, dtype=np.float64)


def draw_examples(n: int = 40) -> tuple[Array, Array, Array]:
    """Return inputs, two numbers and a class for each."""
    random = np.random.default_rng(2)
    X = random.standard_normal((n, 7))
    values = np.column_stack([X[:, 0] - X[:, 1], np.abs(X[:, 2])])
    return X, values, (X[:, 0] > 0).astype(int)


def assert_close(first: FinetuningOutcome, second: FinetuningOutcome) -> None:
    for ours, theirs in zip(first.network.layers, second.network.layers, strict=True):
        np.testing.assert_allclose(ours.weight, theirs.weight, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(ours.bias, theirs.bias, rtol=1e-10, atol=1e-13)


def assert_same_bits(first: FinetuningOutcome, second: FinetuningOutcome) -> None:
    for ours, theirs in zip(first.network.layers, second.network.layers, strict=True):
        assert ours.weight.tobytes() == theirs.weight.tobytes()
        assert ours.bias.tobytes() == theirs.bias.tobytes()


WHOLE = FinetuningSettings(learning_rate=0.1, batch_size=1000, epochs=1, keep_best=False)


def test_one_step_of_squared_error_by_hand() -> None:
    """z = 2x + 1 says 3 and 5 of 1 and 2; off by 1 and 3 from 2 and 2.

    The mean of the squares is 5. Its slopes: 2 (1 * 1 + 3 * 2) / 2 = 7 for the weight,
    2 (1 + 3) / 2 = 4 for the bias. A step of 0.1 leads to 1.3 x + 0.6, which says 1.9 and 3.2:
    off by -0.1 and 1.2, mean square (0.01 + 1.44) / 2.
    """
    output = Layer(np.array([[2.0]]), np.array([1.0]), np.ones(1), Linear())
    network = Network((output,), SquaredError())
    X, y = np.array([[1.0], [2.0]]), np.array([2.0, 2.0])
    for targets in (y, y[:, None], y.astype(int), y.tolist()):
        outcome = finetune(network, X, targets, settings=WHOLE)
        trained = outcome.network.layers[0]
        assert trained.weight[0, 0] == pytest.approx(1.3, rel=1e-12)
        assert trained.bias[0] == pytest.approx(0.6, rel=1e-12)
        record = outcome.records[0]
        assert record.training_loss == pytest.approx(5)
        assert record.training_error is None
        assert record.evaluation.error is None
        assert record.evaluation.loss == pytest.approx(0.725)
    # With 3 and 1 as weights, the first counts 3 / 2, the second 1 / 2: slopes
    # 2 (1.5 * 1 + 0.5 * 6) / 2 = 4.5 and 2 (1.5 + 1.5) / 2 = 3; loss (1.5 + 4.5) / 2.
    outcome = finetune(network, X, y, sample_weight=np.array([3, 1]), settings=WHOLE)
    trained = outcome.network.layers[0]
    assert trained.weight[0, 0] == pytest.approx(1.55, rel=1e-12)
    assert trained.bias[0] == pytest.approx(0.7, rel=1e-12)
    assert outcome.records[0].training_loss == pytest.approx(3)
    # It then says 2.25 and 3.8: squares 0.0625 and 3.24.
    assert outcome.records[0].evaluation.loss == pytest.approx((3 * 0.0625 + 3.24) / 4)


def test_networks_learn_several_numbers() -> None:
    X, values, _ = draw_examples(400)
    network = draw_network(SquaredError(), (30,))
    settings = FinetuningSettings(learning_rate=0.01, epochs=30)
    outcome = finetune(network, X[:300], values[:300], X[300:], values[300:], settings=settings)
    assert outcome.evaluation is not None
    assert outcome.evaluation.loss < 0.2 * values[300:].var(axis=0).sum()
    losses = [record.evaluation.loss for record in outcome.records]
    assert outcome.best_epoch == 1 + losses.index(min(losses))


@pytest.mark.parametrize("loss", [SoftmaxNLL(), SquaredError()], ids=lambda loss: loss.name)
@pytest.mark.parametrize("kind", [np.asarray, csr_array])
@pytest.mark.parametrize("solver", ["sgd", "momentum", "adam"])
def test_whole_weights_do_what_repetition_does(solver: str, kind: Any, loss: Any) -> None:
    """Where all examples make one step: the mean over weights is the mean over copies."""
    X, values, classes = draw_examples()
    y = classes if isinstance(loss, SoftmaxNLL) else values
    weight = np.random.default_rng(3).integers(0, 4, len(X))
    rows = np.repeat(np.arange(len(X)), weight)
    settings = replace(
        WHOLE, epochs=5, solver=solver, learning_rate=0.01, weight_l2=0.1, weight_l1=0.01
    )
    # Measured on the same examples, as the first thousand are not the same in both.
    measured = X, y
    weighted = finetune(
        draw_network(loss), kind(X), y, *measured, sample_weight=weight, settings=settings
    )
    repeated = finetune(draw_network(loss), kind(X[rows]), y[rows], *measured, settings=settings)
    assert_close(weighted, repeated)
    scaled = finetune(
        draw_network(loss), kind(X), y, *measured, sample_weight=weight * 1e-3, settings=settings
    )
    assert_close(weighted, scaled)
    for ours, theirs in zip(weighted.records, repeated.records, strict=True):
        assert ours.training_loss == pytest.approx(theirs.training_loss, rel=1e-10)
        assert ours.evaluation.loss == pytest.approx(theirs.evaluation.loss, rel=1e-10)


@pytest.mark.parametrize("loss", [SoftmaxNLL(), SquaredError()], ids=lambda loss: loss.name)
def test_equal_weights_are_no_weights(loss: Any) -> None:
    X, values, classes = draw_examples()
    y = classes if isinstance(loss, SoftmaxNLL) else values
    settings = replace(WHOLE, batch_size=7, epochs=3)
    assert_close(
        finetune(draw_network(loss), X, y, sample_weight=np.full(40, 2.5), settings=settings),
        finetune(draw_network(loss), X, y, settings=settings),
    )


def test_the_evaluation_on_training_examples_is_weighted() -> None:
    X, values, classes = draw_examples()
    weight = np.arange(40.0)
    for loss, y in ((SoftmaxNLL(), classes), (SquaredError(), values)):
        outcome = finetune(
            draw_network(loss), X, y, sample_weight=weight, settings=replace(WHOLE, epochs=2)
        )
        h = X
        for layer in outcome.network.layers:
            h = layer.sign * layer.activation.value(h @ layer.weight + layer.bias)
        assert outcome.evaluation is not None
        expected = np.average(loss.values(h, y), weights=weight)
        assert outcome.evaluation.loss == pytest.approx(expected, rel=1e-12)
        if isinstance(loss, SoftmaxNLL):
            wrong = np.average(h.argmax(axis=1) != y, weights=weight)
            assert outcome.evaluation.error == pytest.approx(wrong, rel=1e-12)


def test_a_thousand_examples_without_weight_can_come_first() -> None:
    X, _, classes = draw_examples(1010)
    weight = np.zeros(1010)
    weight[1000:] = 1
    settings = replace(WHOLE, batch_size=2000)
    outcome = finetune(
        draw_network(SoftmaxNLL()), X, classes, sample_weight=weight, settings=settings
    )
    alone = finetune(draw_network(SoftmaxNLL()), X[1000:], classes[1000:], settings=settings)
    assert_close(outcome, alone)
    assert outcome.evaluation is not None
    assert np.isfinite(outcome.evaluation.loss)


_WEIGHTS: dict[str, tuple[Any, str]] = {
    "too few": (np.ones(39), r"sample_weight has shape \(39,\) .* expected .*\(40,\)"),
    "a column": (np.ones((40, 1)), r"shape \(40, 1\)"),
    "one for all": (1.0, r"shape \(\)"),
    "text": (["1"] * 40, "type <U1"),
    "negative": (np.arange(40.0) - 1, "negative"),
    "NaN": (np.full(40, np.nan), "NaN"),
    "infinite": (np.full(40, np.inf), "infinite"),
    "nothing counts": (np.zeros(40), "zeros only"),
}


@pytest.mark.parametrize(("weight", "message"), _WEIGHTS.values(), ids=_WEIGHTS)
def test_wrong_weights_are_refused(weight: Any, message: str, raises_one_line: Callable) -> None:
    X, _, classes = draw_examples()
    with raises_one_line(InputError, message):
        finetune(draw_network(SoftmaxNLL()), X, classes, sample_weight=weight, settings=WHOLE)


_TARGETS: dict[str, tuple[Callable[[Array], Any], str]] = {
    "NaN": (lambda y: np.where(y > y.max() - 1e-9, np.nan, y), "y contains NaN"),
    "one column": (lambda y: y[:, 0], "y has 1 features; expected 2"),
    "too few": (lambda y: y[:-1], "y has 39 rows; expected 40"),
    "text": (lambda y: y.astype(str), "y is not numeric"),
}


@pytest.mark.parametrize(("change", "message"), _TARGETS.values(), ids=_TARGETS)
def test_wrong_targets_are_refused(
    change: Callable[[Array], Any], message: str, raises_one_line: Callable
) -> None:
    X, values, _ = draw_examples()
    network = draw_network(SquaredError())
    with raises_one_line(InputError, message):
        finetune(network, X, change(values), settings=WHOLE)
    with raises_one_line(InputError, message.replace("y ", "y_validation ", 1)):
        finetune(network, X, values, X, change(values), settings=WHOLE)


def test_a_tolerance_stops_earlier_and_keeps_the_epoch_that_counted() -> None:
    X, values, _ = draw_examples()
    network = draw_network(SquaredError())
    settings = FinetuningSettings(learning_rate=0.003, epochs=60, patience=2, batch_size=40)
    ends = []
    for tolerance in (0.0, 0.01, 0.1, 1e9):
        outcome = finetune(network, X, values, settings=replace(settings, tolerance=tolerance))
        ends.append(len(outcome.records))
        best = 0
        losses = [record.evaluation.loss for record in outcome.records]
        for epoch, loss in enumerate(losses):
            if loss + tolerance < losses[best]:
                best = epoch
        assert outcome.best_epoch == best + 1
        assert ends[-1] == min(60, outcome.best_epoch + 2)
    # Small steps down always count at 0 (so it never stops), and never at 1e9.
    assert ends == sorted(ends, reverse=True)
    assert (ends[0], ends[-1]) == (60, 3)
    assert 3 < ends[2] < 60


@pytest.mark.parametrize("solver", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("loss", [SoftmaxNLL(), SquaredError()], ids=lambda loss: loss.name)
def test_two_calls_with_the_updates_handed_on_are_one_longer_run(solver: str, loss: Any) -> None:
    """With all examples in one step, their order does not matter but for rounding."""
    X, values, classes = draw_examples()
    y = classes if isinstance(loss, SoftmaxNLL) else values
    settings = replace(WHOLE, solver=solver, learning_rate=0.02)
    network = draw_network(loss)
    whole = finetune(network, X, y, settings=replace(settings, epochs=5))
    first = finetune(network, X, y, settings=replace(settings, epochs=2))
    rest = replace(settings, epochs=3)
    second = finetune(first.network, X, y, settings=rest, updates=first.updates)
    assert_close(whole, second)
    assert [update.steps for update in second.updates] == [5, 5, 5]
    afresh = finetune(first.network, X, y, settings=rest)
    if solver == "sgd":  # which remembers nothing
        assert_close(whole, afresh)
    else:
        gap = np.abs(whole.network.layers[0].weight - afresh.network.layers[0].weight).max()
        assert gap > 1e-3


@pytest.mark.parametrize("solver", ["momentum", "adam"])
def test_in_the_same_order_two_calls_give_the_same_bits(solver: str) -> None:
    X, _, classes = draw_examples(1)  # of one example there is one order
    settings = replace(WHOLE, solver=solver, learning_rate=0.02)
    network = draw_network(SoftmaxNLL())
    whole = finetune(network, X, classes, settings=replace(settings, epochs=4))
    first = finetune(network, X, classes, settings=replace(settings, epochs=1))
    second = finetune(
        first.network, X, classes, settings=replace(settings, epochs=3), updates=first.updates
    )
    assert_same_bits(whole, second)


def test_changed_settings_count_in_a_later_call() -> None:
    X, _, classes = draw_examples()
    network = draw_network(SoftmaxNLL())
    first = finetune(network, X, classes, settings=WHOLE)
    slow = replace(WHOLE, learning_rate=1e-9)
    second = finetune(first.network, X, classes, settings=slow, updates=first.updates)
    assert second.records[0].learning_rate == (1e-9,) * 3
    moved = second.network.layers[0].weight - first.network.layers[0].weight
    assert np.abs(moved).max() < 1e-8


def test_updates_of_something_else_are_refused(raises_one_line: Callable) -> None:
    X, _, classes = draw_examples()
    network = draw_network(SoftmaxNLL())
    adam = replace(WHOLE, solver="adam")
    left = finetune(network, X, classes, settings=adam).updates
    for settings, updates in (
        (WHOLE, left),
        (replace(WHOLE, solver="momentum"), left),
        (adam, left[:2]),
        (adam, left[::-1]),
        (adam, ()),
        (adam, [Update(0.1)] * 3),
    ):
        with raises_one_line(SettingError, "updates were left by another solver or a network of"):
            finetune(network, X, classes, settings=settings, updates=updates)
    with raises_one_line(SettingError, "learning_rate is 'grid'"):
        finetune(network, X, classes, settings=replace(adam, learning_rate="grid"), updates=left)


def test_a_checkpoint_belongs_to_the_updates_it_started_from(
    tmp_path: Path, raises_one_line: Callable
) -> None:
    X, _, classes = draw_examples()
    settings = replace(WHOLE, solver="momentum")
    first = finetune(draw_network(SoftmaxNLL()), X, classes, settings=settings)
    start = first.network
    finetune(start, X, classes, settings=settings, checkpoint=tmp_path)
    with raises_one_line(StorageError, "belongs to a run with other"):
        finetune(start, X, classes, settings=settings, checkpoint=tmp_path, updates=first.updates)


def test_a_checkpoint_belongs_to_the_weights(tmp_path: Path, raises_one_line: Callable) -> None:
    X, _, classes = draw_examples()
    network, weight = draw_network(SoftmaxNLL()), np.arange(1.0, 41)
    run: dict[str, Any] = {"settings": WHOLE, "checkpoint": tmp_path}
    one = finetune(network, X, classes, sample_weight=weight, **run)
    assert_same_bits(one, finetune(network, X, classes, sample_weight=weight, **run))
    for other in (None, weight[::-1]):
        with raises_one_line(StorageError, "belongs to a run with other"):
            finetune(network, X, classes, sample_weight=other, **run)


def test_ratings_change_what_is_chosen_and_not_what_is_learned() -> None:
    X, _, classes = draw_examples()
    values, network = np.array([1.0, 5.0]), draw_network(SoftmaxNLL())
    plain = finetune(network, X, classes, X, classes, settings=WHOLE)
    rated = finetune(network, X, classes, X, classes, settings=WHOLE, class_values=values)
    for one, other in zip(plain.records, rated.records, strict=True):
        assert replace(other.evaluation, rmse=None, kernels=one.evaluation.kernels) == (
            one.evaluation
        )
    errors = [record.evaluation.rmse for record in rated.records]
    assert rated.best_epoch == 1 + int(np.argmin(errors))
    # The kept weights' error, from their probabilities.
    expected = predict_probabilities(rated.network, X) @ values
    rmse = np.sqrt(np.mean((expected - values[classes]) ** 2))
    assert rated.evaluation is not None
    assert rated.evaluation.rmse == pytest.approx(rmse)


def test_values_that_fit_no_classes_are_refused(raises_one_line: Callable) -> None:
    X, targets, classes = draw_examples()
    for values in (np.arange(3.0), np.array([1.0, np.nan])):
        with raises_one_line(InputError, "expected 2 finite numbers"):
            finetune(draw_network(SoftmaxNLL()), X, classes, class_values=values)
    with raises_one_line(SettingError, "loss SquaredError; leave them out"):
        finetune(draw_network(SquaredError()), X, targets, class_values=np.arange(2.0))
