"""Training a whole network with labels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rectinet.data import check_inputs, check_labels
from rectinet.engine import DEFAULT_ENGINE, Engine, Inputs, new_update
from rectinet.errors import InputError
from rectinet.nn import Array, Network
from rectinet.randomness import generator
from rectinet.training.checkpoint import Checkpoint
from rectinet.training.fingerprint import fingerprint, layer_arrays
from rectinet.training.learning_rates import choose_learning_rate
from rectinet.training.loop import Loop, Schedule
from rectinet.training.observer import Observer
from rectinet.training.records import EpochRecord, Evaluation
from rectinet.training.settings import FinetuningSettings, check_kind
from rectinet.training.supervised import Supervised

# Evaluating on all of a large training set would cost as much as training on it.
_TRAINING_SAMPLE = 1000


@dataclass(frozen=True)
class FinetuningOutcome:
    """What fine-tuning gave.

    Attributes:
        network: with the weights of the kept epoch.
        records: one per epoch.
        learning_rate: one per layer, as given or as chosen.
        best_epoch: where the weights come from, the best epoch or, where the settings say so, the
            last; 0 if no epoch was finished.
        evaluation: of that epoch; None if no epoch was finished.
        interrupted: whether Ctrl-C ended the run.
    """

    network: Network
    records: tuple[EpochRecord, ...]
    learning_rate: tuple[float, ...]
    best_epoch: int
    evaluation: Evaluation | None
    interrupted: bool


def finetune(
    network: Network,
    X: Inputs,
    y: Array,
    X_validation: Inputs | None = None,
    y_validation: Array | None = None,
    *,
    settings: FinetuningSettings | None = None,
    seed: int = 0,
    engine: Engine = DEFAULT_ENGINE,
    observer: Observer | None = None,
    checkpoint: Path | None = None,
) -> FinetuningOutcome:
    """Train a network on labelled examples by minibatch gradient descent.

    Args:
        network: where to start; it is copied, not changed.
        X: inputs, shape (n, n_features), dense or CSR.
        y: class numbers, shape (n,), from 0 to n_outputs - 1.
        X_validation: examples that choose the epoch to keep and the learning rate; without them,
            up to 1,000 of the training examples are taken.
        y_validation: their class numbers.
        settings: how; the defaults of `FinetuningSettings` if None.
        seed: of the order of the examples.
        engine: does the arithmetic.
        observer: is told about progress.
        checkpoint: folder for the state after each epoch; a state found there is taken up.

    Returns:
        The outcome; after Ctrl-C, of the epochs finished until then (see its `interrupted`).

    Raises:
        InputError: if an input has the wrong shape, is empty, or is not finite.
        SettingError: if a setting does not fit the network.
        DivergedError: if the loss stops being finite.
        StorageError: if a checkpoint cannot be written or does not belong to this run.
    """
    check_kind(network, Network, "network", "initialize_network(...)")
    settings = settings or FinetuningSettings()
    check_kind(settings, FinetuningSettings, "settings", "FinetuningSettings()")
    checkpoint = Path(checkpoint) if checkpoint else None
    n_features, n_layers = network.layers[0].n_in, len(network.layers)
    X = check_inputs(X, n_features=n_features)
    y = check_labels(y, n_examples=X.shape[0], n_classes=network.output.n_out)
    if (X_validation is None) != (y_validation is None):
        missing = "X_validation" if X_validation is None else "y_validation"
        raise InputError(f"{missing} is missing; give both inputs and labels to validate on")
    if X_validation is None or y_validation is None:
        rows = np.arange(min(X.shape[0], _TRAINING_SAMPLE))
        X_validation, y_validation, evaluated_on = X[rows], y[rows], "training"
    else:
        X_validation = check_inputs(X_validation, n_features=n_features, name="X_validation")
        n_validation, evaluated_on = X_validation.shape[0], "validation"
        y_validation = check_labels(
            y_validation, n_examples=n_validation, n_classes=network.output.n_out
        )
    dtype = network.layers[0].weight.dtype
    X, X_validation = X.astype(dtype, copy=False), X_validation.astype(dtype, copy=False)
    penalties = settings.penalties(n_layers - 1, n_layers)
    candidates = settings.rates(n_layers)

    def train(rates: tuple[float, ...], folder: Path | None) -> FinetuningOutcome:
        trained = network.copy()
        updates = [
            new_update(layer, settings.update(rate, penalty))
            for layer, rate, penalty in zip(trained.layers, rates, penalties, strict=True)
        ]
        objective = Supervised(
            engine, trained, X, y, X_validation, y_validation, updates, evaluated_on
        )
        schedule = Schedule(
            settings.epochs, settings.batch_size, settings.patience, settings.keep_best
        )
        store = None
        if folder:
            activations = [layer.activation for layer in network.layers]
            data = (X, y, X_validation, y_validation)
            identity = fingerprint(
                (settings, rates, seed, network.loss, activations),
                (*data, *layer_arrays(network.layers)),
            )
            store = Checkpoint(folder, identity)
        loop = Loop(objective, schedule, generator(seed, "order"), observer, store)
        for _ in loop:
            pass
        loop.finish()
        return FinetuningOutcome(
            network=trained,
            records=tuple(loop.records),
            learning_rate=rates,
            best_epoch=loop.best_epoch if settings.keep_best else len(loop.records),
            evaluation=loop.best_evaluation(),
            interrupted=loop.interrupted,
        )

    if len(candidates) == 1:
        return train(candidates[0], checkpoint)
    return choose_learning_rate(
        candidates,
        lambda rates: train(rates, checkpoint and checkpoint / f"rate-{rates[0]:g}"),
        lambda outcome: outcome.evaluation,
        lambda outcome: outcome.interrupted,
    )
