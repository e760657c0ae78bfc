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
            with np.load(stream, allow_pickle=False) as archive:
                if isinstance(archive, np.ndarray):
                    raise malformed(path, "it holds one array without a name", _NPZ)
                matrix, target = _arrays(archive, path)
        except (ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
            # NumPy would advise to run the code in it.
            problem = (
                "it is no NPZ file, or holds Python objects" if "pickle" in str(error) else error
            )
            raise malformed(path, problem, _NPZ) from error
    if matrix.ndim != 2:
        raise malformed(path, f"X has shape {matrix.shape}", "a row of X for each example")
    if matrix.dtype.kind not in "buif":
        raise DataError(
            f"{path} cannot be used: X is of type {matrix.dtype}; expected numbers: encode text "
            "and categories, or give a table with named columns"
        )
    if target is not None and target.shape != (matrix.shape[0],):
        raise malformed(
            path,
            f"y has shape {target.shape}",
            f"({matrix.shape[0]},), one target for each row of X",
        )
    return Table(str(path), "npz", matrix=matrix, target=target)


def read_svmlight(path: Path) -> Table:
    """Read sparse rows, each with its target.

    Column numbers are kept as they stand in the file: where they begin with 1, column 0 is empty.

    Raises:
        DataError: see `rectinet.tables.read_table`.
    """
    with opened(path) as stream:
        try:
            # "auto" would judge each file by itself, and prediction could differ from training.
            matrix, target = load_svmlight_file(stream, dtype=np.float32, zero_based=True)
        except (ValueError, IndexError, OverflowError, MemoryError) as error:
            raise malformed(path, error, _SVMLIGHT) from error
    return Table(str(path), "svmlight", matrix=csr_array(matrix), target=target)


def _arrays(archive: Any, path: Path) -> tuple[Any, np.ndarray | None]:
    names = archive.files
    target = archive["y"] if "y" in names else None
    if "X" in names:
        return archive["X"], target
    if not set(_CSR_PARTS) <= set(names):
        raise malformed(path, f"it holds {listed(names) or 'nothing'}", _NPZ)
    kind = archive["format"].item() if "format" in names else b"csr"
    if kind not in (b"csr", "csr"):
        raise DataError(
            f"{path} holds a sparse matrix in the format {kind!r}; expected CSR: save "
            "matrix.tocsr()"
        )
    data, indices, indptr, shape = (archive[name] for name in _CSR_PARTS)
    matrix = csr_array((data, indices, indptr), shape=tuple(shape.tolist()))
    # Products with a matrix whose indices lead outside would read foreign memory.
    matrix.check_format(full_check=True)
    return matrix, target
