from __future__ import annotations

import io

import numpy as np
from rich.console import Console

from rectinet.nn import Rectifier, initialize_network
from rectinet.training import (
    FinetuningSettings,
    PretrainingSettings,
    ProgressBars,
    finetune,
    pretrain,
)


def test_progress_bars_name_the_stages_and_the_last_figures(
    two_blobs: tuple[np.ndarray, np.ndarray],
) -> None:
    X, y = two_blobs
    output = io.StringIO()
    console = Console(file=output, width=120, force_terminal=True, color_system=None)
    network = initialize_network(7, (5,), 2, Rectifier(), np.random.default_rng(0))
    with ProgressBars(console) as bars:
        pretrain(X, (5,), settings=PretrainingSettings(epochs=2), observer=bars)
        outcome = finetune(network, X, y, settings=FinetuningSettings(epochs=3), observer=bars)
    shown = output.getvalue()
    evaluation = outcome.records[-1].evaluation
    for text in ("pre-training layer 1", "2/2", "fine-tuning", "3/3"):
        assert text in shown
    assert f"loss {evaluation.loss:.4g}, error {evaluation.error:.2%}" in shown


def test_watching_changes_nothing(two_blobs: tuple[np.ndarray, np.ndarray]) -> None:
    settings = PretrainingSettings(epochs=2)
    unseen = pretrain(two_blobs[0], (5,), settings=settings)
    with ProgressBars(Console(file=io.StringIO())) as bars:
        watched = pretrain(two_blobs[0], (5,), settings=settings, observer=bars)
    np.testing.assert_array_equal(unseen.layers[0].weight, watched.layers[0].weight)
