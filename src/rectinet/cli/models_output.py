"""Predictions as CSV, and models for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from rectinet.cli.models_folder import TableModel
from rectinet.errors import RectinetError, SettingError
from rectinet.estimators import RectifierClassifier
from rectinet.files import write_json
from rectinet.tables import Table, Target, Task

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_DIGITS = ".7g"  # what single precision holds


def check_suffix(path: Path, *suffixes: str) -> None:
    """Refuse a file name that promises another format.

    Raises:
        SettingError: if the suffix is not one of `suffixes`, or `path` is a folder.
    """
    if path.suffix.lower() not in suffixes:
        raise SettingError(f"out is {path}; name a file that ends in {' or '.join(suffixes)}")
    if path.is_dir():
        raise SettingError(f"out is {path}, a folder; name a file in it")


def say(notes: Sequence[str]) -> None:
    """Print what the user should know about a file, where it does not mix with predictions."""
    for note in notes:
        typer.echo(f"note: {note}", err=True)


def targets_to_measure(model: TableModel, table: Table) -> Target | None:
    """Return the targets of a file to predict, if it has some; say what is odd about them."""
    try:
        known = model.known(table)
    except RectinetError as error:
        say([f"the targets in {table.source} are not measured: {error}"])
        return None
    if known is None:
        return None
    say(known.notes)
    if not known.labelled.any():
        say([f"the targets in {table.source} are not measured: no row has one"])
        return None
    return known


def predictions(model: TableModel, X: Any, *, probabilities: bool, suffix: str = ".csv") -> str:
    """Return a table: ``prediction``, and for each class its probability if that is wanted.

    Raises:
        SettingError: if probabilities are wanted of a model that has none.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=_SEPARATORS[suffix], lineterminator="\n")
    if not probabilities:
        writer.writerow(["prediction"])
        said = model.estimator.predict(X).tolist()
        if model.task is not Task.CLASSIFICATION:
            said = [f"{value:{_DIGITS}}" for value in said]
        writer.writerows([value] for value in said)
        return stream.getvalue()
    estimator = model.estimator
    if not isinstance(estimator, RectifierClassifier):
        raise SettingError(
            f"probabilities are wanted, but the model's task is {model.task}; expected "
            "classification: leave --probabilities out"
        )
    classes = estimator.classes_.tolist()
    shares = estimator.predict_proba(X)
    writer.writerow(["prediction", *(f"probability_{each}" for each in classes)])
    for best, row in zip(shares.argmax(axis=1).tolist(), shares, strict=True):
        writer.writerow([classes[best], *(f"{value:{_DIGITS}}" for value in row.tolist())])
    return stream.getvalue()


def write_onnx(model: TableModel, path: Path) -> Path:
    """Write the network as ONNX, and beside it a JSON file with the names of inputs and classes.

    Returns:
        The path of the JSON file.

    Raises:
        SettingError, InputError, StorageError: see `to_onnx` of the estimators.
    """
    estimator = model.estimator
    estimator.to_onnx(path)
    # Not model.json, which may be a model's own.
    names = path.with_name(f"{path.name}.json")
    described: dict[str, Any] = {"task": str(model.task), "target": model.target}
    if isinstance(estimator, RectifierClassifier):
        described["classes"] = estimator.classes_.tolist()
    if model.columns is not None:
        described["inputs"] = model.columns.feature_names()
    write_json(names, described)
    return names
