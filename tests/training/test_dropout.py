"""Dropout: who is dropped, what is handed on, and what is learnt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.engine import CpuEngine, Update, new_update
from rectinet.errors import SettingError
from rectinet.nn import (
    Activation,
    Array,
    Layer,
    Network,
    Penalties,
    Rectifier,
    SoftmaxNLL,
    Softplus,
    SquaredError,
    Tanh,
    initialize_network,
)
from rectinet.training import EpochRecord, FinetuningSettings, Silent, finetune
from rectinet.training.dropout import Dropout

ACTIVATIONS = [Rectifier(), Tanh(), Softplus()]
SHARES = (0.3, 0.5, 0.25)  # of the inputs and two hidden layers

every_activation = pytest.mark.parametrize("unit", ACTIVATIONS, ids=lambda unit: unit.name)


def network_of(unit: Activation, dtype: Any = np.float64) -> Network:
    random = np.random.default_rng(1)
    network = initialize_network(7, (6, 5), 3, unit, random, dtype=dtype)
    for layer in network.layers:
        layer.bias[...] = 0.3 * random.standard_normal(layer.n_out)
    return network


def examples(n: int = 40) -> tuple[Array, Array]:
    random = np.random.default_rng(2)
    return random.standard_normal((n, 7)), random.integers(0, 3, n)


def test_the_share_asked_for_is_dropped_and_the_mean_is_kept() -> None:
    n, share = 100_000, 0.3
    layer = Layer(np.zeros((1, 1)), np.array([2.0]), np.ones(1), Rectifier())
    dropout = Dropout((share, 0.5), np.random.default_rng(0))
    x, h, z = dropout.forward(CpuEngine(), [layer, layer], np.full((n, 1), 7.0))
    # Six standard deviations of a binomial share: of a million seeds, none is farther off.
    for values, full, dropped in ((x, 7.0, 0.3), (h, 2.0, 0.5)):
        kept = np.asarray(values) != 0
        assert abs((~kept).mean() - dropped) < 6 * np.sqrt(dropped * (1 - dropped) / n)
        np.testing.assert_allclose(np.asarray(values)[kept], full / (1 - dropped), rtol=1e-6)
        deviation = full / (1 - dropped) * np.sqrt(dropped * (1 - dropped) / n)
        assert abs(np.asarray(values).mean() - full) < 6 * deviation
    assert (np.asarray(z) == 2).all()  # of the outputs none


def test_units_are_dropped_independently_of_each_other() -> None:
    dropout = Dropout((0.5,), np.random.default_rng(0))
    layer = Layer(np.zeros((20, 1)), np.zeros(1), np.ones(1), Rectifier())
    kept = np.asarray(dropout.forward(CpuEngine(), [layer], np.ones((10_000, 20)))[0]) > 0
    between = np.corrcoef(kept.T)[~np.eye(20, dtype=bool)]
    assert np.abs(between).max() < 6 / np.sqrt(10_000)
    again = np.asarray(dropout.forward(CpuEngine(), [layer], np.ones((10_000, 20)))[0]) > 0
    assert abs((kept == again).mean() - 0.5) < 6 * 0.5 / np.sqrt(kept.size)


class _Masks(np.random.Generator):
    """A generator that remembers what it drew."""

    def __init__(self, seed: int):
        super().__init__(np.random.PCG64(seed))
        self.drawn: list[Array] = []

    def random(self, *shape: Any, **kind: Any) -> Any:  # type: ignore[override]
        self.drawn.append(super().random(*shape, **kind))
        return self.drawn[-1].copy()


def _step(
    network: Network, x: Any, delta_of: Callable[[Array], Array], l1: float
) -> tuple[list[Array], list[Layer]]:
    """Take one step of rate 1 with dropout; return the masks and the layers after it."""
    engine, random = CpuEngine(), _Masks(3)
    layers = [layer.copy() for layer in network.layers]
    penalties = [Penalties(activation_l1=l1)] * 2 + [Penalties()]
    updates = [
        new_update(layer, Update(1.0, penalties=penalty))
        for layer, penalty in zip(layers, penalties, strict=True)
    ]
    dropout = Dropout(SHARES, random)
    values = dropout.forward(engine, layers, x)
    dropout.backward_and_update(engine, layers, values, delta_of(np.asarray(values[-1])), updates)
    masks = [drawn >= share for drawn, share in zip(random.drawn, SHARES, strict=True)]
    return masks, layers


@pytest.mark.parametrize("loss", [SoftmaxNLL(), SquaredError()], ids=lambda loss: loss.name)
@pytest.mark.parametrize("l1", [0.0, 0.02])
@every_activation
def test_one_step_goes_down_the_gradient_that_torch_finds(
    unit: Activation, l1: float, loss: Any
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch, the reference, is not installed")
    network = network_of(unit)
    x, y = examples()
    target = y if isinstance(loss, SoftmaxNLL) else np.eye(3)[y]
    masks, after = _step(network, x, lambda z: loss.gradient(z, target) / len(x), l1)

    leaves = [
        torch.tensor(each, requires_grad=True)
        for layer in network.layers
        for each in (layer.weight, layer.bias)
    ]
    function = {
        "rectifier": torch.relu,
        "tanh": torch.tanh,
        "softplus": torch.nn.functional.softplus,
    }[unit.name]
    h = torch.tensor(x * masks[0] / (1 - SHARES[0]))
    cost: Any = 0
    for index, layer in enumerate(network.layers):
        z = h @ leaves[2 * index] + leaves[2 * index + 1]
        if index < 2:
            h = function(z) * torch.tensor(layer.sign)
            h = h * torch.tensor(masks[index + 1]) / (1 - SHARES[index + 1])
            cost = cost + l1 * h.abs().sum(dim=1).mean()
    if isinstance(loss, SoftmaxNLL):
        cost = cost + torch.nn.functional.cross_entropy(z, torch.tensor(target))
    else:
        cost = cost + ((z - torch.tensor(target)) ** 2).sum(dim=1).mean()
    cost.backward()
    for index, (before, now) in enumerate(zip(network.layers, after, strict=True)):
        for old, new, leaf in (
            (before.weight, now.weight, leaves[2 * index]),
            (before.bias, now.bias, leaves[2 * index + 1]),
        ):
            np.testing.assert_allclose(old - new, leaf.grad.numpy(), rtol=1e-8, atol=1e-12)


@every_activation
def test_what_is_dropped_passes_no_gradient(unit: Activation) -> None:
    network = network_of(unit)
    x, _ = examples(1)
    masks, after = _step(network, x, np.ones_like, 0.1)
    for index, (layer, now) in enumerate(zip(network.layers, after, strict=True)):
        moved = now.weight != layer.weight
        dropped = ~masks[index][0]
        assert dropped.any()  # or this would show nothing
        assert not moved[dropped].any()
        if index < 2:
            assert not moved[:, ~masks[index + 1][0]].any()
            assert not (now.bias != layer.bias)[~masks[index + 1][0]].any()


@every_activation
def test_csr_inputs_are_dropped_where_they_are_stored(unit: Activation) -> None:
    network = network_of(unit)
    x, _ = examples()
    x[x < 0] = 0
    sparse = csr_array(x)
    dropout = Dropout((0.5, 0.0, 0.0), np.random.default_rng(0))
    values = dropout.forward(CpuEngine(), network.layers, sparse)
    assert isinstance(values[0], csr_array)
    assert (sparse.data > 0).all()  # the caller's is left as it was
    dropped = values[0].toarray()
    assert ((dropped == 0) | (dropped == 2 * x)).all()
    # From there on, all is as with the same inputs, dense.
    rest = Dropout((0.0, 0.0, 0.0), np.random.default_rng(0))
    dense = rest.forward(CpuEngine(), network.layers, dropped)
    for ours, theirs in zip(values[1:], dense[1:], strict=True):
        np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=1e-12)
    ends = []
    for inputs, drops in ((values, dropout), (dense, rest)):
        layers = [layer.copy() for layer in network.layers]
        updates = [Update(0.1) for _ in layers]
        delta = np.ones_like(np.asarray(inputs[-1]))
        drops.backward_and_update(CpuEngine(), layers, inputs, delta, updates)
        ends.append(layers)
    for ours, theirs in zip(*ends, strict=True):
        np.testing.assert_allclose(ours.weight, theirs.weight, rtol=1e-12)


RUN = FinetuningSettings(learning_rate=0.05, epochs=4)


def trained(network: Network, settings: FinetuningSettings, **how: Any) -> Sequence[Layer]:
    return finetune(network, *examples(), settings=settings, seed=5, **how).network.layers


def assert_same_bits(first: Sequence[Layer], second: Sequence[Layer]) -> None:
    for ours, theirs in zip(first, second, strict=True):
        assert ours.weight.tobytes() == theirs.weight.tobytes()
        assert ours.bias.tobytes() == theirs.bias.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_activation
def test_a_share_of_0_is_no_dropout(unit: Activation, dtype: Any) -> None:
    network = network_of(unit, dtype)
    none = trained(network, RUN)
    for dropout in (0.0, 0, (0.0, 0.0), [0, 0.0]):
        assert_same_bits(none, trained(network, replace(RUN, dropout=dropout, input_dropout=0)))
    # Nothing drawn where nothing is dropped: with zeros alone, the two passes are the same.
    x, y = examples()
    x = x.astype(dtype)
    layers = [layer.copy() for layer in network.layers]
    plain = Dropout((0.0, 0.0, 0.0), np.random.default_rng(0))
    values = plain.forward(CpuEngine(), layers, x)
    delta = np.asarray(SoftmaxNLL().gradient(np.asarray(values[-1]), y) / len(x), dtype)
    updates = [Update(0.05) for _ in layers]
    plain.backward_and_update(CpuEngine(), layers, values, delta, updates)
    once = replace(RUN, epochs=1, batch_size=len(x))
    for ours, theirs in zip(layers, trained(network, once), strict=True):
        np.testing.assert_allclose(ours.weight, theirs.weight, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shares_as_numpy_numbers_change_nothing(dtype: Any) -> None:
    for unit in ACTIVATIONS:
        network = network_of(unit, dtype)
        assert_same_bits(
            trained(network, replace(RUN, dropout=(0.3, 0.5), input_dropout=0.2)),
            trained(network, replace(RUN, dropout=np.array([0.3, 0.5]), input_dropout=0.2)),
        )


def test_the_seed_decides_who_is_dropped_and_evaluation_drops_nobody() -> None:
    network, settings = network_of(Rectifier()), replace(RUN, dropout=0.5, input_dropout=0.2)
    assert_same_bits(trained(network, settings), trained(network, settings))
    X, y = examples()
    outcome = finetune(network, X, y, settings=settings, seed=6)
    assert (outcome.network.layers[0].weight != trained(network, settings)[0].weight).any()
    h = X
    for layer in outcome.network.layers:
        h = layer.sign * layer.activation.value(h @ layer.weight + layer.bias)
    assert outcome.evaluation is not None
    assert outcome.evaluation.loss == pytest.approx(SoftmaxNLL().values(h, y).mean(), rel=1e-12)


class _CtrlC(Silent):
    """Interrupts the second epoch halfway."""

    finished = 0

    def minibatch(self, done: int, total: int) -> None:
        if self.finished == 1 and done == total // 2:
            raise KeyboardInterrupt

    def epoch(self, record: EpochRecord) -> None:
        self.finished += 1


@pytest.mark.parametrize("solver", ["sgd", "momentum", "adam"])
@every_activation
def test_a_resumed_run_drops_the_same_units(unit: Activation, solver: str, tmp_path: Path) -> None:
    settings = replace(RUN, dropout=(0.3, 0.5), input_dropout=0.2, solver=solver)
    network = network_of(unit)
    whole = trained(network, settings)
    trained(network, settings, checkpoint=tmp_path, observer=_CtrlC())
    assert_same_bits(whole, trained(network, settings, checkpoint=tmp_path))


_REFUSED: list[tuple[str, Any]] = [
    ("dropout", 1.0),
    ("dropout", -0.1),
    ("dropout", (0.5, 1.0)),
    ("dropout", float("nan")),
    ("dropout", "half"),
    ("dropout", None),
    ("input_dropout", 1),
    ("input_dropout", (0.1, 0.2)),
    ("input_dropout", []),
    ("tolerance", -1),
    ("tolerance", (0.1, 0.2)),
    ("tolerance", float("inf")),
]


@pytest.mark.parametrize(("name", "value"), _REFUSED)
def test_wrong_settings_are_refused(name: str, value: Any, raises_one_line: Callable) -> None:
    with raises_one_line(SettingError, f"{name} is "):
        replace(RUN, **{name: value})


@pytest.mark.parametrize("shares", [(), (0.5,), (0.5, 0.5, 0.5)])
def test_there_is_one_share_for_each_hidden_layer(shares: Any, raises_one_line: Callable) -> None:
    with raises_one_line(SettingError, f"dropout has {len(shares)} values for 2 layers"):
        trained(network_of(Rectifier()), replace(RUN, dropout=shares))
