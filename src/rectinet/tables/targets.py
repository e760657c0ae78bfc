"""What a table says to predict: classes, numbers or ratings, and for which rows it says nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

import numpy as np
import pandas as pd

from rectinet.errors import InputError, SettingError
from rectinet.tables.kinds import as_numbers, is_number, text_of
from rectinet.tables.table import Table, listed


class Task(StrEnum):
    """What kind of thing is predicted."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"
    RATINGS = "ratings"


# Of more different labels than this, it is asked whether they are classes.
_MANY_CLASSES = 100
# Likewise where more than half of the labels are there once, in more than a handful of rows.
_SOME_CLASSES = 20

# So many classes are listed for the user.
_SHOWN = 8

UNLABELLED = -1
_TOO_LARGE = 2**63


@dataclass(frozen=True)
class Target:
    """What to predict.

    Attributes:
        name: the column's name; None where a file of another kind holds it.
        task: the kind of prediction.
        values: shape (n,), as the estimators take it: labels as objects, None where a row has
            none; or float64, NaN where a row has none.
        notes: what the user should know, one sentence each.
    """

    name: str | None
    task: Task
    values: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def labelled(self) -> np.ndarray:
        """Which rows have a target, shape (n,), bool."""
        return ~np.asarray(pd.isna(self.values), bool)

    def take(self, rows: np.ndarray) -> Self:
        """Return the target of some rows, by number."""
        return replace(self, values=self.values[rows])

    def extended(self, n_rows: int) -> Self:
        """Return the target with rows that have none at the end."""
        missing = None if self.values.dtype == object else np.nan
        nothing = np.full(n_rows, missing, self.values.dtype)
        return replace(self, values=np.concatenate([self.values, nothing]))

    def describe(self) -> str:
        """Return what there is to predict, on one line."""
        known = self.values[self.labelled]
        if self.task is Task.REGRESSION:
            return f"numbers from {known.min():g} to {known.max():g}"
        different, counts = np.unique(np.asarray(known.tolist()), return_counts=True)
        called = "ratings" if self.task is Task.RATINGS else "classes"
        pairs = zip(different.tolist()[:_SHOWN], counts.tolist(), strict=False)
        shown = [f"{text_of(each)} ({count:,})" for each, count in pairs]
        if len(counts) > len(shown):
            shown.append("...")
        return f"{len(counts):,} {called}: {', '.join(shown)}"


def read_target(table: Table, name: str | None, task: Task | str | None = None) -> Target:
    """Return what a table says to predict.

    By itself, text, truth values and whole numbers are classes, other numbers are predicted as
    such. A row whose target is missing or empty is unlabelled; in matrix files so is -1, if there
    are two or more other whole numbers.

    Args:
        table: where to look.
        name: the column; None for a matrix, which comes with its target.
        task: what to take it for, see `Task`; None: judge by the values.

    Raises:
        InputError: if there is no such column, nothing in it, or not what the task needs.
        SettingError: if the task is unknown, or cannot be judged by the values.
    """
    if task is not None and task not in list(Task):
        raise SettingError(f"task is {task!r}; use one of {', '.join(Task)}")
    column = _column(table, name)
    what = f"the target of {table.source}" if name is None else f"the target {name!r}"
    known = column.dropna().to_numpy(dtype=object)
    if not len(known):
        raise InputError(
            f"{what} is missing in all {table.n_rows} rows; expected some labelled rows: check "
            "the file, or name another column"
        )
    numeric = all(is_number(value) for value in known)
    if not numeric and not all(isinstance(value, str) for value in known):
        kinds = sorted({type(value).__name__ for value in known})
        raise InputError(
            f"{what} holds values of type {', '.join(kinds)}; expected text alone, truth values, "
            "or numbers: convert it"
        )
    if len(set(known.tolist())) < 2:
        raise InputError(
            f"{what} is always {text_of(known[0])!r} where it is not missing; expected two or more "
            "different values: check the file, or name another column"
        )
    task = _judged(known, numeric, what) if task is None else Task(task)
    if task is not Task.CLASSIFICATION:
        values = as_numbers(column, table.source)
        if task is Task.RATINGS and len(set(values[~np.isnan(values)])) > _MANY_CLASSES:
            raise InputError(
                f"{what} has more than {_MANY_CLASSES} different values; expected a few ratings, "
                "such as 1 to 5: use the task regression"
            )
        return Target(name, task, values)
    labels = _labels(column, numeric)
    notes: tuple[str, ...] = ()
    others = {label for label in labels if label is not None} - {UNLABELLED}
    minus_one = np.array([type(label) is int and label == UNLABELLED for label in labels], bool)
    if minus_one.any() and len(others) > 1:
        if table.frame is not None:
            raise InputError(
                f"{what} has -1 beside {len(others)} other classes, and scikit-learn takes -1 for "
                "unlabelled; expected an empty field where a row has no label, or another name "
                "for the class: replace -1"
            )
        labels[minus_one] = None
        notes = (f"{np.count_nonzero(minus_one):,} rows with the target -1 taken for unlabelled",)
    return Target(name, task, labels, notes)


