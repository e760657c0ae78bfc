"""Training a whole network with labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rectinet.data import Split, check_inputs, check_labels
from rectinet.engine import DEFAULT_ENGINE, Engine, Inputs, Update, new_update
from rectinet.errors import InputError, SettingError
from rectinet.nn import Array, Network, SoftmaxNLL
from rectinet.randomness import generator
from rectinet.training.checkpoint import Checkpoint
from rectinet.training.dropout import Dropout
from rectinet.training.fingerprint import fingerprint, layer_arrays
from rectinet.training.learning_rates import choose_learning_rate
from rectinet.training.loop import Loop, Schedule
from rectinet.training.observer import Observer
from rectinet.training.records import EpochRecord, Evaluation
from rectinet.training.redrawing import check_redrawn
from rectinet.training.settings import FinetuningSettings, check_kind
from rectinet.training.supervised import Examples, Supervised
from rectinet.training.weights import mean_one

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
        updates: the solver's state after the last epoch, for another call that goes on.
    """

    network: Network
    records: tuple[EpochRecord, ...]
    learning_rate: tuple[float, ...]
    best_epoch: int
    evaluation: Evaluation | None
    interrupted: bool
    updates: tuple[Update, ...] = ()


def finetune(
    network: Network,
    X: Inputs,
    y: Array,
    X_validation: Inputs | None = None,
    y_validation: Array | None = None,
    *,
    sample_weight: Array | None = None,
    validation_weight: Array | None = None,
    settings: FinetuningSettings | None = None,
    seed: int = 0,
    engine: Engine = DEFAULT_ENGINE,
    observer: Observer | None = None,
    checkpoint: Path | None = None,
    updates: Sequence[Update] | None = None,
    redraw: Callable[[int], Split] | None = None,
    class_values: Array | None = None,
    decays: int = 0,
) -> FinetuningOutcome:
    """Train all layers of a network with targets.

    Args:
        network: where training starts; it is left as it is.
        X: inputs, shape (n, n_features), dense or CSR.
        y: with the softmax, class numbers of shape (n,); with another loss, values of shape
            (n, n_outputs), or (n,) for one output.
        X_validation: inputs of the examples that choose the epoch to keep and the learning rate;
            without them, up to 1,000 of the training examples are taken.
        y_validation: their targets.
        sample_weight: how much each training example counts, shape (n,), 0 or more; only ratios
            matter. All the same if None.
        validation_weight: the same for the validation examples.
        settings: how; the defaults of `FinetuningSettings` if None.
        seed: of the order of the examples and of dropout.
        engine: does the arithmetic.
        observer: is told about progress.
        checkpoint: folder for the state after each epoch; a state found there is taken up.
        updates: the solver's state that an earlier call of the same network left (the outcome's
            `updates`), to go on with; its buffers are changed in place. Afresh if None.
        redraw: where examples never end: returns those of an epoch, counted from 1, as many as
            in X, and at every call the same; X and y are then those of the first epoch.
        class_values: the number that each class stands for, shape (n_classes,), where classes are
            the values of a rating; the epoch and the learning rate are then chosen by the error
            of the expected value (see `Evaluation.rmse`). Training is the same.
        decays: how often all learning rates are lowered where training would stop (see `Schedule`).
            Not one of the settings, by which the runs of studies are named.

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
    n_layers = len(network.layers)
    training = _examples(network, X, y, "X", "y")
    if sample_weight is not None:
        training = replace(training, weight=_weights(sample_weight, training, "sample_weight"))
    if (X_validation is None) != (y_validation is None):
        missing = "X_validation" if X_validation is None else "y_validation"
        raise InputError(f"{missing} is missing; give both inputs and labels to validate on")
    if validation_weight is not None and X_validation is None:
        raise InputError("validation_weight is given without X_validation; give both, or neither")
    if X_validation is None or y_validation is None:
        rows = np.arange(min(training.X.shape[0], _TRAINING_SAMPLE))
        weight = None if training.weight is None else training.weight[rows]
        # Of the first thousand, none may count.
        weight = None if weight is None or not weight.any() else weight
        evaluation = Examples(training.X[rows], training.target[rows], weight)
        evaluated_on = "training"
    else:
        evaluation = _examples(network, X_validation, y_validation, "X_validation", "y_validation")
        if validation_weight is not None:
            weight = _weights(validation_weight, evaluation, "validation_weight")
            evaluation = replace(evaluation, weight=weight)
        evaluated_on = "validation"
    penalties = settings.penalties(n_layers - 1, n_layers)
    shares = settings.dropout_shares(n_layers - 1)
    candidates = settings.rates(n_layers)
    if updates is not None and len(candidates) > 1:
        raise SettingError(
            "learning_rate is 'grid', which starts afresh with each rate; give one to go on with "
            "the updates of an earlier call"
        )
    if class_values is not None:
        class_values = _class_values(class_values, network)
    if redraw and sample_weight is not None:
        raise InputError("sample_weight is given with redraw; redrawn examples all count the same")

    def redrawn(epoch: int) -> Examples:
        assert redraw is not None
        split = redraw(epoch)
        check_redrawn(split, training.X, epoch)
        return _examples(network, split.X, split.y, "redrawn X", "redrawn y")

    def train(rates: tuple[float, ...], folder: Path | None) -> FinetuningOutcome:
        trained = network.copy()
        rules = [
            new_update(layer, settings.update(rate, penalty))
            for layer, rate, penalty in zip(trained.layers, rates, penalties, strict=True)
        ]
        if updates is not None:
            rules = _going_on(rules, updates)
        dropped = generator(seed, "dropout")
        drops = any(shares)
        objective = Supervised(
            engine,
            trained,
            training,
            evaluation,
            rules,
            evaluated_on,
            Dropout(shares, dropped) if drops else None,
            {"dropout": dropped} if drops else None,
            redrawn if redraw else None,
            class_values,
        )
        schedule = Schedule(
            settings.epochs,
            settings.batch_size,
            settings.patience,
            settings.keep_best,
            settings.tolerance,
            decays,
        )
        store = None
        if folder:
            activations = [layer.activation for layer in network.layers]
            data = (training.X, training.target, evaluation.X, evaluation.target)
            weights = () if training.weight is None else (training.weight,)
            apart = () if validation_weight is None else (evaluation.weight,)
            ratings = () if class_values is None else (class_values,)
            earlier = () if updates is None else rules
            steps = [rule.steps for rule in earlier]
            buffers = [buffer for rule in earlier for buffer in rule.buffers.values()]
            identity = fingerprint(
                (
                    settings,
                    rates,
                    seed,
                    network.loss,
                    activations,
                    *steps,
                    *("weighed" for _ in apart),
                    *(("redrawn",) if redraw else ()),
                    *("ratings" for _ in ratings),
                    *((f"{decays} decays",) if decays else ()),
                ),
                (*data, *weights, *apart, *ratings, *layer_arrays(network.layers), *buffers),
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
            updates=tuple(rules),
        )

    if len(candidates) == 1:
        return train(candidates[0], checkpoint)
    return choose_learning_rate(
        candidates,
        lambda rates: train(rates, checkpoint and checkpoint / f"rate-{rates[0]:g}"),
        lambda outcome: outcome.evaluation,
        lambda outcome: outcome.interrupted,
    )


def _examples(network: Network, X: Inputs, y: Array, name: str, y_name: str) -> Examples:
    """Return checked inputs and targets in the network's precision."""
    dtype, n_outputs = network.layers[0].weight.dtype, network.output.n_out
    X = check_inputs(X, n_features=network.layers[0].n_in, name=name)
    n = X.shape[0]
    if isinstance(network.loss, SoftmaxNLL):
        return Examples(
            X.astype(dtype, copy=False), check_labels(y, n_examples=n, n_classes=n_outputs)
        )
    target = np.asarray(y)
    if target.ndim == 1:
        target = target[:, None]
    target = check_inputs(target, n_features=n_outputs, name=y_name)
    if len(target) != n:
        raise InputError(f"{y_name} has {len(target)} rows; expected {n}, one for each example")
    return Examples(X.astype(dtype, copy=False), target.astype(dtype, copy=False))


