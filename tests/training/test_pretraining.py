from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import coo_array, csc_array, csr_array, csr_matrix, issparse

from rectinet.engine import DEFAULT_ENGINE, encode
from rectinet.errors import InputError, SettingError, StorageError
from rectinet.nn import (
    Activation,
    Array,
    Corruption,
    Masking,
    Minibatch,
    NoCorruption,
    ReconstructionSampling,
    Rectifier,
    SaltAndPepper,
    Sigmoid,
    Softplus,
    Tanh,
    reconstruction,
    reconstruction_names,
)
from rectinet.training import EpochRecord, PretrainingOutcome, PretrainingSettings, Silent, pretrain

FAST = PretrainingSettings(learning_rate=0.01, epochs=2)


def parameters(outcome: PretrainingOutcome) -> list[Array]:
    return [array for layer in outcome.layers for array in (layer.weight, layer.bias, layer.sign)]


def assert_equal(first: PretrainingOutcome, second: PretrainingOutcome) -> None:
    for ours, theirs in zip(parameters(first), parameters(second), strict=True):
        assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
@pytest.mark.parametrize("name", reconstruction_names())
@pytest.mark.parametrize(
    "activation", [Rectifier(), Softplus(), Tanh(), Sigmoid()], ids=lambda phi: phi.name
)
def test_every_strategy_learns_to_reconstruct(
    activation: Activation, name: str, tied: bool, X: Array
) -> None:
    settings = replace(FAST, reconstruction=reconstruction(name), tied=tied, epochs=8)
    outcome = pretrain(X, (6, 5), activation=activation, settings=settings)
    assert [layer.weight.shape for layer in outcome.layers] == [(7, 6), (6, 5)]
    for stage in outcome.stages:
        losses = [record.evaluation.loss for record in stage.records]
        assert losses[-1] < losses[0]
    assert [record.epoch for record in outcome.records] == [*range(1, 9)] * 2
    stages = {record.stage for record in outcome.records}
    assert stages == {"pre-training layer 1", "pre-training layer 2"}


@pytest.mark.parametrize("scaling", ["layer", "unit"])
@pytest.mark.parametrize("name", ["sigmoid", "linear", "linear-preactivation", "rectifier"])
def test_the_code_under_the_top_layer_is_scaled_for_good(name: str, scaling: str, X: Array) -> None:
    settings = replace(FAST, reconstruction=reconstruction(name, scaling=scaling))
    bottom, _ = pretrain(X, (6, 5), settings=settings).layers
    largest = np.abs(encode(DEFAULT_ENGINE, [bottom], X)).max(axis=0)
    alive = largest[largest > 0]
    # Up to the rounding of a division before the sum instead of after it.
    assert largest.max() == pytest.approx(1, rel=1e-13)
    if scaling == "unit":
        np.testing.assert_allclose(alive, 1, rtol=1e-13)


def test_only_the_layer_at_hand_is_trained(X: Array) -> None:
    one = pretrain(X, (6,), settings=FAST)
    two = pretrain(X, (6, 5), settings=FAST)
    # Strategy A rescales nothing, so the first layer is the same with and without a second.
    np.testing.assert_array_equal(one.layers[0].weight, two.layers[0].weight)
    np.testing.assert_array_equal(one.layers[0].bias, two.layers[0].bias)


def test_the_last_epoch_is_kept_even_if_validation_prefers_another(X: Array) -> None:
    settings = replace(FAST, epochs=10)
    # The opposite of the training examples: what is learned about these is wrong for those.
    (stage,) = pretrain(X, (6,), X_validation=1 - X, settings=settings).stages
    losses = [record.evaluation.loss for record in stage.records]
    assert min(losses) < losses[-1]
    assert stage.evaluation == stage.records[-1].evaluation
    plain = pretrain(X, (6,), settings=settings).layers[0]
    np.testing.assert_array_equal(stage.encoder.weight, plain.weight)
    assert stage.evaluation is not None
    h = DEFAULT_ENGINE.forward(stage.encoder, 1 - X)
    assert stage.evaluation.zeros == pytest.approx(((h == 0).mean(),))


@pytest.mark.parametrize("settings", [FAST, replace(FAST, tied=True, solver="momentum")], ids=str)
def test_the_seed_decides_everything(settings: PretrainingSettings, X: Array) -> None:
    first, same, other = (pretrain(X, (6, 5), settings=settings, seed=seed) for seed in (1, 1, 2))
    assert_equal(first, same)
    for layer, different in zip(first.layers, other.layers, strict=True):
        assert not np.array_equal(layer.weight, different.weight)


