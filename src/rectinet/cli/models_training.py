"""From a table to a trained estimator, and what to tell about the training."""

from __future__ import annotations

import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split

from rectinet.cli.models_folder import Predicting
from rectinet.errors import InputError, SettingError
from rectinet.estimators import RectifierClassifier, RectifierRegressor
from rectinet.estimators.naming import named
from rectinet.nn import ReconstructionSampling
from rectinet.tables import Target, Task, text_of
from rectinet.training import EpochRecord, FinetuningSettings
from rectinet.training.loop import score

# Columns whose ranges differ by more than this are brought to one scale each.
_FACTOR = 10


@dataclass(frozen=True)
class Wishes:
    """What the user may say about the network.

    Attributes:
        hidden: units per hidden layer.
        pretraining: ``"auto"``, ``"denoising"`` or None.
        epochs: of fine-tuning, at most; None: the estimator's own.
        learning_rate: of fine-tuning; None: the estimator's own.
        dropout: share of the hidden units dropped in fine-tuning.
        input_dropout: share of the inputs, likewise.
        self_training: rounds; classification only.
        reconstruction_sampling: of pre-training, for sparse inputs; None: all outputs.
        seed: of weights, noise, order and splits.
    """

    hidden: tuple[int, ...]
    pretraining: str | None
    epochs: int | None
    learning_rate: float | None
    dropout: float
    input_dropout: float
    self_training: int
    reconstruction_sampling: float | None
    seed: int

    def __post_init__(self) -> None:
        """Find shares out of range before a large file is read."""
        FinetuningSettings(dropout=self.dropout, input_dropout=self.input_dropout)
        if self.reconstruction_sampling is not None:
            with named(ratio="reconstruction_sampling"):
                ReconstructionSampling(self.reconstruction_sampling)


def new_estimator(target: Target, wishes: Wishes, X: Any) -> Predicting:
    """Return an estimator that shows its progress.

    Raises:
        SettingError: if self-training is wanted where there are no classes, or reconstruction
            sampling where X is dense.
    """
    if wishes.reconstruction_sampling is not None and isinstance(X, np.ndarray):
        raise SettingError(
            f"reconstruction_sampling is {wishes.reconstruction_sampling:g}, but all inputs are "
            "dense numbers; it is for text, categories and sparse matrices: leave "
            "--reconstruction-sampling out, or name a column of text with --text"
        )
    settings: dict[str, Any] = {
        "pretraining": wishes.pretraining,
        "learning_rate_init": wishes.learning_rate,
        "dropout": wishes.dropout,
        "input_dropout": wishes.input_dropout,
        "reconstruction_sampling": wishes.reconstruction_sampling,
        "random_state": wishes.seed,
        "scaling": _scaling(X),
        "verbose": True,
    }
    if wishes.epochs is not None:
        settings["max_iter"] = wishes.epochs
    task = target.task
    if task is Task.CLASSIFICATION:
        settings |= {"self_training": wishes.self_training, "classes": target.classes}
        return RectifierClassifier(wishes.hidden, **settings)
    if wishes.self_training:
        raise SettingError(
            f"self_training is {wishes.self_training}, but the task is {task}; it is for "
            "classification: leave it out, or give --task classification"
        )
    output = "expectation" if task is Task.RATINGS else "linear"
    return RectifierRegressor(wishes.hidden, output=output, **settings)


