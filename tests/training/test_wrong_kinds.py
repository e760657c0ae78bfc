"""Likely slips: the right idea as the wrong kind of object."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rectinet import (
    FinetuningSettings,
    Gaussian,
    InputError,
    Masking,
    PretrainingSettings,
    SettingError,
    finetune,
    generator,
    initialize_network,
    predict,
    pretrain,
    with_output,
)
from rectinet.nn import Rectifier

X = np.linspace(0, 1, 60).reshape(20, 3)
Y = np.arange(20) % 2
NETWORK = initialize_network(3, (4,), 2, Rectifier(), generator(0, "weights"), dtype=np.float64)
QUICK = PretrainingSettings(epochs=1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pretrain(X, (4,), activation="tanh"), "rectinet.activation\\('tanh'\\)"),
        (lambda: PretrainingSettings(reconstruction="sigmoid"), "rectinet.reconstruction"),
        (lambda: PretrainingSettings(corruption=0.25), "rectinet.Masking\\(0.25\\)"),
        (lambda: PretrainingSettings(epochs=1.5), "epochs is 1.5; give a whole number"),
        (lambda: FinetuningSettings(epochs="3"), "epochs is '3'"),
        (lambda: FinetuningSettings(batch_size=2.5), "batch_size is 2.5"),
        (lambda: FinetuningSettings(patience=1.5), "patience is 1.5"),
        (lambda: FinetuningSettings(momentum="a"), "momentum is 'a'"),
        (lambda: Masking("a"), "masking level is 'a'"),
        (lambda: Gaussian("a"), "sigma is 'a'"),
        (lambda: pretrain(X, (4,), settings=FinetuningSettings()), "PretrainingSettings\\(\\)"),
        (lambda: finetune(NETWORK, X, Y, settings={"epochs": 3}), "FinetuningSettings\\(\\)"),
        (lambda: finetune(pretrain(X, (4,), settings=QUICK), X, Y), "give a Network"),
        (lambda: with_output(pretrain(X, (4,), settings=QUICK), 2, generator(0)), "`layers`"),
        (lambda: with_output([], 2, generator(0)), "hidden is empty"),
        (lambda: with_output(NETWORK.hidden, 2, 0), r"rectinet.generator\(0\)"),
    ],
)
def test_each_says_what_to_give_instead(
    call: Callable, message: str, raises_one_line: Callable
) -> None:
    with raises_one_line(SettingError, message):
        call()


def test_predicting_with_an_outcome_names_its_network(raises_one_line: Callable) -> None:
    outcome = finetune(NETWORK, X, Y, settings=FinetuningSettings(epochs=1))
    with raises_one_line(InputError, "the `network` of what"):
        predict(outcome, X)


def test_a_checkpoint_folder_may_be_a_string(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    finetune(NETWORK, X, Y, settings=FinetuningSettings(epochs=1), checkpoint=str(folder))
    assert (folder / "checkpoint.json").exists()