def test_inputs_and_settings_are_left_alone(X: Array) -> None:
    before = X.copy()
    pretrain(X, (6, 5), settings=replace(FAST, reconstruction=reconstruction("sigmoid")))
    np.testing.assert_array_equal(X, before)


def test_no_epochs_give_the_initial_weights(X: Array) -> None:
    outcome = pretrain(X, (6, 5), settings=replace(FAST, epochs=0))
    assert outcome.records == ()
    assert [stage.evaluation for stage in outcome.stages] == [None, None]
    bound = np.sqrt(6 / (7 + 6))
    assert np.abs(outcome.layers[0].weight).max() <= bound
    assert not outcome.layers[0].bias.any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_layers_have_the_type_of_the_inputs(dtype: str, X: Array) -> None:
    for reconstruct in ("sigmoid", "softplus"):
        settings = replace(FAST, reconstruction=reconstruction(reconstruct), activation_l1=0.01)
        outcome = pretrain(X.astype(dtype), (6, 5), settings=settings)
        assert {array.dtype.name for array in parameters(outcome)} == {dtype}


class CtrlC(Silent):
    """Presses Ctrl-C in the middle of one epoch of one stage."""

    def __init__(self, stage: int, epoch: int):
        self._wanted, self._now = (stage, epoch), (0, 0)

    def started(self, stage: str, epochs: int, done: int) -> None:
        self._now = (self._now[0] + 1, 1)

    def minibatch(self, done: int, total: int) -> None:
        if self._now == self._wanted and done == total // 2:
            raise KeyboardInterrupt

    def epoch(self, record: EpochRecord) -> None:
        self._now = (self._now[0], record.epoch + 1)


@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
@pytest.mark.parametrize("layer", [1, 2])
def test_ctrl_c_in_epoch_3_keeps_epoch_2(layer: int, tied: bool, X: Array) -> None:
    settings = replace(FAST, epochs=4, tied=tied)
    cut = pretrain(X, (6, 5), settings=settings, observer=CtrlC(layer, epoch=3))
    assert cut.interrupted
    assert len(cut.layers) == layer
    assert [stage.interrupted for stage in cut.stages] == [False] * (layer - 1) + [True]
    epochs = (4,) * (layer - 1) + (2,)
    whole = pretrain(X, (6, 5)[:layer], settings=replace(settings, epochs=epochs))
    assert not whole.interrupted
    assert_equal(cut, whole)


@dataclass(frozen=True)
class AsDense(Corruption):
    """The noise that dense inputs would get, on CSR; its own draws are others."""

    noise: Corruption

    def __call__(self, x: Minibatch, random: np.random.Generator) -> Minibatch:
        return csr_array(self.noise(x.toarray(), random)) if issparse(x) else self.noise(x, random)


ALL = ReconstructionSampling(ratio=1.0)
AS_DENSE = AsDense(SaltAndPepper(0.3, 0.1))