def split(target: Target, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the rows to train on, and of labelled ones to test on.

    Raises:
        InputError: if there are too few labelled rows.
    """
    labelled = np.flatnonzero(target.labelled)
    if not share:
        return np.arange(len(target.values)), labelled[:0]
    n_test = int(np.ceil(share * len(labelled)))
    if len(labelled) - n_test < 2:
        raise InputError(
            f"{len(labelled)} labelled rows are too few for a test share of {share:g}; expected 2 "
            "or more to be left for training: choose a smaller share, or label more rows"
        )
    classes = None
    if target.task is Task.CLASSIFICATION:
        _, classes = np.unique(target.values[labelled].astype(str), return_inverse=True)
        counts = np.bincount(classes)
        if counts.min() < 2 or min(n_test, len(labelled) - n_test) < len(counts):
            classes = None
    _, test = train_test_split(labelled, test_size=n_test, random_state=seed, stratify=classes)
    test.sort()
    return np.setdiff1d(np.arange(len(target.values)), test), test


def train(estimator: Predicting, X: Any, y: np.ndarray) -> bool:
    """Fit the estimator; return whether Ctrl-C ended it early, after a finished epoch.

    Raises:
        KeyboardInterrupt: if Ctrl-C came before the first epoch of fine-tuning was done.
        RectinetError: see the estimators.
    """
    with _ctrl_c(estimator) as pressed:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # the command says it itself
                estimator.fit(X, y)
        except MemoryError as error:
            raise SettingError(
                f"hidden is {estimator.hidden_layer_sizes}, which with {X.shape[1]:,} inputs does "
                "not fit into memory; choose fewer units, or leave columns out"
            ) from error
        except _StoppedError:
            raise KeyboardInterrupt from None
    return bool(pressed)


def figures(estimator: Predicting) -> str:
    """Return what the kept epoch's evaluation says, on one line."""
    records: tuple[EpochRecord, ...] = estimator.records_
    best = records[0]
    for record in records:
        error, loss = score(record.evaluation)
        if (error, loss + estimator.tol) < score(best.evaluation):
            best = record
    trained = f"trained {_epochs(len(records))}"
    if records[0].evaluated_on == "training":
        return f"{trained}; training {_measured(records[-1])}"
    return f"{trained}, kept epoch {best.epoch}; validation {_measured(best)}"


def quality(estimator: Predicting, task: Task, X: Any, y: np.ndarray) -> str:
    """Return how well labelled rows are predicted, on one line."""
    predicted = estimator.predict(X)
    if task is Task.CLASSIFICATION:
        # As text: a file of another format may have 1 where training had "1".
        right = [text_of(a) == text_of(b) for a, b in zip(y, predicted.tolist(), strict=True)]
        return f"{np.mean(right):.1%} right, on {len(y):,} rows"
    error = mean_absolute_error(y, predicted)
    said = f"mean absolute error {error:.4g}"
    if len(set(y.tolist())) > 1:  # it compares with their mean
        said += f", R2 {r2_score(y, predicted):.3f}"
    return f"{said}, on {len(y):,} rows"


def _epochs(count: int) -> str:
    return f"{count} epoch" if count == 1 else f"{count} epochs"


def _measured(record: EpochRecord) -> str:
    evaluation = record.evaluation
    error = "" if evaluation.error is None else f"error {evaluation.error:.2%}, "
    return f"{error}loss {evaluation.loss:.4g}"


def _scaling(X: Any) -> str:
    """Return the estimators' own choice, but for columns of different units.

    Theirs divides dense counts and pixels by one number, which would leave nothing of the smaller
    columns of, say, ages and incomes, or of what differs between years or seconds since 1970.
    """
    if not isinstance(X, np.ndarray):
        return "auto"
    highest, lowest = X.max(axis=0).astype(np.float64), X.min(axis=0).astype(np.float64)
    largest, spread = np.maximum(highest, -lowest), highest - lowest
    far_from_zero = (spread > 0) & (spread * _FACTOR < largest)
    if far_from_zero.any() or np.median(largest) * _FACTOR < largest.max():
        return "standard"
    return "auto"


class _StoppedError(BaseException):
    """Ctrl-C before fine-tuning; the training loop would take KeyboardInterrupt for its own."""


@contextmanager
def _ctrl_c(estimator: Predicting) -> Iterator[list[int]]:
    """Let Ctrl-C end fine-tuning at the last finished epoch, and everything before it at once."""
    pressed: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        raise KeyboardInterrupt if hasattr(estimator, "network_") else _StoppedError

    if threading.current_thread() is not threading.main_thread():  # no other gets signals
        yield pressed
        return
    former = signal.signal(signal.SIGINT, stop)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, former)
