from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix

from rectinet.engine import predict_probabilities
from rectinet.errors import DivergedError, InputError, StorageError
from rectinet.nn import Array, Layer, Network, Rectifier, initialize_network
from rectinet.randomness import generator
from rectinet.training import EpochRecord, FinetuningSettings, Silent, finetune
from rectinet.training.loop import score

FAST = FinetuningSettings(learning_rate=0.05, epochs=3)
Data = tuple[Array, Array, Array, Array]


@pytest.fixture
def data(two_blobs: tuple[Array, Array]) -> Data:
    X, y = two_blobs
    return X[:40], y[:40], X[40:], y[40:]


@pytest.fixture
def network(random: np.random.Generator) -> Network:
    return initialize_network(7, (6, 5), 2, Rectifier(), random, dtype=np.float64)


def assert_equal(first: tuple[Layer, ...], second: tuple[Layer, ...]) -> None:
    for ours, theirs in zip(first, second, strict=True):
        assert ours.weight.tobytes() == theirs.weight.tobytes()
        assert ours.bias.tobytes() == theirs.bias.tobytes()


@pytest.mark.parametrize("solver", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("sizes", [(), (6,), (6, 5)], ids=["linear", "one", "two"])
def test_networks_learn_to_tell_the_blobs_apart(
    sizes: tuple[int, ...], solver: str, data: Data, random: np.random.Generator
) -> None:
    network = initialize_network(7, sizes, 2, Rectifier(), random, dtype=np.float64)
    settings = FinetuningSettings(learning_rate=0.02, solver=solver, epochs=15)
    outcome = finetune(network, *data, settings=settings)
    # Blobs 1.4 apart in each of 7 dimensions: a few in a hundred are on the wrong side.
    assert outcome.evaluation is not None
    assert outcome.evaluation.error is not None
    assert outcome.evaluation.error <= 0.1
    assert len(outcome.evaluation.zeros) == len(sizes)
    assert outcome.records[-1].training_loss < outcome.records[0].training_loss


def test_a_step_with_all_examples_goes_down_the_gradient(
    data: Data, network: Network, autograd: Callable[..., Any]
) -> None:
    X, y, *_ = data
    settings = FinetuningSettings(
        learning_rate=(0.3, 0.2, 0.1), batch_size=len(X), epochs=1,
        activation_l1=0.1, weight_l1=0.01, weight_l2=0.02,
    )  # fmt: skip
    outcome = finetune(network, X, y, settings=settings)
    _, slopes = autograd(network.layers, network.loss, X, y, settings.penalties(2, 3))
    for index, rate in enumerate((0.3, 0.2, 0.1)):
        before, after = network.layers[index], outcome.network.layers[index]
        weight, bias = slopes[2 * index : 2 * index + 2]
        np.testing.assert_allclose(after.weight, before.weight - rate * weight, rtol=1e-9)
        np.testing.assert_allclose(after.bias, before.bias - rate * bias, rtol=1e-9, atol=1e-14)


def test_the_evaluation_is_that_of_the_network_returned(data: Data, network: Network) -> None:
    outcome = finetune(network, *data, settings=replace(FAST, epochs=12, learning_rate=0.3))
    scores = [score(record.evaluation) for record in outcome.records]
    assert outcome.best_epoch == 1 + scores.index(min(scores))
    assert outcome.best_epoch < 12  # or keeping the last would pass as well
    assert outcome.evaluation == outcome.records[outcome.best_epoch - 1].evaluation
    X, y = data[2:]
    p = predict_probabilities(outcome.network, X)
    assert outcome.evaluation.error == (p.argmax(axis=1) != y).mean()
    nll = -np.log(p[np.arange(len(y)), y]).mean()
    assert outcome.evaluation.loss == pytest.approx(nll, rel=1e-12)


def test_the_network_handed_in_is_left_alone(data: Data, network: Network) -> None:
    before = network.copy()
    outcome = finetune(network, *data, settings=FAST)
    assert_equal(network.layers, before.layers)
    for layer, start in zip(outcome.network.layers, network.layers, strict=True):
        assert not np.array_equal(layer.weight, start.weight)
        np.testing.assert_array_equal(layer.sign, start.sign)  # the signs are fixed


def test_no_epochs_give_the_network_back(data: Data, network: Network) -> None:
    outcome = finetune(network, *data, settings=replace(FAST, epochs=0))
    assert_equal(outcome.network.layers, network.layers)
    assert (outcome.best_epoch, outcome.evaluation, outcome.records) == (0, None, ())


def test_the_seed_decides_the_order(data: Data, network: Network) -> None:
    first, same, other = (
        finetune(network, *data, settings=FAST, seed=seed).network.layers for seed in (1, 1, 2)
    )
    assert_equal(first, same)
    assert not np.array_equal(first[0].weight, other[0].weight)


def test_ctrl_c_in_epoch_3_keeps_the_best_of_two(data: Data, network: Network) -> None:
    class CtrlC(Silent):
        finished = 0

        def minibatch(self, done: int, total: int) -> None:
            if self.finished == 2 and done == total // 2:
                raise KeyboardInterrupt

        def epoch(self, record: EpochRecord) -> None:
            self.finished += 1

    cut = finetune(network, *data, settings=FAST, observer=CtrlC())
    whole = finetune(network, *data, settings=replace(FAST, epochs=2))
    assert cut.interrupted
    assert not whole.interrupted
    assert_equal(cut.network.layers, whole.network.layers)
    assert cut.best_epoch == whole.best_epoch


@pytest.mark.parametrize("solver", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("kind", [csr_array, csr_matrix])
def test_csr_inputs_give_the_same_as_dense(
    kind: Any, solver: str, data: Data, network: Network
) -> None:
    X, y, X_validation, y_validation = data
    settings = replace(FAST, solver=solver, learning_rate=0.01, weight_l2=0.01)
    dense = finetune(network, *data, settings=settings)
    sparse = finetune(network, kind(X), y, kind(X_validation), y_validation, settings=settings)
    for ours, theirs in zip(sparse.network.layers, dense.network.layers, strict=True):
        np.testing.assert_allclose(ours.weight, theirs.weight, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(ours.bias, theirs.bias, rtol=1e-9, atol=1e-12)
    for ours, theirs in zip(sparse.records, dense.records, strict=True):
        assert ours.evaluation.error == theirs.evaluation.error
        assert ours.evaluation.zeros == theirs.evaluation.zeros


def test_a_csr_matrix_that_could_not_be_dense(
    monkeypatch: pytest.MonkeyPatch, random: np.random.Generator
) -> None:
    n, d = 100_000, 50_000  # 20 GB in single precision
    columns = random.integers(d, size=n)
    X = csr_array((np.ones(n, np.float32), columns, np.arange(n + 1)), shape=(n, d))
    y = columns % 2

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("fine-tuning needs no dense inputs")

    monkeypatch.setattr(csr_array, "toarray", refuse)
    monkeypatch.setattr(csr_array, "todense", refuse)
    network = initialize_network(d, (3,), 2, Rectifier(), random)
    settings = FinetuningSettings(learning_rate=0.1, batch_size=2000, epochs=1)
    outcome = finetune(network, X, y, X[:2000], y[:2000], settings=settings)
    seen = np.unique(columns)
    moved = (outcome.network.layers[0].weight != network.layers[0].weight).any(axis=1)
    assert moved[seen].mean() > 0.5  # the rest were seen by inactive units only
    assert not np.delete(moved, seen).any()


def test_the_activation_penalty_raises_the_zeros(data: Data, random: np.random.Generator) -> None:
    network = initialize_network(7, (20, 20), 2, Rectifier(), random, dtype=np.float64)
    zeros = []
    for strength in (0.0, 0.02, 0.2):
        settings = replace(FAST, epochs=20, activation_l1=strength)
        evaluation = finetune(network, *data, settings=settings).records[-1].evaluation
        zeros.append(np.mean(evaluation.zeros))
    assert zeros[0] < zeros[1] < zeros[2]


@pytest.mark.parametrize("inputs", ["float32", "float64", "uint8"])
@pytest.mark.parametrize("weights", ["float32", "float64"])
def test_the_network_keeps_its_type(
    weights: str, inputs: str, data: Data, random: np.random.Generator
) -> None:
    X, y, X_validation, y_validation = data
    network = initialize_network(7, (6,), 2, Rectifier(), random, dtype=weights)
    outcome = finetune(
        network, X.astype(inputs), y, X_validation.astype(inputs), y_validation, settings=FAST
    )
    assert {layer.weight.dtype.name for layer in outcome.network.layers} == {weights}


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_divergence_names_the_layer_and_its_rate(
    layer: int, data: Data, random: np.random.Generator
) -> None:
    """One layer's rate is beyond single precision, so its first step leaves no finite weight."""
    network = initialize_network(7, (6, 5), 2, Rectifier(), random)
    rates = tuple(1e300 if number == layer else 1e-3 for number in (1, 2, 3))
    settings = replace(FAST, learning_rate=rates, batch_size=len(data[0]))
    with pytest.raises(DivergedError) as caught:
        finetune(network, *data, settings=settings)
    name = "output layer" if layer == 3 else f"hidden layer {layer}"
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        assert (error.layer, error.epoch, error.learning_rate) == (name, 1, rates)
        assert f"{name} is the first whose values blew up; its learning rate was 1e+300" in str(
            error
        )
        assert "\n" not in str(error)


BAD: dict[str, tuple[dict[str, Callable[[Array], Array]], str]] = {
    "NaN": ({"X": lambda X: np.where(np.arange(7) == 3, np.nan, X)}, "X contains NaN"),
    "columns": ({"X": lambda X: X[:, :5]}, "X has 5 features; expected 7"),
    "empty": ({"X": lambda X: X[:0], "y": lambda y: y[:0]}, "0 sample"),
    "label too large": ({"y": lambda y: y + 1}, r"label 2 .*expected 0\.\.1"),
    "label negative": ({"y": lambda y: y - 1}, "label -1"),
    "label not whole": ({"y": lambda y: y + 0.5}, "label 0.5 .*whole"),
    "labels missing": ({"y": lambda y: y[:-1]}, r"y has shape \(39,\)"),
    "validation columns": ({"X_validation": lambda X: X[:, :5]}, "X_validation has 5 features"),
    "validation labels": ({"y_validation": lambda y: y + 1}, "label 2"),
}


@pytest.mark.parametrize(("spoil", "message"), BAD.values(), ids=BAD)
def test_unusable_inputs_are_refused(
    spoil: dict[str, Callable[[Array], Array]],
    message: str,
    data: Data,
    network: Network,
    raises_one_line: Callable,
) -> None:
    arguments = dict(zip(("X", "y", "X_validation", "y_validation"), data, strict=True))
    for name, change in spoil.items():
        arguments[name] = change(arguments[name])
    with raises_one_line(InputError, message):
        finetune(network, **arguments, settings=FAST)


@pytest.mark.parametrize("missing", ["X_validation", "y_validation"])
def test_half_of_the_validation_data_is_refused(
    missing: str, data: Data, network: Network, raises_one_line: Callable
) -> None:
    arguments: dict[str, Any] = dict(
        zip(("X", "y", "X_validation", "y_validation"), data, strict=True)
    )
    with raises_one_line(InputError, missing):
        finetune(network, **(arguments | {missing: None}), settings=FAST)


def test_without_validation_data_the_training_examples_are_measured(
    data: Data, network: Network
) -> None:
    outcome = finetune(network, *data[:2], settings=FAST)
    assert {record.evaluated_on for record in outcome.records} == {"training"}
    p = predict_probabilities(outcome.network, data[0])
    assert outcome.evaluation is not None
    assert outcome.evaluation.error == (p.argmax(axis=1) != data[1]).mean()


def reversed_signs(network: Network) -> Network:
    layers = tuple(replace(layer, sign=-layer.sign) for layer in network.layers)
    return replace(network, layers=layers)


OTHER_RUNS: dict[str, dict[str, Any]] = {
    "rate": {"settings": replace(FAST, learning_rate=0.02)},
    "solver": {"settings": replace(FAST, solver="adam")},
    "epochs": {"settings": replace(FAST, epochs=4)},
    "penalty": {"settings": replace(FAST, weight_l1=0.1)},
    "seed": {"seed": 1},
}
OTHER_STARTS: dict[str, Callable[[Network], Network]] = {
    "weights": lambda network: replace(
        network, layers=tuple(replace(each, weight=-each.weight) for each in network.layers)
    ),
    "signs": reversed_signs,
}


@pytest.mark.parametrize("other", OTHER_RUNS.values(), ids=OTHER_RUNS)
def test_a_checkpoint_of_other_settings_is_refused(
    other: dict[str, Any],
    data: Data,
    network: Network,
    tmp_path: Path,
    raises_one_line: Callable,
) -> None:
    run = {"settings": FAST, "checkpoint": tmp_path}
    finetune(network, *data, **run)
    with raises_one_line(StorageError, "belongs to a run with other settings"):
        finetune(network, *data, **(run | other))


@pytest.mark.parametrize("change", OTHER_STARTS.values(), ids=OTHER_STARTS)
def test_a_checkpoint_of_another_network_is_refused(
    change: Callable[[Network], Network],
    data: Data,
    network: Network,
    tmp_path: Path,
    raises_one_line: Callable,
) -> None:
    """Or the trained weights would be handed back under the new network's name."""
    finetune(network, *data, settings=FAST, checkpoint=tmp_path)
    with raises_one_line(StorageError, "belongs to a run with other"):
        finetune(change(network), *data, settings=FAST, checkpoint=tmp_path)


def test_a_checkpoint_of_other_data_is_refused(
    data: Data, network: Network, tmp_path: Path, raises_one_line: Callable
) -> None:
    X, y, *validation = data
    finetune(network, X, y, *validation, settings=FAST, checkpoint=tmp_path)
    with raises_one_line(StorageError, "belongs to a run with other"):
        finetune(network, X[::-1], y[::-1], *validation, settings=FAST, checkpoint=tmp_path)


def test_a_layer_without_active_units_ends_the_run() -> None:
    # A step of a million times the gradient pushes every bias far below what inputs in [0, 1] lift.
    random = generator(0, "dead")
    X, y = random.random((40, 6)), random.integers(0, 2, 40)
    network = initialize_network(6, (5, 4), 2, Rectifier(), random, sign_flip="none")
    with pytest.raises(DivergedError, match=r"no unit of hidden layer .* is active") as caught:
        finetune(network, X, y, settings=FinetuningSettings(learning_rate=1e6, epochs=3))
    assert "its learning rate was 1e+06, try 100000 or a weaker activation_l1" in str(caught.value)


def test_a_run_resumed_after_its_rates_fell_ends_with_the_same_bits(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    X, y = random.standard_normal((40, 3)).astype(np.float32), np.arange(40) % 2
    network = initialize_network(3, (4,), 2, Rectifier(), np.random.default_rng(0))
    settings = FinetuningSettings(epochs=30, patience=1, keep_best=False, learning_rate=0.5)
    keep = {"settings": settings, "decays": 2}
    whole = finetune(network, X, y, **keep)
    rates = [record.learning_rate[0] for record in whole.records]
    fell = rates.index(0.1)
    assert 0 < fell < len(rates) - 1
    assert len(set(rates)) == 3

    class Stopping(Silent):
        def epoch(self, record: EpochRecord) -> None:
            if record.epoch == fell + 1:
                raise KeyboardInterrupt

    assert finetune(network, X, y, checkpoint=tmp_path, observer=Stopping(), **keep).interrupted
    resumed = finetune(network, X, y, checkpoint=tmp_path, **keep)
    assert [record.learning_rate for record in resumed.records] == [
        record.learning_rate for record in whole.records
    ]
    for mine, its in zip(resumed.network.layers, whole.network.layers, strict=True):
        np.testing.assert_array_equal(mine.weight, its.weight)
    with pytest.raises(StorageError, match="other settings"):
        finetune(network, X, y, checkpoint=tmp_path, settings=settings)
