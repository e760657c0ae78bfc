from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from rectinet.engine import Update
from rectinet.errors import SettingError
from rectinet.nn import (
    Gaussian,
    Masking,
    Penalties,
    Rectifier,
    initialize_network,
    reconstruction,
)
from rectinet.training import (
    PAPER_GRID,
    FinetuningSettings,
    PretrainingSettings,
    finetune,
    pretrain,
)

BOTH = pytest.mark.parametrize("kind", [PretrainingSettings, FinetuningSettings])


@BOTH
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("learning_rate", 0),
        ("learning_rate", -0.1),
        ("learning_rate", math.inf),
        ("learning_rate", math.nan),
        ("learning_rate", (0.1, -1)),
        ("learning_rate", "best"),
        ("solver", "lbfgs"),
        ("momentum", 0),
        ("momentum", 1),
        ("momentum", math.nan),
    ],
)
def test_settings_out_of_range_are_refused_by_name(kind: type, setting: str, value: Any) -> None:
    with pytest.raises(SettingError, match=f"{setting}.* {re.escape(repr(value))}"):
        kind(**{setting: value})


PER_HIDDEN_LAYER = {
    "learning_rate": 0.1,
    "corruption": Masking(),
    "reconstruction": reconstruction("linear"),
    "epochs": 1,
    "activation_l1": 0.1,
    "weight_l1": 0.1,
    "weight_l2": 0.1,
}


@pytest.mark.parametrize("sequence", [tuple, list])
@pytest.mark.parametrize("setting", PER_HIDDEN_LAYER)
def test_pretraining_takes_one_value_or_one_per_hidden_layer(setting: str, sequence: type) -> None:
    value = PER_HIDDEN_LAYER[setting]
    one, each = (
        PretrainingSettings(**{setting: given}).for_layers(2)
        for given in (value, sequence([value] * 2))
    )
    assert one == each
    wrong = PretrainingSettings(**{setting: sequence([value] * 3)})
    with pytest.raises(SettingError, match=f"{setting} has 3 values for 2 layers"):
        pretrain(np.ones((4, 3)), (2, 2), settings=wrong)


@pytest.mark.parametrize(
    ("setting", "layers"),
    [("learning_rate", 3), ("weight_l1", 3), ("weight_l2", 3), ("activation_l1", 2)],
)
def test_finetuning_counts_the_output_layer_except_for_activations(
    setting: str, layers: int, random: np.random.Generator
) -> None:
    network = initialize_network(3, (6, 5), 2, Rectifier(), random)
    X, y = np.ones((4, 3)), np.zeros(4, int)
    right, wrong = (
        FinetuningSettings(epochs=1, **{setting: (0.01,) * count}) for count in (layers, layers + 1)
    )
    assert finetune(network, X, y, settings=right).best_epoch == 1
    with pytest.raises(
        SettingError, match=f"{setting} has {layers + 1} values for {layers} layers"
    ):
        finetune(network, X, y, settings=wrong)


def test_layers_get_their_own_values_in_order() -> None:
    settings = PretrainingSettings(
        learning_rate=(0.1, 0.2),
        corruption=(Masking(0.5), Gaussian(0.1)),
        reconstruction=(reconstruction("sigmoid"), reconstruction("softplus")),
        epochs=(3, 4),
        activation_l1=(0.01, 0.02),
        weight_l2=0.5,
    )
    first, second = settings.for_layers(2)
    assert (first.rates, second.rates) == ((0.1,), (0.2,))
    assert (first.corruption, second.corruption) == (Masking(0.5), Gaussian(0.1))
    assert (first.reconstruction.letter, second.reconstruction.letter) == ("B", "A")
    assert (first.epochs, second.epochs) == (3, 4)
    assert first.penalties == Penalties(0.01, 0, 0.5)
    assert second.penalties == Penalties(0.02, 0, 0.5)


def test_the_output_layer_pays_for_weights_only() -> None:
    penalties = FinetuningSettings(activation_l1=0.1, weight_l1=0.2).penalties(2, 3)
    assert penalties == (Penalties(0.1, 0.2), Penalties(0.1, 0.2), Penalties(0, 0.2))


@BOTH
def test_grid_means_the_papers_rates_the_same_for_all_layers(kind: type) -> None:
    assert kind(learning_rate="grid").rates(2) == tuple((rate, rate) for rate in PAPER_GRID)
    assert PAPER_GRID == (0.1, 0.01, 0.001, 0.0001)  # PAPER section 1


@pytest.mark.parametrize(
    ("solver", "rule"),
    [
        ("sgd", Update(0.1)),
        ("momentum", Update(0.1, momentum=0.8)),
        ("adam", Update(0.1, adam=True)),
    ],
)
def test_solvers_make_their_update_rule(solver: str, rule: Update) -> None:
    settings = FinetuningSettings(solver=solver, momentum=0.8)
    assert settings.update(0.1, Penalties()) == rule


@pytest.mark.parametrize(("setting", "value"), [("batch_size", 0), ("epochs", -1), ("patience", 0)])
def test_schedule_settings_out_of_range_are_refused_before_training(
    setting: str, value: int, random: np.random.Generator
) -> None:
    network = initialize_network(3, (2,), 2, Rectifier(), random)
    with pytest.raises(SettingError, match=f"{setting} is {value}"):
        settings = FinetuningSettings(**{setting: value})
        finetune(network, np.ones((4, 3)), np.zeros(4, int), settings=settings)