@pytest.mark.parametrize(
    "changes",
    [{}, {"activation_l1": 0.01}, {"solver": "adam"}, {"weight_l2": 0.01}, {"sampling": ALL}],
    ids=lambda changes: "-".join(changes) or "plain",
)
@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
@pytest.mark.parametrize("name", reconstruction_names())
def test_csr_inputs_give_the_same_as_dense(
    name: str, tied: bool, changes: dict[str, Any], X: Array
) -> None:
    """Plain SGD goes output by output there; of a sample of all outputs it is the same step."""
    settings = replace(
        FAST, reconstruction=reconstruction(name), tied=tied, corruption=AS_DENSE, **changes
    )
    dense = pretrain(X, (6, 5), X_validation=X[:20], settings=replace(settings, sampling=None))
    sparse = pretrain(csr_array(X), (6, 5), X_validation=csr_array(X[:20]), settings=settings)
    for ours, theirs in zip(parameters(sparse), parameters(dense), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    for ours, theirs in zip(sparse.records, dense.records, strict=True):
        assert ours.evaluation.loss == pytest.approx(theirs.evaluation.loss, rel=1e-9)
        assert ours.evaluation.zeros == theirs.evaluation.zeros


@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
@pytest.mark.parametrize("name", reconstruction_names())
@pytest.mark.parametrize("kind", [np.asarray, csr_array], ids=["dense", "CSR"])
def test_a_weight_of_two_is_an_example_that_is_there_twice(
    kind: Any, name: str, tied: bool, X: Array
) -> None:
    # One minibatch of all examples, without noise: the same sum, and the same mean.
    settings = replace(
        FAST,
        reconstruction=reconstruction(name),
        corruption=NoCorruption(),
        batch_size=32,
        epochs=4,
        tied=tied,
    )
    X, counts = X[:12].astype(np.float64), np.tile([1, 2, 3], 4)
    weighed = pretrain(kind(X), (6, 5), settings=settings, sample_weight=0.1 * counts)
    repeated = pretrain(kind(np.repeat(X, counts, axis=0)), (6, 5), settings=settings)
    for ours, theirs in zip(parameters(weighed), parameters(repeated), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-10)
    for ours, theirs in zip(weighed.records, repeated.records, strict=True):
        assert ours.training_loss == pytest.approx(theirs.training_loss)
        assert ours.evaluation.loss == pytest.approx(theirs.evaluation.loss)


def test_weights_of_pretraining_that_cannot_be_used(X: Array, raises_one_line: Callable) -> None:
    for weight in (np.zeros(len(X)), -np.ones(len(X)), np.full(len(X), np.nan)):
        with raises_one_line(InputError, "^sample_weight holds negative, infinite or NaN values"):
            pretrain(X, (6,), settings=FAST, sample_weight=weight)
    with raises_one_line(InputError, "^sample_weight has shape .2,."):
        pretrain(X, (6,), settings=FAST, sample_weight=np.ones(2))
    with raises_one_line(InputError, "^sample_weight is given with redraw"):
        pretrain(X, (6,), settings=FAST, sample_weight=np.ones(len(X)), redraw=lambda epoch: None)


@pytest.mark.parametrize("kind", [csr_matrix, csc_array, coo_array], ids=lambda kind: kind.__name__)
def test_every_sparse_format_is_taken(kind: Any, X: Array) -> None:
    assert_equal(
        pretrain(kind(X), (6, 5), settings=FAST), pretrain(csr_array(X), (6, 5), settings=FAST)
    )


def test_csr_inputs_are_made_dense_a_minibatch_at_a_time(
    made_dense: list[tuple[int, int]], random: np.random.Generator
) -> None:
    n_examples = 2001
    X = csr_array(random.random((n_examples, 7)) * (random.random((n_examples, 7)) < 0.3))
    settings = replace(FAST, batch_size=100, reconstruction=reconstruction("sigmoid"))
    pretrain(X, (4, 3), X_validation=X, settings=settings)
    assert made_dense
    assert (
        max(rows for rows, _ in made_dense) <= 500
    )  # evaluations go through the data in batches of 500


@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
def test_the_activation_penalty_raises_the_zeros(tied: bool, X: Array) -> None:
    zeros = []
    for strength in (0.0, 0.03, 0.3):
        settings = replace(FAST, activation_l1=strength, epochs=20, tied=tied)
        evaluation = pretrain(X, (20,), settings=settings).stages[0].evaluation
        assert evaluation is not None
        zeros.append(evaluation.zeros[0])
    assert zeros[0] < zeros[1] < zeros[2]


def test_weight_penalties_shrink_both_weights(X: Array) -> None:
    free, *shrunk = (
        pretrain(X, (6,), settings=replace(FAST, epochs=10, **penalty)).stages[0]
        for penalty in ({}, {"weight_l1": 0.05}, {"weight_l2": 0.05})
    )
    for stage in shrunk:
        for which in ("encoder", "decoder"):
            ours, theirs = (np.abs(getattr(each, which).weight).sum() for each in (stage, free))
            assert ours < theirs


def test_layers_take_their_own_settings(X: Array) -> None:
    settings = PretrainingSettings(
        learning_rate=(0.02, 0.01),
        corruption=(Masking(0.5), NoCorruption()),
        reconstruction=(reconstruction("sigmoid"), reconstruction("softplus")),
        epochs=(3, 1),
    )
    first, second = pretrain(X, (6, 5), settings=settings).stages
    assert (len(first.records), len(second.records)) == (3, 1)
    assert (first.learning_rate, second.learning_rate) == (0.02, 0.01)
    assert first.records[0].learning_rate == (0.02, 0.02)  # encoder and decoder
    assert [stage.reconstruction.letter for stage in (first, second)] == ["B", "A"]


def test_validation_examples_are_measured_if_there_are_any(X: Array) -> None:
    validated = pretrain(X[:40], (6,), X_validation=X[40:], settings=FAST)
    trained = pretrain(X[:40], (6,), settings=FAST)
    assert {record.evaluated_on for record in validated.records} == {"validation"}
    assert {record.evaluated_on for record in trained.records} == {"training"}
    assert validated.records[0].evaluation != trained.records[0].evaluation
    assert_equal(validated, trained)  # they decide nothing here


BAD = {
    "NaN": (lambda X: np.where(np.arange(7) == 3, np.nan, X), "NaN at row 0, column 3"),
    "infinite": (lambda X: np.where(np.arange(7) == 3, np.inf, X), "infinite"),
    "empty": (lambda X: X[:0], "0 sample"),
    "no columns": (lambda X: X[:, :0], "0 feature"),
    "one dimension": (lambda X: X[0], "2 dimensions"),
    "negative": (lambda X: X - 0.5, "reaches only 0 to"),
}


@pytest.mark.parametrize(("spoil", "message"), BAD.values(), ids=BAD)
def test_unusable_inputs_are_refused(
    spoil: Callable[[Array], Array], message: str, X: Array, raises_one_line: Callable
) -> None:
    with raises_one_line(InputError, message):
        pretrain(spoil(X), (6,), settings=FAST)


def test_unusable_validation_inputs_are_refused(X: Array, raises_one_line: Callable) -> None:
    with raises_one_line(InputError, "X_validation has 6 features; expected 7"):
        pretrain(X, (6,), X_validation=X[:, :6], settings=FAST)


def test_inputs_above_one_are_refused_by_cross_entropy(X: Array, raises_one_line: Callable) -> None:
    with raises_one_line(InputError, "'sigmoid' reaches only 0 to 1"):
        pretrain(2 * X, (6,), settings=replace(FAST, reconstruction=reconstruction("sigmoid")))


def test_senseless_layers_are_refused(X: Array, raises_one_line: Callable) -> None:
    with raises_one_line(SettingError, "hidden_layer_sizes is empty"):
        pretrain(X, (), settings=FAST)
    with raises_one_line(SettingError, "hidden_layer_sizes is \\(0,\\)"):
        pretrain(X, (0,), settings=FAST)
    with raises_one_line(SettingError, "'third' is unknown"):
        pretrain(X, (3,), sign_flip="third", settings=FAST)


class Unwatched(Silent):
    """Must hear of nothing."""

    def started(self, stage: str, epochs: int, done: int) -> None:
        raise AssertionError(f"{stage} began")


@pytest.mark.parametrize("setting", ["epochs", "batch_size"])
def test_settings_of_later_layers_are_checked_before_the_first_is_trained(
    setting: str, X: Array
) -> None:
    """A night of training must not end in a complaint about the last layer's settings."""
    value = {"epochs": (2, -1), "batch_size": 0}[setting]
    with pytest.raises(SettingError, match=f"{setting} is"):
        pretrain(X, (6, 5), settings=replace(FAST, **{setting: value}), observer=Unwatched())


OTHER_RUNS: dict[str, dict[str, Any]] = {
    "rate": {"settings": replace(FAST, learning_rate=0.02)},
    "epochs": {"settings": replace(FAST, epochs=3)},
    "noise": {"settings": replace(FAST, corruption=Masking(0.5))},
    "strategy": {"settings": replace(FAST, reconstruction=reconstruction("linear"))},
    "tied": {"settings": replace(FAST, tied=True)},
    "penalty": {"settings": replace(FAST, activation_l1=0.1)},
    "seed": {"seed": 1},
    "signs": {"sign_flip": "none"},
    "activation": {"activation": Softplus(2)},
    "sizes": {"hidden_layer_sizes": (5,)},
}


@pytest.mark.parametrize("other", OTHER_RUNS.values(), ids=OTHER_RUNS)
def test_a_checkpoint_of_another_run_is_refused(
    other: dict[str, Any], X: Array, tmp_path: Path, raises_one_line: Callable
) -> None:
    run = {"hidden_layer_sizes": (6,), "settings": FAST, "checkpoint": tmp_path}
    pretrain(X, **run)
    with raises_one_line(StorageError, "belongs to a run with other settings"):
        pretrain(X, **(run | other))


def test_a_checkpoint_of_other_data_is_refused(
    X: Array, tmp_path: Path, raises_one_line: Callable
) -> None:
    run = {"hidden_layer_sizes": (6,), "settings": FAST, "checkpoint": tmp_path}
    pretrain(X, **run)
    with raises_one_line(StorageError, "belongs to a run with other"):
        pretrain(X[::-1], **run)
