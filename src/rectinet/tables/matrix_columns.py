"""How a matrix from a file becomes one of the width that the network was trained with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array, issparse
from sklearn.impute import SimpleImputer

from rectinet.data import check_finite, check_inputs
from rectinet.errors import InputError
from rectinet.tables import state
from rectinet.tables.notation import Notation
from rectinet.tables.state import Arrays, Values
from rectinet.tables.table import Table


class MatrixColumns:
    """Columns without names, all of them used; a missing one of a dense matrix becomes the median.

    svmlight's columns may be numbered from 0 or from 1; the training files decide.

    Args:
        n_features: columns of the matrix.
        first: the number of the first column in svmlight files.
        sparse: whether the matrix is CSR.
        medians: shape (n_features,), float64, for dense matrices; None for CSR.
        exact: whether numbers stay as exact as they are; models made before that was so round
            them to float32.

    Attributes:
        remarks: what the user should know about the matrices that were learnt from, a sentence
            each.
    """

    def __init__(
        self,
        n_features: int,
        first: int,
        sparse: bool,
        medians: np.ndarray | None,
        *,
        exact: bool = True,
    ):
        self.n_features = n_features
        self.first = first
        self.sparse = sparse
        self.exact = exact
        self.remarks: tuple[str, ...] = ()
        self._imputer = None
        if medians is not None:
            self._imputer = SimpleImputer(strategy="median").fit(medians[None, :])

    names: tuple[str, ...] = ()
    text_names: tuple[str, ...] = ()
    notation = Notation()

    @classmethod
    def fit(cls, tables: Sequence[Table]) -> Self:
        """Learn width, numbering and medians.

        Args:
            tables: matrices, all dense or all CSR.

        Raises:
            InputError: if they do not fit together, or hold nothing but missing values somewhere.
        """
        matrices = [_matrix(table) for table in tables]
        sparse = bool(issparse(matrices[0]))
        for table, matrix in zip(tables, matrices, strict=True):
            if issparse(matrix) != sparse or (table.format != tables[0].format):
                raise InputError(
                    f"{tables[0].source} and {table.source} are of two kinds; give matrices of one "
                    "kind, all dense or all sparse, in one format"
                )
        if sparse and not any(matrix.nnz for matrix in matrices):
            raise InputError(
                f"{tables[0].source} holds nothing but zeros; expected some values to learn from: "
                "check the file"
            )
        widths = [matrix.shape[1] for matrix in matrices]
        if tables[0].format == "svmlight":
            for table, matrix in zip(tables, matrices, strict=True):
                _check_stray(table.source, matrix)
            first = 0 if any((matrix.indices == 0).any() for matrix in matrices) else 1
            columns = cls(max(1, max(widths) - first), first, sparse, None)
            columns.remarks = tuple(_far_from_zero(matrices[0]))
            return columns
        for table, width in zip(tables, widths, strict=True):
            _check_width(table, width, widths[0])
        if sparse:
            columns = cls(widths[0], 0, True, None)
            columns.remarks = tuple(_far_from_zero(matrices[0]))
            return columns
        together = matrices[0] if len(matrices) == 1 else np.vstack(matrices)
        columns = cls(widths[0], 0, False, _medians(together, tables[0].source))
        columns.remarks = tuple(_missing_note(together))
        return columns

    def feature_names(self) -> list[str]:
        """Return the columns' numbers as text, as the file counts."""
        return [str(number) for number in range(self.first, self.first + self.n_features)]

    def transform(self, table: Table) -> Any:
        """Return a table's matrix, shape (n, n_features), dense or CSR.

        It is float32 where that holds all numbers of the file's type, otherwise float64.
        svmlight rows are as wide as needed: absent columns are 0, further ones ignored.

        Raises:
            InputError: if it is of another width or kind, or not finite.
        """
        if table.frame is not None:
            raise InputError(
                f"{table.source} has named columns; expected a matrix of {self.n_features} "
                "columns (NPZ or svmlight), as in training"
            )
        matrix = _matrix(table)
        if table.format == "svmlight":
            return self._widened(matrix, table.source)
        _check_width(table, matrix.shape[1], self.n_features)
        if self._imputer is not None:
            matrix = matrix.toarray() if issparse(matrix) else matrix
            matrix = self._imputer.transform(np.asarray(matrix, _floats(matrix)))
        elif not issparse(matrix):
            matrix = csr_array(matrix)
        return self._checked(matrix, table.source)

    def notes(self, table: Table) -> list[str]:
        """Return what of a table that `transform` takes is ignored; see `Columns.notes`."""
        if not self.sparse and not issparse(table.matrix):
            return _missing_note(table.matrix)
        end = self.first + self.n_features
        if table.format != "svmlight" or table.matrix.shape[1] <= end:
            return []
        return [f"columns from {end} on were not there in training and are ignored"]

    def describe(self) -> list[str]:
        """Return what the matrix is, on one line."""
        return [f"{self.n_features:,} {'sparse' if self.sparse else 'dense'}, without names"]

    def to_values(self) -> tuple[Values, Arrays]:
        """Return everything needed to build them again: values that JSON knows, and arrays."""
        values = {
            "kind": "matrix",
            "n_features": self.n_features,
            "first": self.first,
            "sparse": self.sparse,
            **({"exact": True} if self.exact else {}),
        }
        if self._imputer is None:
            return values, {}
        return values, {"medians": np.asarray(self._imputer.statistics_, np.float64)}

    @classmethod
    def from_values(cls, values: Any, arrays: Mapping[str, np.ndarray]) -> Self:
        """Build them again from what `to_values` returned.

        Raises:
            StorageError: if anything in it is missing, of the wrong type, or does not fit.
        """
        n_features, first = (state.field(values, name, int) for name in ("n_features", "first"))
        sparse = state.field(values, "sparse", bool)
        if n_features < 1 or first not in (0, 1):
            raise state.damaged(f"{n_features} columns, counted from {first}")
        medians = None if sparse else state.numbers(arrays, "medians", n_features)
        exact = "exact" in values and state.field(values, "exact", bool)
        return cls(n_features, first, sparse, medians, exact=exact)

    def _widened(self, matrix: Any, source: str) -> Any:
        if not self.sparse:
            raise InputError(
                f"{source} is svmlight, and the model was trained on a dense matrix; expected NPZ"
            )
        if self.first == 1 and (matrix.indices == 0).any():
            raise InputError(
                f"{source} has values in column 0, but the training files counted from 1; number "
                "the columns in the same way"
            )
        kept = matrix[:, self.first : self.first + self.n_features]
        shape = (matrix.shape[0], self.n_features)
        widened = csr_array((kept.data, kept.indices, kept.indptr), shape)
        return self._checked(widened, source)

    def _checked(self, matrix: Any, source: str) -> Any:
        with np.errstate(over="ignore"):  # becomes infinite, and is reported
            single = matrix.astype(np.float32)
            check_finite(single, name=f"X in {source}")
            exact = self.exact and _floats(matrix) is np.float64
            kept = matrix.astype(np.float64, copy=False) if exact else single
            return check_inputs(kept, name=f"X in {source}")