def _column(table: Table, name: str | None) -> pd.Series:
    if table.frame is not None:
        if name is None:
            raise SettingError(
                f"target is not given, and {table.source} has the columns {listed(table.names)}; "
                "name the one to predict: --target NAME"
            )
        return _blanked(table.column(name))
    if name is not None:
        raise SettingError(
            f"target is {name!r}, but {table.source} holds a matrix without columns' names and "
            "comes with its target: leave --target out"
        )
    if table.target is None:
        raise InputError(
            f"{table.source} holds X, but no y; expected one target for each row of X: save it "
            "with numpy.savez(file, X=X, y=y)"
        )
    return _blanked(pd.Series(table.target, name="y"))


def _blanked(column: pd.Series) -> pd.Series:
    """Return a column whose empty texts are missing values, which is what they say."""
    blank = np.array([isinstance(value, str) and not value.strip() for value in column], bool)
    return column.astype(object).mask(blank) if blank.any() else column


def _judged(known: np.ndarray, numeric: bool, what: str) -> Task:
    """Return the task that the values speak for."""
    if numeric and not all(_is_whole(value) for value in known):
        return Task.REGRESSION
    different = len(set(known.tolist()))
    if different > _MANY_CLASSES or different > max(_SOME_CLASSES, len(known) / 2):
        said = "whole numbers" if numeric else "texts"
        tasks = [Task.CLASSIFICATION]
        if numeric:
            tasks += [Task.REGRESSION]
            tasks += [Task.RATINGS] if different <= _MANY_CLASSES else []
        options = " or ".join(f"--task {task}" for task in tasks)
        raise SettingError(
            f"{what} has {different:,} different {said} in {len(known):,} rows, many for classes; "
            f"say what they are: {options}, or name another column"
        )
    return Task.CLASSIFICATION


def _labels(column: pd.Series, numeric: bool) -> np.ndarray:
    """Return labels of one type, None where there is none."""
    missing = column.isna().to_numpy()
    values = column.to_numpy(dtype=object)
    labels = np.full(len(values), None, object)
    whole = numeric and all(_is_whole(value) for value in values[~missing])
    truth = all(isinstance(value, bool | np.bool_) for value in values[~missing])
    for row in np.flatnonzero(~missing):
        value: Any = values[row]
        if truth:
            labels[row] = bool(value)
        else:
            labels[row] = int(value) if whole else text_of(value)
    return labels


def _is_whole(value: Any) -> bool:
    """Return whether a number is whole, and within 64 bits."""
    try:
        return bool(value == int(value)) and abs(int(value)) < _TOO_LARGE
    except (OverflowError, ValueError):  # infinite
        return False
