"""One denoising auto-encoder: its targets, its gradients, and what it measures."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from rectinet.engine import DEFAULT_ENGINE, cost, forward, gradients
from rectinet.nn import (
    NO_PENALTIES,
    Activation,
    CodeTarget,
    Layer,
    Linear,
    Masking,
    NoCorruption,
    Penalties,
    Rectifier,
    Softplus,
    Tanh,
    initialize_layer,
    initialize_network,
    reconstruction,
    reconstruction_names,
)
from rectinet.training import PretrainingSettings, pretrain
from rectinet.training.denoising import CleanCodes

# Differences mean nothing at a kink; see tests/engine/test_gradients.py.
MARGIN = 1e-3
CODES: dict[str, Activation] = {"rectifier": Rectifier(), "softplus": Softplus(), "tanh": Tanh()}


def bounded(activation: Activation) -> bool:
    return bool(np.isfinite(activation.upper))


def expected_target(name: str, scaling: str, top: Layer, z: np.ndarray) -> np.ndarray:
    """The table of PAPER section 2, for all the data at once: z is the layer's pre-activation."""
    value = z if name == "linear-preactivation" else top.activation.value(z.copy())
    if bounded(top.activation):
        return value if name == "linear-preactivation" else (value + 1) / 2  # tanh
    if scaling == "none":
        return value
    largest = np.maximum(0, top.activation.value(z.copy())).max(axis=0)
    return value / (largest if scaling == "unit" else largest.max())


@dataclass
class SecondLayer:
    """Encoder and decoder of 4 units above a finished layer of 6, five examples."""

    encoder: Layer
    decoder: Layer
    corrupted: np.ndarray
    target: np.ndarray
    expected_target: np.ndarray


def draw(name: str, scaling: str, activation: Activation, sign_flip: str) -> SecondLayer:
    strategy = reconstruction(name, scaling=scaling)
    for seed in itertools.count():
        random = np.random.default_rng(seed)
        below, encoder = initialize_network(
            7, (6,), 4, activation, random, sign_flip=sign_flip, dtype=np.float64
        ).layers
        encoder = replace(encoder, activation=activation)
        decoder = initialize_layer(4, 6, Linear(), random, dtype=np.float64)
        decoder.bias[...] = random.uniform(0, 0.5, 6)
        x = random.standard_normal((5, 7))
        z = x @ below.weight + below.bias
        outputs = DEFAULT_ENGINE.forward(below, x) * below.sign
        rescaled, target = strategy.prepare(below, np.maximum(0, outputs.max(axis=0)))
        clean, targets = CleanCodes(DEFAULT_ENGINE, [rescaled], strategy, target)(x)
        corrupted = Masking(0.25)(clean, random)
        z_decoder = forward(DEFAULT_ENGINE, (encoder, decoder), corrupted)[-1]
        z_encoder = corrupted @ encoder.weight + encoder.bias
        if min(np.abs(z_encoder).min(), np.abs(z_decoder).min()) > MARGIN:
            break
    wanted = expected_target(name, scaling, below, z)
    return SecondLayer(encoder, decoder, corrupted, targets, wanted)


every_case = [
    pytest.mark.parametrize("sign_flip", ["half", "none"]),
    pytest.mark.parametrize("activation", CODES.values(), ids=CODES),
    pytest.mark.parametrize(
        ("name", "scaling"),
        [
            (name, scaling)
            for name in reconstruction_names()
            for scaling in (("none",) if name == "softplus" else ("layer", "unit"))
        ],
    ),
]


def for_every_case(test: Callable[..., None]) -> Callable[..., None]:
    for mark in every_case:
        test = mark(test)
    return test


@for_every_case
def test_targets_are_those_of_the_paper(
    name: str, scaling: str, activation: Activation, sign_flip: str
) -> None:
    case = draw(name, scaling, activation, sign_flip)
    np.testing.assert_allclose(case.target, case.expected_target, rtol=1e-12, atol=1e-14)


@for_every_case
def test_gradients_with_code_targets(
    name: str,
    scaling: str,
    activation: Activation,
    sign_flip: str,
    assert_slopes: Callable[..., None],
    autograd: Callable[..., Any],
    random: np.random.Generator,
) -> None:
    case = draw(name, scaling, activation, sign_flip)
    layers, loss = (case.encoder, case.decoder), reconstruction(name).loss
    penalties = (Penalties(activation_l1=0.1), NO_PENALTIES)
    values = forward(DEFAULT_ENGINE, layers, case.corrupted)
    delta = DEFAULT_ENGINE.loss_gradient(loss, np.asarray(values[-1]), case.target)
    pairs = gradients(DEFAULT_ENGINE, layers, values, delta, penalties)
    ours = [array for pair in pairs for array in pair]

    parameters = [array for layer in layers for array in (layer.weight, layer.bias)]
    assert_slopes(
        lambda: cost(DEFAULT_ENGINE, layers, loss, penalties, case.corrupted, case.target),
        parameters,
        ours,
        random,
    )
    _, expected = autograd(layers, loss, case.corrupted, case.target, penalties)
    for mine, theirs in zip(ours, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-8 * np.abs(theirs).max())