def _class_values(values: Array, network: Network) -> Array:
    """Return the checked values of the classes."""
    if not isinstance(network.loss, SoftmaxNLL):
        raise SettingError(
            f"class_values are given with the loss {type(network.loss).__name__}; leave them out, "
            "or use a network with the softmax"
        )
    checked = np.asarray(values, np.float64)
    if checked.shape != (network.output.n_out,) or not np.isfinite(checked).all():
        raise InputError(
            f"class_values is {values}; expected {network.output.n_out} finite numbers, one for "
            "each class"
        )
    return checked


def _going_on(rules: Sequence[Update], updates: Sequence[Update]) -> list[Update]:
    """Return the rules with what earlier ones remember."""
    shapes = [
        [{name: buffer.shape for name, buffer in rule.buffers.items()} for rule in several]
        for several in (rules, updates)
    ]
    if shapes[0] != shapes[1]:
        raise SettingError(
            "updates were left by another solver or a network of other sizes; give the outcome's "
            "of the call to go on from, or None to start afresh"
        )
    return [
        replace(rule, steps=earlier.steps, buffers=earlier.buffers)
        for rule, earlier in zip(rules, updates, strict=True)
    ]


def _weights(values: Array, examples: Examples, name: str) -> Array:
    return mean_one(values, examples.X.shape[0], examples.X.dtype, name)
