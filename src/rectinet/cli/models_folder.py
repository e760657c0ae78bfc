"""A model folder that knows the columns of the table it was trained on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rectinet.errors import InputError, SettingError, StorageError
from rectinet.estimators import RectifierClassifier, RectifierRegressor, load_with_extra
from rectinet.files import check_ours, make_folder
from rectinet.storage import MODEL_FILE, save_model
from rectinet.tables import (
    Columns,
    MatrixColumns,
    Table,
    Target,
    Task,
    columns_from_values,
    read_table,
    read_target,
    text_of,
)

Predicting = RectifierClassifier | RectifierRegressor

# From here, the distance of two numbers in float32 is above a hundredth of the deviation.
_SINGLE = 2**24 / 100


@dataclass(frozen=True)
class TableModel:
    """What `rectinet fit` leaves.

    Attributes:
        estimator: fitted.
        columns: how a table becomes its inputs; None if the model was saved from Python.
        target: name of the column it predicts; None where the files had no names.
        task: what kind of prediction that is.
    """

    estimator: Predicting
    columns: Columns | MatrixColumns | None
    target: str | None
    task: Task

    def save(self, path: Path) -> Path:
        """Write the folder; see `rectinet.storage.save_model`."""
        assert self.columns is not None
        described, arrays = self.columns.to_values()
        extra = {"columns": described, "target": self.target, "task": str(self.task)}
        return save_model(self.estimator.to_stored(extra, arrays), path)

    def inputs(self, path: Path) -> tuple[Table, Any]:
        """Return a file's table, and its matrix for the estimator.

        Raises:
            RectinetError: if the file cannot be read or does not fit the model.
        """
        if self.columns is None:
            raise InputError(
                "the model does not say how a file's columns become its inputs, because it was "
                "saved from Python; expected one that `rectinet fit` made: load this one with "
                "rectinet.load, and pass it arrays"
            )
        text = list(self.columns.text_names)
        if self.target is not None:
            text.append(self.target)
        table = read_table(path, text=text, notation=self.columns.notation)
        return table, self.columns.transform(table)

    def notes(self, table: Table) -> list[str]:
        """Return what of a file that was read by `inputs` the model ignores, a sentence each."""
        assert self.columns is not None
        return self.columns.notes(table.without([] if self.target is None else [self.target]))

    def known(self, table: Table) -> Target | None:
        """Return the target of a table to predict; None if it has none.

        Raises:
            RectinetError: if it has one that cannot be used.
        """
        there = table.target is not None if self.target is None else self.target in table.names
        if not there:
            return None
        classes = self._outputs() if self.task is Task.CLASSIFICATION else []
        return read_target(table, self.target, self.task, classes=classes)

    def unknown_classes(self, target: Target) -> list[str]:
        """Return the label of each row whose class was not there in training."""
        if self.task is not Task.CLASSIFICATION:
            return []
        strange = target.values[target.labelled & (self.class_numbers(target) < 0)]
        return [text_of(label) for label in strange]

    def rounded_by_float32(self) -> list[str]:
        """Return the inputs that single precision would round too much, as ONNX does."""
        scaling = self.estimator.scaling_
        rounded = np.flatnonzero(np.abs(scaling.shift) > _SINGLE * scaling.scale)
        if self.columns is None:
            return [str(number) for number in rounded]
        names = self.columns.feature_names()
        return [names[number] for number in rounded]

    def class_numbers(self, target: Target) -> np.ndarray:
        """Return the number of each row's class or rating among the network's outputs.

        Returns:
            Shape (n,), int64; -1 where a row has none, or one that was not there in training.
        """
        outputs = self._outputs()
        numbers = {text_of(value): number for number, value in enumerate(outputs)}
        labels = [
            (value, known) for value, known in zip(target.values, target.labelled, strict=True)
        ]
        return np.array(
            [numbers.get(text_of(value), -1) if known else -1 for value, known in labels]
        )

    def output_names(self) -> list[str]:
        """Return the names of the classes or ratings that the network's outputs stand for."""
        return [text_of(value) for value in self._outputs()]

    def output_values(self) -> list[float] | None:
        """Return the ratings that the network's outputs stand for; None if they are classes."""
        return None if isinstance(self.estimator, RectifierClassifier) else self._outputs() or None

    def _outputs(self) -> list[Any]:
        if isinstance(self.estimator, RectifierClassifier):
            return list(self.estimator.classes_.tolist())
        return [] if self.estimator.values_ is None else list(self.estimator.values_.tolist())


def load_table_model(path: Path) -> TableModel:
    """Read what `TableModel.save`, or an estimator's `save`, wrote.

    Raises:
        StorageError: if it cannot be read, or is damaged.
        SettingError: if it predicts nothing.
    """
    estimator, extra, arrays = load_with_extra(path)
    if not isinstance(estimator, RectifierClassifier | RectifierRegressor):
        raise SettingError(
            f"{path} holds a {type(estimator).__name__}, which predicts nothing; expected a "
            "classifier or regressor: make one with `rectinet fit`"
        )
    try:
        columns = columns_from_values(extra["columns"], arrays) if "columns" in extra else None
    except StorageError as error:
        raise StorageError(f"cannot load {path}: {error}") from error
    if columns is not None and columns.n_features != estimator.n_features_in_:
        raise StorageError(
            f"{path} is damaged: its columns give {columns.n_features} inputs, its network takes "
            f"{estimator.n_features_in_}; copy the model again"
        )
    return TableModel(estimator, columns, _name(extra, path), _task(estimator))


@contextlib.contextmanager
def place(path: Path) -> Iterator[None]:
    """Have the folder for a model ready, before hours go into one; take it back on failure.

    Raises:
        StorageError: if `path` cannot be created, is a file, or a folder with other things in it.
    """
    if path.exists() and not path.is_dir():
        raise StorageError(f"cannot save {path}: it is a file; name a new folder")
    check_ours(path, MODEL_FILE, "model")
    make_folder(path)
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # it is not empty: a model was there, and still is
            path.rmdir()
        raise


def _name(extra: dict[str, Any], path: Path) -> str | None:
    name = extra.get("target")
    if name is not None and not isinstance(name, str):
        raise StorageError(f"{path} is damaged: its target is no name; copy the model again")
    return name


def _task(estimator: Predicting) -> Task:
    if isinstance(estimator, RectifierClassifier):
        return Task.CLASSIFICATION
    return Task.REGRESSION if estimator.values_ is None else Task.RATINGS
