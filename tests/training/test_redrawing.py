"""Training on examples that are new ones in every epoch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rectinet.data import Split
from rectinet.errors import InputError
from rectinet.nn import Layer, Rectifier, initialize_network
from rectinet.training import FinetuningSettings, PretrainingSettings, finetune, pretrain

N, EPOCHS = 20, 3

Redraw = Callable[[int], Split] | None


def examples(epoch: int, n: int = N) -> Split:
    X = np.random.default_rng(epoch).random((n, 5)).astype(np.float32)
    return Split(X, X[:, :2].argmax(axis=1))


def pretrained(redraw: Redraw) -> tuple[Layer, ...]:
    settings = PretrainingSettings(epochs=EPOCHS)
    return pretrain(examples(1).X, (4, 3), settings=settings, redraw=redraw).layers


def finetuned(redraw: Redraw) -> tuple[Layer, ...]:
    network = initialize_network(5, (4,), 2, Rectifier(), np.random.default_rng(0))
    settings, first = FinetuningSettings(epochs=EPOCHS, keep_best=False), examples(1)
    return finetune(network, first.X, first.y, settings=settings, redraw=redraw).network.layers


both = pytest.mark.parametrize(("train", "stages"), [(pretrained, 2), (finetuned, 1)])


def weights(layers: tuple[Layer, ...]) -> list[bytes]:
    return [layer.weight.tobytes() for layer in layers]


@both
def test_every_epoch_of_every_stage_is_asked_for_once(
    train: Callable[[Redraw], tuple[Layer, ...]], stages: int
) -> None:
    asked: list[int] = []

    def noted(epoch: int) -> Split:
        asked.append(epoch)
        return examples(epoch)

    assert weights(train(noted)) != weights(train(None))
    assert asked == [1, 2, 3] * stages


@both
def test_the_same_examples_every_time_are_as_good_as_none_redrawn(
    train: Callable[[Redraw], tuple[Layer, ...]], stages: int
) -> None:
    assert weights(train(lambda _: examples(1))) == weights(train(None))


@both
def test_an_epoch_of_another_length_is_refused(
    train: Callable[[Redraw], tuple[Layer, ...]], stages: int, raises_one_line: Callable
) -> None:
    message = r"shape \(19, 5\) for epoch 2; expected \(20, 5\)"
    with raises_one_line(InputError, message):
        train(lambda epoch: examples(epoch, N if epoch == 1 else N - 1))


def test_weights_of_examples_do_not_fit_to_redrawn_ones(raises_one_line: Callable) -> None:
    network = initialize_network(5, (4,), 2, Rectifier(), np.random.default_rng(0))
    first = examples(1)
    with raises_one_line(InputError, "sample_weight is given with redraw"):
        finetune(network, first.X, first.y, sample_weight=np.ones(N), redraw=examples)
