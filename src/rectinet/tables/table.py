"""What a user's file holds: named columns, or a matrix of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from rectinet.errors import InputError
from rectinet.tables.notation import Notation


@dataclass(frozen=True)
class Table:
    """One file.

    Attributes:
        source: the file's name, for messages.
        format: ``"csv"``, ``"tsv"``, ``"parquet"``, ``"jsonl"``, ``"npz"`` or ``"svmlight"``.
        frame: named columns, a row for each example, indexed by the rows' numbers in the file from
            0; None where it holds a matrix.
        matrix: numbers without names, shape (n, d), dense or CSR; None where there are columns.
        target: what the file itself says to predict beside a matrix, shape (n,), or None.
        notes: what the user should know, one sentence each.
        notation: how it was said to write numbers and missing values.
    """

    source: str
    format: str
    frame: pd.DataFrame | None = None
    matrix: Any = None
    target: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    notation: Notation = field(default_factory=Notation)

    @property
    def n_rows(self) -> int:
        """The number of examples."""
        return len(self.frame) if self.frame is not None else int(self.matrix.shape[0])

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names; none for a matrix."""
        return () if self.frame is None else tuple(self.frame.columns)

    @property
    def is_delimited(self) -> bool:
        """Whether the file has nothing but text, and what looks like a number is one."""
        return self.format in ("csv", "tsv")

    @property
    def text_names(self) -> tuple[str, ...]:
        """The columns in which some value is text."""
        if self.frame is None:
            return ()
        return tuple(name for name in self.names if _has_text(self.frame[name]))

    def column(self, name: str) -> pd.Series:
        """Return one named column.

        Raises:
            InputError: if there is no such column.
        """
        self.require([name])
        assert self.frame is not None
        return self.frame[name]

    def require(self, names: Sequence[str]) -> None:
        """Check that columns are there.

        Raises:
            InputError: naming those that are missing, and those that are there.
        """
        missing = [name for name in names if name not in self.names]
        if not missing:
            return
        if self.frame is None:
            raise InputError(
                f"{self.source} holds a matrix without columns' names; expected {listed(missing)}: "
                "give a table with a header (CSV, TSV, Parquet or JSON lines)"
            )
        raise InputError(
            f"{self.source} has no column {listed(missing)}; it has {listed(self.names)}: check "
            "the names, capital letters included"
        )

    def without(self, names: Sequence[str]) -> Table:
        """Return the table without some of its columns; names that it has not are ignored."""
        if self.frame is None:
            return self
        return replace(self, frame=self.frame.drop(columns=list(names), errors="ignore"))

    def take(self, rows: np.ndarray) -> Table:
        """Return some of the rows, by number."""
        return replace(
            self,
            frame=None if self.frame is None else self.frame.iloc[rows],
            matrix=None if self.matrix is None else self.matrix[rows],
            target=None if self.target is None else self.target[rows],
        )


def listed(names: Sequence[str], most: int = 8) -> str:
    """Return names as they stand in a message: quoted, the first few of them."""
    shown = ", ".join(repr(name) for name in names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


def _has_text(column: pd.Series) -> bool:
    if isinstance(column.dtype, pd.StringDtype | pd.CategoricalDtype):
        return True
    if column.dtype != object:
        return False
    return any(isinstance(value, str) for value in column)