@pytest.mark.parametrize("name", reconstruction_names())
def test_the_first_layer_reconstructs_the_raw_input(name: str) -> None:
    x = np.array([[0.0, 0.5, 1.0]])
    clean, target = CleanCodes(DEFAULT_ENGINE, (), reconstruction(name), CodeTarget())(x)
    np.testing.assert_array_equal(clean, x)
    np.testing.assert_array_equal(target, x)


@pytest.mark.parametrize("solver", ["sgd", "momentum", "adam"])
def test_a_tied_decoder_shares_the_weight(
    solver: str, two_blobs: tuple[np.ndarray, np.ndarray]
) -> None:
    settings = PretrainingSettings(tied=True, epochs=2, solver=solver)
    for stage in pretrain(two_blobs[0], (5, 4), settings=settings).stages:
        assert np.shares_memory(stage.decoder.weight, stage.encoder.weight)
        np.testing.assert_array_equal(stage.decoder.weight, stage.encoder.weight.T)
        assert stage.decoder.bias.shape == (stage.encoder.n_in,)
        assert stage.decoder.bias.any()


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_a_step_goes_down_the_gradient_of_encoder_and_decoder(
    tied: bool, two_blobs: tuple[np.ndarray, np.ndarray], autograd: Callable[..., Any]
) -> None:
    """With all examples in one minibatch and no noise, an epoch is one step; tied adds up both."""
    X, rate = two_blobs[0], 0.01
    l1 = Penalties(activation_l1=0.1)

    def run(epochs: int) -> Any:
        settings = PretrainingSettings(
            rate, batch_size=len(X), corruption=NoCorruption(), tied=tied, epochs=epochs,
            activation_l1=l1.activation_l1,
        )  # fmt: skip
        return pretrain(X, (5,), settings=settings).stages[0]

    before, after = run(0), run(1)
    layers = before.encoder, before.decoder
    loss = before.reconstruction.loss
    _, slopes = autograd(layers, loss, X, X, (l1, NO_PENALTIES), tied=tied)
    arrays = [
        (getattr(start, name), getattr(end, name), slope)
        for (start, end, name), slope in zip(
            [
                (before.encoder, after.encoder, "weight"),
                (before.encoder, after.encoder, "bias"),
                (before.decoder, after.decoder, "weight"),
                (before.decoder, after.decoder, "bias"),
            ],
            slopes,
            strict=True,
        )
        if not (tied and start is before.decoder and name == "weight")  # the encoder's own
    ]
    assert len(arrays) == (3 if tied else 4)
    for start, end, slope in arrays:
        np.testing.assert_allclose(end, start - rate * slope, rtol=1e-9, atol=1e-12)


def blocked_shares(name: str, X: np.ndarray) -> list[float | None]:
    strategy = reconstruction(name)
    settings = PretrainingSettings(0.01, epochs=2, reconstruction=strategy)
    outcome = pretrain(X, (6, 5), settings=settings)
    return [record.evaluation.blocked for record in outcome.records]


def test_only_a_rectifier_decoder_blocks_gradients(
    two_blobs: tuple[np.ndarray, np.ndarray],
) -> None:
    """Paper 3.2: a zero reconstructed for a non-zero target teaches strategy D nothing."""
    X = two_blobs[0] / two_blobs[0].max()
    for share in blocked_shares("rectifier", X):
        assert share is not None
        assert 0 < share < 1
    for name in set(reconstruction_names()) - {"rectifier"}:
        assert blocked_shares(name, X) == [0, 0, 0, 0]


def test_blocked_is_the_share_of_nonzero_targets_without_a_slope() -> None:
    """Nothing is learned at rate 1e-300, so one record measures the initial weights."""
    X = np.random.default_rng(1).random((40, 7)) * (np.random.default_rng(2).random((40, 7)) < 0.6)
    settings = PretrainingSettings(
        1e-300, epochs=1, corruption=NoCorruption(), reconstruction=reconstruction("rectifier")
    )
    (stage,) = pretrain(X, (5,), settings=settings).stages
    z = forward(DEFAULT_ENGINE, (stage.encoder, stage.decoder), X)[-1]
    expected = ((X > 0) & (z <= 0)).sum() / (X > 0).sum()
    assert 0 < expected < 1
    assert stage.evaluation is not None
    assert stage.evaluation.blocked == pytest.approx(expected, rel=1e-12)
    assert stage.evaluation.loss == pytest.approx(
        np.square(np.maximum(z, 0) - X).sum() / len(X), rel=1e-12
    )
    h = DEFAULT_ENGINE.forward(stage.encoder, X)
    assert stage.evaluation.zeros == pytest.approx(((h == 0).mean(),))
    assert stage.evaluation.dead_units == ((h == 0).all(axis=0).sum(),)
