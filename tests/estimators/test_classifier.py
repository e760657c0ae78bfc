"""What the classifier promises beyond scikit-learn's conventions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from rectinet.errors import InputError
from rectinet.estimators import RectifierClassifier
from rectinet.nn import Layer

Data = tuple[np.ndarray, np.ndarray]

# The rate is fixed, so that another default does not decide what these tests find.
SMALL: dict[str, Any] = {
    "hidden_layer_sizes": (16, 12),
    "max_iter": 5,
    "learning_rate_init": 0.02,
    "random_state": 0,
}


def assert_same_bits(first: Any, second: Any) -> None:
    for ours, theirs in zip(first.network_.layers, second.network_.layers, strict=True):
        assert ours.weight.tobytes() == theirs.weight.tobytes()
        assert ours.bias.tobytes() == theirs.bias.tobytes()


_LABELS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "text": lambda y: np.array(list("zyxwvutsrq"))[y],
    "bools": lambda y: y > 4,
    "negative and odd": lambda y: 4 * y - 15,
    "floats": lambda y: y.astype(np.float64),
    "objects": lambda y: np.array(["many" if label > 4 else "few" for label in y], object),
    "bytes": lambda y: y.astype(np.uint8),
}


@pytest.mark.parametrize("relabel", _LABELS.values(), ids=_LABELS)
def test_predictions_are_labels_as_they_were_given(
    relabel: Callable[[np.ndarray], np.ndarray], digits: Data
) -> None:
    X, y = digits[0], relabel(digits[1])
    model = RectifierClassifier(**SMALL).fit(X, y)
    assert model.classes_.tolist() == sorted(set(y.tolist()))
    # Ten digits from 400 examples in five passes: far above one in ten, or one in two.
    assert (model.predict(X) == y).mean() > 0.8
    p = model.predict_proba(X)
    np.testing.assert_array_equal(model.classes_[p.argmax(axis=1)], model.predict(X))
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), p, rtol=1e-5, atol=1e-12)


def test_a_probability_that_rounds_to_0_has_a_finite_logarithm(digits: Data) -> None:
    X, y = digits
    model = RectifierClassifier(**SMALL).fit(X, y)
    model.network_.output.bias[3] = -1e4
    model.__setstate__(model.__getstate__())  # weights are packed once
    assert (model.predict_proba(X)[:, 3] == 0).all()
    logarithms = model.predict_log_proba(X)
    assert (logarithms[:, 3] < -9000).all()
    assert np.isfinite(logarithms).all()


def test_minus_one_beside_a_single_label_is_a_class_only_where_that_is_said(
    digits: Data, raises_one_line: Callable
) -> None:
    X, y = digits[0], np.where(digits[1] > 4, 1, -1)
    with raises_one_line(InputError, r"classes=\[-1, 1\] if it is a class"):
        RectifierClassifier(**SMALL).fit(X, y)
    pair = RectifierClassifier(classes=[-1, 1], **SMALL).fit(X, y)
    assert pair.classes_.tolist() == [-1, 1]
    assert (pair.predict(X) == y).mean() > 0.8
    # A part of three classes: those without an example keep their places.
    part = RectifierClassifier(classes=[0, 1, 2], **SMALL).fit(X, y)
    assert f"{(y == 1).sum()} labelled" in part.pretraining_.reason
    assert part.predict_proba(X).shape == (400, 3)
    assert (part.predict(X) == 1).all()
    with raises_one_line(InputError, r"label 3, which is not among the classes \[0 1\]"):
        RectifierClassifier(classes=[0, 1], **SMALL).fit(X, np.where(y == 1, 3, 0))
    with raises_one_line(InputError, "label 'b', but the classes are"):
        RectifierClassifier(classes=[0, 1], **SMALL).fit(X, np.where(y == 1, "a", "b"))


def test_one_class_is_refused(digits: Data, raises_one_line: Callable) -> None:
    for y in (np.zeros(400, int), ["a"] * 400):
        with raises_one_line(InputError, "1 class only, ('a'|0); .* needs 2 or more: name all"):
            RectifierClassifier(**SMALL).fit(digits[0], y)
    with raises_one_line(InputError, "no label at all"):
        RectifierClassifier(**SMALL).fit(digits[0], np.full(400, -1))


def test_unlabelled_rows_may_have_any_weight(digits: Data) -> None:
    X, y = digits
    y = np.where(np.arange(400) < 300, y, -1)
    weight = np.where(y == -1, 1e6, 1.0)
    assert_same_bits(
        RectifierClassifier(**SMALL).fit(X, y, weight),
        RectifierClassifier(**SMALL).fit(X, y, np.ones(400)),
    )


def test_weights_move_the_decision(digits: Data) -> None:
    X, y = digits[0], digits[1] > 4
    for heavy in (True, False):
        weight = np.where(y == heavy, 1000.0, 1.0)
        model = RectifierClassifier((), max_iter=2, learning_rate_init=0.02, random_state=0).fit(
            X, y, weight
        )
        assert (model.predict(X[y == heavy]) == heavy).all()


def test_weights_without_a_labelled_example_are_refused(
    digits: Data, raises_one_line: Callable
) -> None:
    X, y = digits
    y = np.where(np.arange(400) < 300, y, -1)
    for weight, said in (
        (np.where(y == -1, 1.0, 0.0), "sample_weight is zero, or y has no label, for every"),
        (np.where(y == 3, -1.0, 1.0), "sample_weight is -1.0 at row .*; give 0 or more"),
        (np.zeros(400), "sample_weight is zero for every example"),
    ):
        with raises_one_line(InputError, said):
            RectifierClassifier(**SMALL).fit(X, y, weight)


@pytest.mark.parametrize("solver", ["sgd", "momentum", "adam"])
def test_one_call_of_partial_fit_is_one_epoch_of_fit(solver: str, digits: Data) -> None:
    one = SMALL | {"max_iter": 1, "solver": solver}
    assert_same_bits(
        RectifierClassifier(**one).fit(*digits), RectifierClassifier(**one).partial_fit(*digits)
    )


def test_partial_fit_goes_on(digits: Data) -> None:
    X, y = digits
    model, losses = RectifierClassifier(**SMALL), []
    for _ in range(3):
        for part in (slice(200), slice(200, 400)):
            model.partial_fit(X[part], y[part], classes=np.arange(10))
            losses.append(model.loss_)
    assert losses == model.loss_curve_
    assert model.n_iter_ == 6
    assert losses[-1] < losses[0] / 2
    # The first call has learnt the scaling, from the examples it had.
    np.testing.assert_array_equal(model.scaling_.scale, X[:200].max())


def test_partial_fit_keeps_to_the_classes_named_first(
    digits: Data, raises_one_line: Callable
) -> None:
    X, y = digits
    low = y < 3
    model = RectifierClassifier(**SMALL).partial_fit(X[low], y[low], classes=range(5))
    assert model.predict_proba(X).shape == (400, 5)
    model.partial_fit(X[y == 4], y[y == 4])  # one class is enough later on
    with raises_one_line(InputError, "y has the label .*7.*not among the classes"):
        model.partial_fit(X[y == 7], y[y == 7])
    few = np.where(y[:50] == 2, 2, -1)  # of one class, and unlabelled ones
    assert model.partial_fit(X[:50], few).n_iter_ == 3


def test_fit_forgets_the_classes_of_partial_fit(digits: Data) -> None:
    X, y = digits
    model = RectifierClassifier(**SMALL).partial_fit(X, y, classes=range(20))
    assert model.fit(X[y > 6], y[y > 6]).classes_.tolist() == [7, 8, 9]
    failed = RectifierClassifier(**SMALL)
    with pytest.raises(ValueError, match="y has shape"):
        failed.partial_fit(X[:3], y, classes=range(20))
    assert failed.fit(X, y).classes_.tolist() == list(range(10))


def test_partial_fit_takes_up_changed_settings(digits: Data) -> None:
    changed = RectifierClassifier(**SMALL).partial_fit(*digits)
    same = RectifierClassifier(**SMALL).partial_fit(*digits)
    before = [layer.weight.copy() for layer in changed.network_.layers]
    changed.set_params(learning_rate_init=1e-30).partial_fit(*digits)
    same.partial_fit(*digits)
    moved, moved_as_before = (
        np.abs(model.network_.layers[0].weight - before[0]).max() for model in (changed, same)
    )
    # What is left of the first call's momentum still moves the weights, for some ten steps.
    assert 0 < moved < moved_as_before
    # Dense inputs had momentum; for CSR the solver is another one, which starts afresh.
    same.partial_fit(csr_array(digits[0]), digits[1])


def test_warm_start_goes_on(digits: Data) -> None:
    model = RectifierClassifier(warm_start=True, **SMALL).fit(*digits)
    first = model.loss_
    assert model.fit(*digits).loss_curve_[0] < first
    assert model.loss_ < first
    assert model.n_iter_ == 5
    afresh = RectifierClassifier(**SMALL).fit(*digits)
    assert_same_bits(afresh, RectifierClassifier(**SMALL).fit(*digits).fit(*digits))


@pytest.mark.parametrize(
    ("early_stopping", "evaluated_on"),
    [(True, "validation"), (False, "training"), ("auto", "training")],
)
def test_few_labels_are_all_learnt_from(
    early_stopping: Any, evaluated_on: str, digits: Data
) -> None:
    model = RectifierClassifier(early_stopping=early_stopping, **SMALL).fit(*digits)
    assert {record.evaluated_on for record in model.records_} == {evaluated_on}


def test_of_many_labels_some_are_set_aside() -> None:
    random = np.random.default_rng(0)
    X = random.standard_normal((2000, 3))
    y = (X[:, 0] > 0).astype(int)
    for n, expected in ((1999, "training"), (2000, "validation")):
        model = RectifierClassifier((3,), max_iter=1, random_state=0).fit(X[:n], y[:n])
        assert model.records_[0].evaluated_on == expected


def test_training_stops_when_nothing_improves(digits: Data) -> None:
    X, y = digits
    waiting = SMALL | {"max_iter": 50, "n_iter_no_change": 2}
    # Nothing can be learnt to better than 1e9 below the first epoch's loss.
    assert RectifierClassifier(tol=1e9, **waiting).fit(X, np.arange(400) % 2).n_iter_ <= 50
    model = RectifierClassifier(tol=0.5, early_stopping=True, **waiting).fit(X, y)
    errors = [(record.evaluation.error, record.evaluation.loss) for record in model.records_]
    assert model.n_iter_ < 50
    # Two epochs after the best one the rate falls, and two after the best one since, training ends.
    best, waited_from, falls = 0, 0, []
    for epoch, (error, loss) in enumerate(errors):
        if (error, loss + (0.5 if epoch else 0)) < errors[best]:
            best = waited_from = epoch
        if epoch - waited_from == 2:
            falls.append(epoch + 1)
            waited_from = epoch
    assert (model.n_iter_, len(falls)) == (falls[-1], 2)
    rates = [record.learning_rate[0] for record in model.records_]
    first = model.learning_rate_
    assert rates == [first] * falls[0] + [first / 5] * (falls[1] - falls[0])


def test_below_2000_labels_one_noisy_epoch_does_not_stop_training(digits: Data) -> None:
    X, y = digits
    model = RectifierClassifier((8,), max_iter=60, n_iter_no_change=1, random_state=0).fit(X, y)
    rates = sorted({record.learning_rate[0] for record in model.records_}, reverse=True)
    np.testing.assert_allclose(rates, [0.01, 0.002, 0.0004, 0.00008])
    assert model.learning_rate_ == 0.01
    # What `tol` asks for is asked of the mean loss of the epochs, whatever an evaluation says.
    falls = [before - after for before, after in pairwise(model.loss_curve_)]
    assert model.n_iter_ == 60 or falls[-1] < model.tol


@pytest.mark.parametrize("given", ["auto", 0.0, 0.5])
def test_few_labels_of_standardized_inputs_decay_the_weights(given: Any) -> None:
    X = np.random.default_rng(0).standard_normal((50, 3))
    model = RectifierClassifier((20,), weight_l2=given, max_iter=5, random_state=0)
    size = np.square(model.fit(X, np.arange(50) % 2).network_.layers[0].weight).sum()
    # (1 + 3 / 30) / 50
    by_hand = model.set_params(weight_l2=0.022 if given == "auto" else given)
    again = np.square(by_hand.fit(X, np.arange(50) % 2).network_.layers[0].weight).sum()
    assert size == again
    plain = model.set_params(weight_l2=0.0).fit(X, np.arange(50) % 2).network_.layers[0].weight
    assert (size < np.square(plain).sum()) == (given != 0)


@pytest.mark.parametrize("fraction", [0.02, 0.98])
def test_a_share_too_small_for_all_classes_is_drawn_at_random(
    fraction: float, digits: Data
) -> None:
    """Eight examples cannot hold ten classes, on either side."""
    model = RectifierClassifier(early_stopping=True, validation_fraction=fraction, **SMALL)
    assert model.fit(*digits).n_iter_


@pytest.mark.parametrize("solver", ["sgd", "momentum", "adam"])
def test_the_same_seed_gives_the_same_bits(solver: str, digits: Data) -> None:
    settings = SMALL | {"solver": solver, "dropout": 0.3, "pretraining": "denoising"}
    settings["pretraining_iter"] = 1
    first = RectifierClassifier(**settings).fit(*digits)
    with threadpool_limits(1):
        assert_same_bits(first, RectifierClassifier(**settings).fit(*digits))
    state = settings | {"random_state": np.random.RandomState(5)}
    assert_same_bits(
        RectifierClassifier(**state).fit(*digits),
        RectifierClassifier(**state | {"random_state": np.random.RandomState(5)}).fit(*digits),
    )
    other = RectifierClassifier(**settings | {"random_state": 1}).fit(*digits)
    assert (other.network_.layers[0].weight != first.network_.layers[0].weight).any()


@pytest.mark.parametrize("activation", ["rectifier", "softplus", "tanh"])
def test_the_code_is_csr_without_stored_zeros(activation: str, digits: Data) -> None:
    X, y = digits
    model = RectifierClassifier(activation=activation, **SMALL).fit(X, y)
    code = model.transform(X)
    assert isinstance(code, csr_array)
    assert code.dtype == np.float32
    assert code.shape == (400, 12)
    assert (code.data != 0).all()
    h = model.scaling_(X)
    for layer in model.network_.hidden:
        h = _forward(layer, h)
    np.testing.assert_allclose(code.toarray(), h, rtol=1e-4, atol=1e-5)
    if activation == "rectifier":
        assert code.nnz < code.shape[0] * code.shape[1]
    dense = model.set_params(sparse_output=False).transform(X)
    np.testing.assert_array_equal(dense, code.toarray())


def _forward(layer: Layer, x: np.ndarray) -> np.ndarray:
    return layer.sign * layer.activation.value(x @ layer.weight + layer.bias)


def test_without_hidden_layers_the_code_is_the_scaled_input(digits: Data) -> None:
    X, y = digits
    model = RectifierClassifier((), max_iter=1).fit(X, y)
    np.testing.assert_array_equal(model.transform(X).toarray(), model.scaling_(X))
    assert len(model.get_feature_names_out()) == 64


def test_feature_names_count_the_units(digits: Data) -> None:
    names = RectifierClassifier(**SMALL).fit(*digits).get_feature_names_out()
    assert names.tolist() == [f"rectifierclassifier{number}" for number in range(12)]


def test_csr_and_dense_inputs_give_the_same(digits: Data) -> None:
    X, y = digits[0] / 16, digits[1]  # no scaling, by which the two differ
    same = SMALL | {"solver": "sgd", "dtype": "float64", "pretraining": None}
    dense, sparse = (RectifierClassifier(**same).fit(inputs, y) for inputs in (X, csr_array(X)))
    np.testing.assert_allclose(dense.predict_proba(X), sparse.predict_proba(X), rtol=1e-8)
    np.testing.assert_allclose(dense.predict_proba(X), dense.predict_proba(csr_array(X)), 1e-8)
