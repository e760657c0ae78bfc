"""Learning from the labels that a network itself gives to unlabelled examples (Lee 2013).

Round by round a larger share of them is taken, those the network is surest of first. What it
learns from them, under dropout, it did not know before: an example that is close to one of known
label pulls its own neighbours along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse import issparse, vstack

from rectinet.engine import Inputs
from rectinet.estimators.progress import LOG
from rectinet.nn import Array
from rectinet.training import Examples, FinetuningSettings
from rectinet.training.settings import check_whole

_EPOCHS = 3

# Minibatches of a round hold five times the examples, at twice the learning rate: there are many
# examples, and their labels are not worth small steps.
_BATCH, _RATE = 5, 2

# Examples of known label are repeated until they are this share of what the new labels bring.
_KNOWN = 0.1


def shares(rounds: int) -> tuple[float, ...]:
    """Return which share of the unlabelled examples each round takes: evenly up to all of them.

    The last third of the rounds takes all.

    Raises:
        SettingError: if `rounds` is not a whole number of at least 0.
    """
    check_whole(rounds, "self_training", at_least=0)
    growing = rounds - rounds // 3
    return tuple(min(1.0, (number + 1) / growing) for number in range(rounds))


def surest(probabilities: Array, share: float, frequencies: Array) -> tuple[Array, Array]:
    """Return the examples to learn from, and their labels.

    Of each class the surest, in the proportions that the classes have among the labelled examples:
    a network that says one class too often would else say it ever more often.

    Args:
        probabilities: what the network says, shape (n, n_classes).
        share: of all examples, to be taken.
        frequencies: of the classes, shape (n_classes,), with sum 1.

    Returns:
        Row numbers, class by class, and a class number for each of them.
    """
    said, sureness = probabilities.argmax(axis=1), probabilities.max(axis=1)
    rows = []
    for number, frequency in enumerate(frequencies):
        of_class = np.flatnonzero(said == number)
        most = int(np.ceil(share * frequency * len(said)))
        rows.append(of_class[np.argsort(-sureness[of_class], kind="stable")[:most]])
    chosen = np.concatenate(rows)
    return chosen, said[chosen]


def repeats(n_known: int, n_new: int) -> int:
    """Return how often each example of known label is shown beside so many others."""
    return max(1, round(_KNOWN * n_new / n_known))


def rounds(
    number: int,
    known: Examples,
    X: Inputs,
    predict: Callable[[Inputs], Array],
    n_classes: int,
) -> Iterator[Examples]:
    """Yield what each round learns from: known labels, repeated, and labels of the network's own.

    Args:
        number: of rounds.
        known: the examples of known label.
        X: the unlabelled ones, shape (n, n_features), dense or CSR as those of `known`.
        predict: returns the probability of each class as the network is by then, shape
            (n, n_classes).
        n_classes: how many there are.
    """
    n_known = len(known.target)
    weight = np.ones(n_known) if known.weight is None else known.weight
    frequencies = np.bincount(known.target, weight, n_classes) / weight.sum()
    join = vstack if issparse(X) else np.concatenate
    for done, share in enumerate(shares(number), start=1):
        rows, labels = surest(predict(X), share, frequencies)
        text = "self-training, round %d of %d: %d of %d unlabelled examples"
        LOG.info(text, done, number, len(rows), X.shape[0])
        again = np.tile(np.arange(n_known), repeats(n_known, len(rows)))
        both: Any = join([known.X[again], X[rows]])
        yield Examples(
            both.tocsr() if issparse(both) else both,
            np.concatenate([known.target[again], labels]),
            np.concatenate([weight[again], np.full(len(rows), weight.mean())]),
        )


def settings_of_round(settings: FinetuningSettings) -> FinetuningSettings:
    """Return the settings of one round, from those that the known labels were learnt with."""
    rate = settings.learning_rate
    return replace(
        settings,
        epochs=_EPOCHS,
        patience=None,
        batch_size=_BATCH * settings.batch_size,
        learning_rate=rate if isinstance(rate, str) else np.multiply(_RATE, rate).tolist(),
    )
