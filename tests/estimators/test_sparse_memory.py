"""Sparse inputs stay sparse, from the first call to the last."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.estimators import RectifierClassifier, RectifierRegressor

_ROWS, _COLUMNS, _PER_ROW, _UNITS = 20_000, 5_000, 60, 20

_DENSE = 4 * _ROWS * _COLUMNS  # 400 MB in single precision

# What may be held at once: the CSR matrix in float64 as scikit-learn hands it on, and twice in
# float32 (scaled, and a selection of rows), each with its indices: 16 + 8 + 8 bytes an entry, as
# much again for what SciPy and the random order of the rows need in between; the network three
# times over (it, the one under training, the best epoch's); and 500 rows made dense at most, which
# no estimator needs but a decoder.
_CSR = _ROWS * _PER_ROW * (16 + 8 + 8) * 2  # 77 MB
_NETWORK = 3 * 4 * _COLUMNS * _UNITS
_BOUND = _CSR + _NETWORK + 4 * 500 * _COLUMNS  # 88 MB


@pytest.fixture(scope="module")
def counts() -> csr_array:
    """Return counts of 1 to 9, 60 different columns in every row."""
    random = np.random.default_rng(0)
    # One column out of each of 60 equal parts of the row.
    width = _COLUMNS // _PER_ROW
    columns = random.integers(width, size=(_ROWS, _PER_ROW)) + width * np.arange(_PER_ROW)
    data = random.integers(1, 10, size=columns.size).astype(np.float32)
    starts = np.arange(_ROWS + 1) * _PER_ROW
    return csr_array((data, columns.ravel().astype(np.int32), starts), shape=(_ROWS, _COLUMNS))


@pytest.mark.parametrize("kind", [RectifierClassifier, RectifierRegressor])
def test_a_wide_sparse_matrix_is_never_dense(kind: Any, counts: csr_array) -> None:
    assert _BOUND < _DENSE / 4  # or the bound would show nothing
    y = np.asarray(counts[:, [0]].toarray()[:, 0] > 0).astype(int)
    y[:2] = 0, 1
    model = kind((_UNITS,), max_iter=1, batch_size=100, random_state=0)
    tracemalloc.start()
    try:
        model.fit(counts, y)
        code = model.transform(counts)
        predicted = model.predict(counts)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < _BOUND
    assert code.shape == (_ROWS, _UNITS)
    assert predicted.shape == (_ROWS,)
