"""What a table says to predict: classes, numbers or ratings, and for which rows it says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.sparse import issparse

from rectinet.errors import InputError, SettingError
from rectinet.tables.fitting import spelling_note
from rectinet.tables.kinds import as_numbers, is_number, odd_value, text_of
from rectinet.tables.labels import is_whole, labels_of
from rectinet.tables.spelling import Odd, Spelling, plain_spelling, spelling_of
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

    @property
    def classes(self) -> list[Any] | None:
        """All labels, where -1 is one, which estimators take for unlabeled otherwise."""
        if self.task is not Task.CLASSIFICATION or UNLABELLED not in self.values:
            return None
        return sorted(set(self.values[self.labelled].tolist()))

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


def read_target(
    table: Table,
    name: str | None,
    task: Task | str | None = None,
    *,
    classes: Sequence[Any] | None = None,
) -> Target:
    """Return what a table says to predict.

    By itself, text, truth values and whole numbers are classes, other numbers are predicted as
    such. A row whose target is missing or blank is unlabeled; in matrix files so is -1, if there
    are two or more other whole numbers.

    In CSV and TSV, read the column as text (see `read_table`), and labels stay as they are spelled:
    whole numbers become ints if all of them are written plainly (``7``, not ``007``) and fit into
    64 bits.

    Args:
        table: where to look.
        name: the column; None for a matrix, which comes with its target.
        task: what to take it for, see `Task`; None: judge by the values.
        classes: the labels of training, for a table to predict: any number of different targets
            will do then, and -1 is a class if it is one of these.

    Raises:
        InputError: if there is no such column, nothing in it, or not what the task needs.
        SettingError: if the task is unknown, or cannot be judged by the values.
    """
    if task is not None and task not in list(Task):
        raise SettingError(f"task is {task!r}; use one of {', '.join(Task)}")
    task = None if task is None else Task(task)
    column = _column(table, name)
    what = f"the target of {table.source}" if name is None else f"the target {name!r}"
    known = column.dropna().to_numpy(dtype=object)
    if not len(known):
        raise InputError(
            f"{what} is missing in all {table.n_rows} rows; expected some labeled rows: check "
            "the file, or name another column"
        )
    if not (_all_text(known) or all(is_number(value) for value in known)):
        kinds = sorted({type(value).__name__ for value in known})
        raise InputError(
            f"{what} holds values of type {', '.join(kinds)}; expected text alone, truth values, "
            "or numbers: convert it"
        )
    if classes is None and len(set(known.tolist())) < 2:
        raise InputError(
            f"{what} is always {text_of(known[0])!r} where it is not missing; expected two or more "
            "different values: check the file, or name another column"
        )
    spelling = None
    if task is not Task.CLASSIFICATION and _all_text(known):
        spelling = _spelling(column, known, table, what, predicting=classes is not None)
    task = _judged(known, spelling, table, what) if task is None else task
    if task is Task.CLASSIFICATION:
        values, notes = labels_of(column, known=classes, as_spelled=not table.is_delimited)
        more = _without_minus_one(values, table, classes)
        return Target(name, task, values, (*notes, *more))
    values = as_numbers(column, table.source, spelling=spelling or plain_spelling(table.notation))
    if task is Task.RATINGS and len(set(values[~np.isnan(values)])) > _MANY_CLASSES:
        raise InputError(
            f"{what} has more than {_MANY_CLASSES} different values; expected a few ratings, "
            "such as 1 to 5: use the task regression"
        )
    notes = () if spelling is None else tuple(spelling_note(table, column, spelling))
    return Target(name, task, values, notes)


def _spelling(
    column: pd.Series, known: np.ndarray, table: Table, what: str, *, predicting: bool
) -> Spelling | None:
    """Return how a target that is text spells numbers; None if it does not."""
    spelling = spelling_of(dict.fromkeys(known), table.notation)
    if isinstance(spelling, Odd):
        if predicting:  # the options below are those of fitting; `as_numbers` refuses it
            return None
        cure = f"say {spelling.cure} if that is what it means" if spelling.cure else "correct it"
        raise InputError(
            f"{what} has {odd_value(column, spelling)}; expected numbers written in one way, or "
            f"classes: {cure}, or say --task {Task.CLASSIFICATION} if these are classes"
        )
    return spelling


def _judged(known: np.ndarray, spelling: Spelling | None, table: Table, what: str) -> Task:
    """Return the task that the values speak for."""
    values: list[Any] = known.tolist()
    numeric = not _all_text(known)
    if spelling is not None:
        numbers = [spelling.number(text) or 0.0 for text in values]
        if spelling.has_unit or not all(number.is_integer() for number in numbers):
            return Task.REGRESSION
        numeric = table.is_delimited
    elif numeric and not all(is_whole(value) for value in values):
        return Task.REGRESSION
    different = len(set(values))
    if different > _MANY_CLASSES or different > max(_SOME_CLASSES, len(values) / 2):
        said = "whole numbers" if numeric else "texts"
        tasks = [Task.CLASSIFICATION]
        if numeric:
            tasks += [Task.REGRESSION]
            tasks += [Task.RATINGS] if different <= _MANY_CLASSES else []
        options = " or ".join(f"--task {task}" for task in tasks)
        raise SettingError(
            f"{what} has {different:,} different {said} in {len(values):,} rows, many for classes; "
            f"say what they are: {options}, or name another column"
        )
    return Task.CLASSIFICATION


def _without_minus_one(
    labels: np.ndarray, table: Table, classes: Sequence[Any] | None
) -> tuple[str, ...]:
    """Make -1 mean unlabeled where it does, and say what it is taken for."""
    minus_one = np.array([type(label) is int and label == UNLABELLED for label in labels], bool)
    if not minus_one.any():
        return ()
    others = {label for label in labels if label is not None} - {UNLABELLED}
    if classes is not None:
        unlabeled = table.frame is None and UNLABELLED not in classes
    elif table.frame is not None:
        return ("-1 is taken for a class: only empty cells are unlabeled",)
    else:
        unlabeled = len(others) > 1
    if not unlabeled:
        if classes is not None:
            return ()
        return (f"-1 and {text_of(others.pop())} are taken for two classes",) if others else ()
    labels[minus_one] = None
    return (f"{np.count_nonzero(minus_one):,} rows with the target -1 taken for unlabeled",)


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
        cure = "numpy.savez(file, X=X, y=y)"
        if issparse(table.matrix):
            cure = "numpy.savez(new_file, y=y, **numpy.load(file))"
        raise InputError(
            f"{table.source} holds X, but no y; expected one target for each row of X: save it "
            f"with {cure}"
        )
    return _blanked(pd.Series(table.target, name="y"))


def _blanked(column: pd.Series) -> pd.Series:
    """Return a column whose empty texts are missing values, which is what they say."""
    blank = np.array([isinstance(value, str) and not value.strip() for value in column], bool)
    return column.astype(object).mask(blank) if blank.any() else column


def _all_text(values: np.ndarray) -> bool:
    return all(isinstance(value, str) for value in values)
