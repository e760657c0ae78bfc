"""NPZ and svmlight: matrices whose columns have no names."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from sklearn.datasets import load_svmlight_file

from rectinet.data.opening import malformed, opened
from rectinet.errors import DataError
from rectinet.tables.notation import as_number
from rectinet.tables.table import Table, listed

_CSR_PARTS = ("data", "indices", "indptr", "shape")
_NPZ = "the arrays X and y as numpy.savez writes them, or a CSR matrix from scipy.sparse.save_npz"
_SVMLIGHT = "lines such as `1 3:0.5 7:2`: a target, then column:value with ascending columns"


def read_npz(path: Path) -> Table:
    """Read X, dense or CSR, and y if it is there; runs no code from the file.

    Raises:
        DataError: see `rectinet.tables.read_table`.
    """
    with opened(path) as stream:
        try:
            archive = np.load(stream, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                raise DataError(
                    f"{path} cannot be used: it holds one array without a name; expected {_NPZ}: "
                    "save it with numpy.savez(file, X=array, y=targets)"
                )
            with archive:
                matrix, target = _arrays(archive, path)
        except (ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
            # NumPy would advise to run the code in it.
            problem = (
                "it is no NPZ file, or holds Python objects" if "pickle" in str(error) else error
            )
            raise malformed(path, problem, _NPZ) from error
    _check_inputs(matrix, path)
    if target is not None:
        _check_target(target, matrix.shape[0], path)
    return Table(str(path), "npz", matrix=matrix, target=target)


def read_svmlight(path: Path) -> Table:
    """Read sparse rows, each with its target.

    Column numbers are kept as they stand in the file: where they begin with 1, column 0 is empty.

    Raises:
        DataError: see `rectinet.tables.read_table`.
    """
    blank = _blank_lines(path)
    with opened(path) as stream:
        try:
            # "auto" would judge each file by itself, and prediction could differ from training.
            matrix, target, queries = load_svmlight_file(
                stream, dtype=np.float64, zero_based=True, query_id=True
            )
        except (ValueError, IndexError, OverflowError, MemoryError) as error:
            fault = _first_fault(path)
            if fault is None:
                raise malformed(path, error, _SVMLIGHT) from error
            raise DataError(
                f"{path} cannot be used: {fault}; expected {_SVMLIGHT}: correct the line"
            ) from error
    notes = [f"{blank:,} blank line(s) left out"] if blank else []
    notes += ["query numbers (qid) are not used"] if len(queries) else []
    return Table(str(path), "svmlight", matrix=csr_array(matrix), target=target, notes=tuple(notes))


def _check_inputs(matrix: Any, path: Path) -> None:
    if matrix.dtype.kind == "V":
        raise DataError(
            f"{path} cannot be used: X has the fields {listed(matrix.dtype.names or ())}; expected "
            "a plain matrix: save numpy.lib.recfunctions.structured_to_unstructured(X)"
        )
    if matrix.ndim != 2:
        cure = {
            0: "save rows of numbers",
            1: "save X.reshape(-1, 1) for one column, or X.reshape(1, -1) for one row",
        }.get(matrix.ndim, "save X.reshape(len(X), -1)")
        raise DataError(
            f"{path} cannot be used: X has shape {matrix.shape}; expected 2 dimensions, a row for "
            f"each example: {cure}"
        )
    if not matrix.shape[1]:
        raise DataError(f"{path} cannot be used: X has no columns; expected some: check the file")
    if matrix.dtype.kind not in "buif":
        cure = "encode text and categories, or give a table with named columns"
        if matrix.dtype.kind in "US":
            cure = "save X.astype(float) if they are numbers; otherwise " + cure
        elif matrix.dtype.kind == "c":
            cure = "save numpy.hstack([X.real, X.imag])"
        elif matrix.dtype.kind in "mM":
            cure = "save X.astype('int64')"
        raise DataError(
            f"{path} cannot be used: X is of type {matrix.dtype}; expected numbers: {cure}"
        )


def _check_target(target: np.ndarray, n_rows: int, path: Path) -> None:
    if target.shape != (n_rows,):
        cure = "save one for each row"
        if target.shape == (n_rows, 1) or target.shape == (1, n_rows):
            cure = "save y.ravel()"
        elif target.ndim == 2 and len(target) == n_rows:
            cure = "save one column of it, or y.argmax(axis=1) if it has a column for each class"
        raise DataError(
            f"{path} cannot be used: y has shape {target.shape}; expected ({n_rows},), one target "
            f"for each row of X: {cure}"
        )
    if target.dtype.kind not in "buifU":
        raise DataError(
            f"{path} cannot be used: y is of type {target.dtype}; expected numbers, truth values "
            "or text: save y.astype(str) if they are classes"
        )


def _blank_lines(path: Path) -> int:
    """Return how many lines between others hold nothing at all."""
    blank = pending = 0
    with opened(path) as stream:
        for line in stream:
            if line.strip():
                blank, pending = blank + pending, 0
            else:
                pending += 1
    return blank


def _first_fault(path: Path) -> str | None:
    """Return what is wrong with the first line that is, which scikit-learn does not tell."""
    with opened(path) as stream:
        for number, line in enumerate(stream, start=1):
            fields = line.split(b"#")[0].decode(errors="replace").split()
            if not fields:
                continue
            target, *pairs = fields
            if as_number(target) is None:
                return f"line {number} begins with {target!r}, which is no target"
            former = -1
            for pair in pairs:
                column, colon, value = pair.partition(":")
                if column == "qid":
                    continue
                if not (colon and column.isdecimal() and as_number(value) is not None):
                    return f"line {number} has {pair!r}, which is no column:value"
                if int(column) <= former:
                    order = "twice" if int(column) == former else f"after column {former}"
                    return f"line {number} has column {column} {order}"
                if int(column) >= 2**31:
                    return f"line {number} has the column number {column}"
                former = int(column)
    return None


def _arrays(archive: Any, path: Path) -> tuple[Any, np.ndarray | None]:
    names = archive.files
    if "format" in names:
        kind = archive["format"].item()
        kind = kind.decode(errors="replace") if isinstance(kind, bytes) else str(kind)
        if kind != "csr":
            raise DataError(
                f"{path} holds a sparse matrix in the format {kind}; expected CSR: save "
                "matrix.tocsr()"
            )
    target = _array(archive, "y", path) if "y" in names else None
    if "X" in names:
        return _array(archive, "X", path), target
    if not set(_CSR_PARTS) <= set(names):
        cure = "save them with numpy.savez(file, X=X, y=y)"
        if names:
            first = next((name for name in names if name != "y"), "X")
            second = next((name for name in names if name != first), "y")
            cure = f"save them with these names, numpy.savez(file, X={first}, y={second})"
        raise DataError(
            f"{path} cannot be used: it holds {listed(names) or 'nothing'}; expected {_NPZ}: {cure}"
        )
    data, indices, indptr, shape = (archive[name] for name in _CSR_PARTS)
    matrix = csr_array((data, indices, indptr), shape=tuple(shape.tolist()))
    # Products with a matrix whose indices lead outside would read foreign memory.
    matrix.check_format(full_check=True)
    return matrix, target


def _array(archive: Any, name: str, path: Path) -> np.ndarray:
    try:
        array: np.ndarray = archive[name]
    except ValueError as error:
        if "pickle" not in str(error):  # NumPy would advise to run the code in it
            raise
        cure = (
            "y.astype(str) for text, y.astype(float) for numbers"
            if name == "y"
            else ("X.astype(float)")
        )
        raise DataError(
            f"{path} cannot be used: {name} holds Python objects, which are not read because that "
            f"may run code; expected numbers{' or text' if name == 'y' else ''}: save {cure}"
        ) from error
    return array
