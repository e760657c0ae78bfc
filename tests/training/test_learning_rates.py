"""The choice from the grid: alone, and through both stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from rectinet.errors import DivergedError
from rectinet.nn import Linear, Rectifier, initialize_network, reconstruction
from rectinet.training import (
    PAPER_GRID,
    Evaluation,
    FinetuningSettings,
    PretrainingSettings,
    finetune,
    pretrain,
)
from rectinet.training.learning_rates import choose_learning_rate
from rectinet.training.loop import score


@dataclass
class Outcome:
    """One trained rate: a loss, None for nothing trained, or a number to diverge with."""

    rate: float
    evaluation: Evaluation | None
    interrupted: bool = False


def choose(script: dict[float, float | str | None]) -> tuple[Outcome, list[float]]:
    """Train by a script from rate to loss, "diverges" or "interrupted"; return who was tried."""
    tried: list[float] = []

    def train(rate: float) -> Outcome:
        tried.append(rate)
        result = script[rate]
        if result == "diverges":
            raise DivergedError(f"at {rate}", learning_rate=(rate,), layer="any", epoch=1)
        measured = Evaluation(result, None, (), ()) if isinstance(result, float) else None
        return Outcome(rate, measured, interrupted=result == "interrupted")

    chosen = choose_learning_rate(
        tuple(script),
        train,
        lambda outcome: outcome.evaluation,
        lambda outcome: outcome.interrupted,
    )
    return chosen, tried


def test_the_best_evaluation_wins() -> None:
    chosen, tried = choose({0.1: 3.0, 0.01: 1.0, 0.001: 2.0})
    assert chosen.rate == 0.01
    assert sorted(tried) == [0.001, 0.01, 0.1]


def test_a_rate_that_diverges_is_passed_over() -> None:
    assert choose({0.1: "diverges", 0.01: 5.0, 0.001: 7.0})[0].rate == 0.01


def test_if_all_diverge_the_smallest_rate_is_reported() -> None:
    with pytest.raises(DivergedError, match=r"at 0\.001") as caught:
        choose({0.1: "diverges", 0.001: "diverges", 0.01: "diverges"})
    assert caught.value.learning_rate == (0.001,)


def test_nothing_trained_counts_as_worst() -> None:
    assert choose({0.1: None, 0.01: 5.0})[0].rate == 0.01
    assert choose({0.1: None})[0].evaluation is None


def test_ctrl_c_ends_the_search() -> None:
    chosen, tried = choose({0.1: 1.0, 0.01: "interrupted", 0.001: 0.5})
    assert (chosen.rate, tried) == (0.01, [0.1, 0.01])


def test_finetuning_keeps_the_rate_with_the_best_validation_result(
    two_blobs: tuple[np.ndarray, np.ndarray], random: np.random.Generator
) -> None:
    X, y = two_blobs
    network = initialize_network(7, (5,), 2, Rectifier(), random, dtype=np.float64)
    data = (X[:30], y[:30], X[30:], y[30:])
    alone = {
        rate: finetune(network, *data, settings=FinetuningSettings(learning_rate=rate, epochs=3))
        for rate in PAPER_GRID
    }
    scores = {rate: score(outcome.evaluation) for rate, outcome in alone.items()}
    assert len(set(scores.values())) == len(PAPER_GRID)  # or the choice would mean nothing
    best = min(scores, key=lambda rate: scores[rate])
    chosen = finetune(network, *data, settings=FinetuningSettings(learning_rate="grid", epochs=3))
    assert chosen.learning_rate == (best, best)
    for ours, theirs in zip(chosen.network.layers, alone[best].network.layers, strict=True):
        np.testing.assert_array_equal(ours.weight, theirs.weight)


def test_pretraining_passes_over_the_rates_that_diverge(
    two_blobs: tuple[np.ndarray, np.ndarray],
) -> None:
    # Large inputs: steps at the larger rates overshoot further and further. Linear units, because
    # rectifiers would die of the first such step and stay finite.
    X = 30 * two_blobs[0]

    def run(rate: Any) -> Any:
        linear = reconstruction("linear")
        settings = PretrainingSettings(learning_rate=rate, epochs=20, reconstruction=linear)
        return pretrain(X, (5,), activation=Linear(), settings=settings)

    with pytest.raises(DivergedError):
        run(0.1)
    (stage,) = run("grid").stages
    assert stage.learning_rate in PAPER_GRID[1:]
    assert stage.learning_rate == stage.records[0].learning_rate[0]


def test_if_every_rate_diverges_the_grid_does(
    two_blobs: tuple[np.ndarray, np.ndarray], raises_one_line: Callable
) -> None:
    X, y = two_blobs
    network = initialize_network(7, (5,), 2, Rectifier(), np.random.default_rng(0))
    with raises_one_line(DivergedError, r"fine-tuning diverged in epoch 1 .* rate was 0\.0001"):
        finetune(network, 1e36 * X, y, settings=FinetuningSettings(learning_rate="grid", epochs=2))
