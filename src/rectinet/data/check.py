"""Checks of arrays that come from outside: one clear line instead of a silent wrong number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from rectinet.errors import InputError


def check_inputs(X: Any, *, n_features: int | None = None, name: str = "X") -> Any:
    """Return `X` as a finite matrix of floats that the kernels can read.

    Args:
        X: shape (n, d): an array, nested lists, a table, or a SciPy sparse matrix or array.
        n_features: the number of columns expected, if it is known.
        name: what the messages call `X`.

    Returns:
        A C-contiguous ndarray, or CSR (columns sorted, each at most once) if `X` is sparse.
        float64 (and Python's floats) stay float64, every other numeric type becomes float32. It
        shares memory with `X` where nothing had to change; `X` itself is never altered.

    Raises:
        InputError: if `X` is not numeric, not 2-D, empty, of another width, or not finite.
    """
    values = X if is_sparse(X) else _as_array(X, name)
    if values.dtype.kind not in "buif":
        raise InputError(
            f"{name} is not numeric: its type is {values.dtype}; expected numbers: encode text and "
            "categories as numbers first"
        )
    _check_shape(values.shape, n_features, name)
    # By `type`, so that float64 in the other byte order stays float64 too.
    dtype = np.float64 if values.dtype.type is np.float64 else np.float32
    with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is reported below
        if is_sparse(values):
            matrix = _as_canonical_csr(values, dtype, name)
        else:
            matrix = np.ascontiguousarray(values, dtype=dtype)
    check_finite(matrix, name)
    return matrix


def check_labels(y: Any, *, n_examples: int, n_classes: int | None = None) -> np.ndarray:
    """Return `y` as class numbers.

    Args:
        y: shape (n_examples,), whole numbers from 0; floats are accepted if they are whole.
        n_examples: the number of labels expected.
        n_classes: labels must be below it, if it is known.

    Returns:
        shape (n_examples,), int64.

    Raises:
        InputError: if `y` has another length, or a label is not a whole number or out of range.
    """
    labels = _as_array(y, "y")
    if labels.shape != (n_examples,):
        raise InputError(
            f"y has shape {labels.shape}; expected ({n_examples},): one label for each example"
        )
    if labels.dtype.kind not in "buif":
        raise InputError(
            f"y is not numeric: its type is {labels.dtype}; expected class numbers from 0: encode "
            "the classes first, for instance with sklearn.preprocessing.LabelEncoder"
        )
    limit = np.iinfo(np.int64).max if n_classes is None else n_classes
    if labels.dtype.kind == "f":
        labels = labels.astype(np.float64)  # float16 could not hold `limit`
        _report_first(labels != np.rint(labels), labels, "whole numbers")  # true for NaN as well
    expected = "0 or more" if n_classes is None else f"0..{n_classes - 1}"
    _report_first((labels < 0) | (labels >= limit), labels, expected)
    return labels.astype(np.int64)


def is_sparse(X: Any) -> bool:
    """Return whether `X` is a SciPy sparse matrix or array."""
    # A plain bool: SciPy's stubs narrow to a base class in which CSR's three arrays are unknown.
    return bool(sparse.issparse(X))


def _report_first(wrong: np.ndarray, labels: np.ndarray, expected: str) -> None:
    if wrong.any():
        first = int(np.argmax(wrong))
        raise InputError(
            f"y has the label {labels[first]} at position {first} ({np.count_nonzero(wrong)} such "
            f"labels in all); expected {expected}: correct or drop these examples"
        )


def _as_array(values: Any, name: str) -> np.ndarray:
    try:
        array = np.asarray(values)
        # Objects get the type that their values have: numbers become numeric, text stays text.
        return np.asarray(array.tolist()) if array.dtype == object else array
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name} is not an array: {' '.join(str(error).split())}; expected rows of equal length"
        ) from error


def _check_shape(shape: tuple[int, ...], n_features: int | None, name: str) -> None:
    # "Reshape your data" and "while a minimum of" are what scikit-learn's estimator checks look
    # for in the messages of an estimator that uses this function.
    if len(shape) != 2:
        raise InputError(
            f"{name} has shape {shape}; expected 2 dimensions, a row for each example. Reshape "
            f"your data: {name}.reshape(1, -1) for one example, {name}.reshape(len({name}), -1) "
            "for many"
        )
    n, d = shape
    if n == 0:
        raise InputError(
            f"{name} has 0 sample(s) (shape={shape}) while a minimum of 1 is required: "
            "pass at least one row"
        )
    if d == 0:
        raise InputError(
            f"{name} has 0 feature(s) (shape={shape}) while a minimum of 1 is required: "
            "pass at least one column"
        )
    if n_features is not None and d != n_features:
        raise InputError(
            f"{name} has {d} features; expected {n_features}: pass the same columns as in training"
        )


def _as_canonical_csr(X: Any, dtype: type[np.floating], name: str) -> Any:
    check_sparse(X, name)
    # Floats first: summing duplicates in the type that came, say uint8, could overflow.
    matrix = sparse.csr_array(X.astype(dtype, copy=False))
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()  # sorts as well
    return matrix


def check_sparse(X: Any, name: str = "X") -> None:
    """Refuse a sparse matrix whose arrays do not fit; SciPy's own routines may crash on it.

    Args:
        X: a SciPy sparse matrix or array, in any format; it is never altered.
        name: what the message calls `X`.

    Raises:
        InputError: if it is damaged, or not 2-D.
    """
    _check_shape(X.shape, None, name)
    try:
        if X.format in ("csr", "csc", "bsr"):
            # Of a shallow copy: the check drops what the arrays hold beyond the last entry.
            type(X)(X).check_format(full_check=True)
            # SciPy looks at this only where the last of the row starts is above 0.
            if (np.diff(X.indptr) < 0).any():
                raise ValueError("its row starts (indptr) do not ascend")
        elif X.format == "coo":
            for size, places in zip(X.shape, (X.row, X.col), strict=True):
                if len(places) != len(X.data):
                    raise ValueError(f"{len(X.data)} values have {len(places)} places")
                if len(places) and not 0 <= places.min() <= places.max() < size:
                    raise ValueError(f"its places are not all in 0..{size - 1}")
    except ValueError as error:
        raise InputError(
            f"{name} is a damaged sparse matrix: {error}; build it again from its triples "
            "(scipy.sparse.coo_array)"
        ) from error


def check_finite(X: Any, name: str = "X", names: Sequence[Any] = ()) -> None:
    """Refuse NaN and infinity.

    Args:
        X: shape (n, d), dense or CSR.
        name: what the message calls `X`.
        names: of the columns, if they have names.

    Raises:
        InputError: naming the first such value's row and column, and how many there are.
    """
    stored = X.data if is_sparse(X) else X
    wrong = ~np.isfinite(stored)
    if not wrong.any():
        return
    position = int(np.argmax(wrong))
    if is_sparse(X):
        row = int(np.searchsorted(X.indptr, position, side="right")) - 1
        column, value = int(X.indices[position]), X.data[position]
    else:
        row, column = divmod(position, X.shape[1])
        value = X[row, column]
    found = "NaN" if np.isnan(value) else f"{value} (infinite)"
    called = f"{column} ({names[column]!r})" if len(names) == X.shape[1] else f"{column}"
    raise InputError(
        f"{name} contains {found} at row {row}, column {called} "
        f"({np.count_nonzero(wrong)} values in all are NaN or infinite); expected finite numbers: "
        "fill in or drop these rows"
    )