# A slip of the pen in a column's number, such as 2000000000, would make a network too wide for any
# memory. Hashed words reach far, too, but there are many of them.
_WIDE, _TIMES_USED = 1_000_000, 100

_FAR = 100


def _check_stray(source: str, matrix: Any) -> None:
    if matrix.shape[1] <= _WIDE:
        return
    used = np.unique(matrix.indices)
    if matrix.shape[1] <= _TIMES_USED * len(used):
        return
    entry = int(np.argmax(matrix.indices))
    row = int(np.searchsorted(matrix.indptr, entry, side="right"))
    others = f"the next largest is {used[-2]}" if len(used) > 1 else "there is no other"
    raise InputError(
        f"{source} has the column number {used[-1]} in row {row}, and {others}, of {len(used):,} "
        "different ones; expected numbers that follow each other more closely: correct it, or "
        "number the columns anew"
    )


def _far_from_zero(matrix: Any) -> list[str]:
    """Return a sentence about sparse columns such as seconds since 1970, which are not centered."""
    highest, lowest = (each.toarray().ravel() for each in (matrix.max(axis=0), matrix.min(axis=0)))
    largest, spread = np.maximum(highest, -lowest), highest - lowest
    far = np.flatnonzero((spread > 0) & (spread * _FAR < largest))
    if not len(far):
        return []
    which = f"column {far[0]}" + (f" and {len(far) - 1:,} more" if len(far) > 1 else "")
    return [
        f"{which} differs by less than a hundredth of its size, and sparse columns are not "
        "centered: subtract its smallest value"
    ]


def _floats(matrix: Any) -> type[np.floating]:
    """Return float32 where that holds all numbers of a type, otherwise float64."""
    return np.float32 if np.can_cast(matrix.dtype, np.float32) else np.float64


def _missing_note(matrix: np.ndarray) -> list[str]:
    if matrix.dtype.kind != "f":
        return []
    missing = np.isnan(matrix)
    if not missing.any():
        return []
    n_values, n_columns = np.count_nonzero(missing), np.count_nonzero(missing.any(axis=0))
    return [f"{n_values:,} NaN in X taken for missing, in {n_columns:,} column(s)"]


def _matrix(table: Table) -> Any:
    if table.frame is not None:
        raise InputError(
            f"{table.source} has named columns, and other files hold a matrix; give files of one "
            "kind"
        )
    matrix = table.matrix
    if not issparse(matrix) and np.isinf(matrix).any():
        row, column = np.argwhere(np.isinf(matrix))[0]
        raise InputError(
            f"X in {table.source} is infinite in row {row}, column {column}; expected finite "
            "numbers, or NaN where one is missing: correct or drop these rows"
        )
    return matrix


def _check_width(table: Table, width: int, expected: int) -> None:
    if width != expected:
        raise InputError(
            f"X in {table.source} has {width} columns; expected {expected}, as in training"
        )


def _medians(matrix: np.ndarray, source: str) -> np.ndarray:
    matrix = np.asarray(matrix, np.float64)
    missing = np.flatnonzero(np.isnan(matrix).all(axis=0))
    if len(missing):
        raise InputError(
            f"X in {source} has no value in column {missing[0]} ({len(missing)} such columns); "
            "expected some: leave these columns out"
        )
    imputer = SimpleImputer(strategy="median").fit(matrix)
    return np.asarray(imputer.statistics_, np.float64)
