"""Bringing inputs near the range in which networks learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array, csr_matrix

from rectinet.errors import InputError, SettingError
from rectinet.estimators import fit_scaling
from rectinet.estimators.tails import has_tail

_ZEROS = np.array([[0.0, 0, 0, 8], [2, 0, 0, 4], [0, 0, 1, 0]])  # 8 of 12

# The input and what "auto" makes of it.
_CHOICES: dict[str, tuple[Any, str]] = {
    "dense in [0, 1]": (_ZEROS / 8, "none"),
    "dense in [-1, 1]": (_ZEROS / 8 - 0.5, "standard"),
    "dense with many zeros": (_ZEROS, "max"),
    "dense with many zeros and a negative": (_ZEROS * [1, 1, 1, -1], "standard"),
    "dense with a quarter zeros": (np.array([[0, 2.0, 3, 4], [5, 0, 7, 8]]), "max"),
    "dense with fewer zeros": (np.array([[0, 2.0, 3, 4], [5, 6, 7, 8]]), "standard"),
    "CSR in [-1, 1]": (csr_array(_ZEROS / 8 * [1, 1, 1, -1]), "none"),
    "CSR of counts": (csr_array(_ZEROS), "max"),
    "CSR with negatives": (csr_matrix(_ZEROS * [1, 1, 1, -1]), "max"),
    "CSR of nothing": (csr_array((3, 4)), "none"),
    "zeros": (np.zeros((3, 4)), "none"),
}

_RANDOM = np.random.default_rng(0)
_NOISE = np.column_stack([_RANDOM.random((50, 5)), _RANDOM.random(50) / 300])
_WORDS = (_RANDOM.random((50, 40)) < np.geomspace(0.01, 0.9, 40)).astype(float)
_IMAGE = np.where(_RANDOM.random((50, 9)) < 0.6, _RANDOM.random((50, 9)), 0)
_MARGIN = np.zeros((50, 2))
_MARGIN[[3, 7], [0, 1]] = 1 / 255, 0.03  # one faint pixel in a column: a fiftieth of the rows

# Inputs within [0, 1], which not all of them use.
_CHOICES |= {
    "an image with a dark margin": (np.hstack([_IMAGE, _MARGIN]), "none"),
    "an image whose dark is not 0": (np.hstack([_IMAGE, _MARGIN]).clip(0.01, 0.99), "none"),
    "a gray image without zeros": (0.1 + 0.8 * _RANDOM.random((50, 9)), "none"),
    "an image far too dark": (_IMAGE / 1000, "max"),
    "words, rare and common": (_WORDS, "none"),
    "words, rare and common, CSR": (csr_array(_WORDS), "none"),
    "shares of a row": (csr_array(_WORDS / _WORDS.sum(axis=1, keepdims=True) / 3), "max"),
    "a table of small values": (0.4 + 0.3 * _RANDOM.random((50, 4)), "standard"),
    "a column that is small beside noise": (_NOISE, "standard"),
    "a column that is small beside noise, CSR": (csr_array(_NOISE), "max"),
    "one spread of two": (_RANDOM.random((50, 2)) * [1, 0.4], "standard"),
}


@pytest.mark.parametrize(("X", "kind"), _CHOICES.values(), ids=_CHOICES)
def test_what_auto_chooses(X: Any, kind: str) -> None:
    scaling = fit_scaling(X, "auto")
    assert scaling.kind == kind
    assert type(scaling(X)) is (np.ndarray if isinstance(X, np.ndarray) else csr_array)


def test_by_hand() -> None:
    X = np.array([[1.0, 10], [3, 10]])  # means 2 and 10, deviations 1 and 0
    assert fit_scaling(X, "standard")(X).tolist() == [[-1, 0], [1, 0]]
    assert fit_scaling(X, "max")(X).tolist() == [[np.float32(0.1), 1], [np.float32(0.3), 1]]
    # In CSR, every column by its own largest.
    scaled = fit_scaling(csr_array(X), "max")(csr_array(X)).toarray()
    np.testing.assert_allclose(scaled, [[1 / 3, 1], [1, 1]], rtol=1e-7)
    assert fit_scaling(X, "none")(X).tolist() == X.tolist()


_ON_OFF = np.tile([[0.0, 1], [1, 0]], (4, 4))  # eight columns, half of it zeros

# The units of the columns, and by what "auto" divides them.
_UNITS: dict[str, tuple[list[float], list[float]]] = {
    "an image": ([255] * 8, [255] * 8),
    "an image with a faint margin": ([2] * 2 + [255] * 6, [255] * 8),
    "an image with an empty margin": ([0] * 6 + [16, 12], [16] * 8),
    "a sixteenth": ([10] * 4 + [160] * 4, [160] * 8),
    "less than a sixteenth": ([9] * 4 + [160] * 4, None),
    "a table": ([1, 1, 1, 90, 90, 40_000, 40_000, 3], None),
    "flags beside incomes": ([1, 1, 1] + [9e5] * 5, None),
    "a column gone wild": ([5] * 7 + [1e9], None),
}


@pytest.mark.parametrize(("units", "scale"), _UNITS.values(), ids=_UNITS)
def test_columns_of_one_range_are_divided_by_one_number_others_are_standardized(
    units: list[float], scale: list[float] | None
) -> None:
    X = _ON_OFF * units
    scaling = fit_scaling(X, "auto")
    if scale is None:
        assert scaling.kind == "standard"
        np.testing.assert_array_equal(scaling(X), 2 * _ON_OFF - 1)
    else:
        assert (scaling.kind, scaling.scale.tolist()) == ("max", scale)
    # Asked for, each is divided by its own.
    scaling = fit_scaling(X, "max")
    assert ((scaling(X) == 0) == (X == 0)).all()
    assert scaling.scale.tolist() == (scale or units)


_numbers = st.floats(-1e6, 1e6, width=32)


@st.composite
def _columns(draw: Any) -> np.ndarray:
    """Columns in all units, from picofarads to euros."""
    n, d = draw(st.integers(2, 8)), draw(st.integers(1, 4))
    X = draw(arrays(np.float64, (n, d), elements=_numbers))
    units = draw(arrays(np.float64, d, elements=st.sampled_from([1e-15, 1e-6, 1.0, 1e9])))
    return np.asarray(X * units)


@given(_columns())
def test_standard_columns_have_mean_0_and_deviation_1(X: np.ndarray) -> None:
    scaled = fit_scaling(X, "standard", "float64")(X)
    assert np.isfinite(scaled).all()
    # 1e-12 of a column's mean is the least deviation that is more than rounding; such a column
    # keeps only 4 of its 16 digits, and a constant one is moved but not stretched.
    spread = np.ptp(X, axis=0)
    clear = spread > 1e-9 * np.abs(X).max(axis=0)
    reach = np.abs(X - X.mean(axis=0)).max(axis=0)
    clear &= ~has_tail(X, reach, X.std(axis=0))  # of outliers: see test_tails.py
    np.testing.assert_allclose(scaled[:, clear].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(scaled[:, clear].std(axis=0), 1, rtol=1e-5)
    constant = spread == 0
    np.testing.assert_allclose(
        scaled[:, constant], 0, atol=1e-15 * max(1, np.abs(X).max(initial=0))
    )


@pytest.mark.parametrize("kind", [np.asarray, csr_array])
@given(X=_columns())
def test_with_max_zeros_stay_zeros_and_nothing_exceeds_1(kind: Any, X: np.ndarray) -> None:
    scaled = fit_scaling(kind(X), "max", "float64")(kind(X))
    scaled = scaled if isinstance(scaled, np.ndarray) else scaled.toarray()
    assert ((scaled == 0) == (X == 0)).all()
    assert np.abs(scaled).max() <= 1
    if X.any():
        assert np.abs(scaled).max() == 1


def test_entries_in_several_parts_are_added_up_first() -> None:
    # The rows (6, 0) and (0, 1): 6 is 8 - 2, and 1 is 3 - 2.
    X = csr_array(([8.0, -2, 3, -2], [0, 0, 1, 1], [0, 2, 4]), shape=(2, 2))
    scaling = fit_scaling(X, "max")
    assert scaling.scale.tolist() == [6, 1]
    assert scaling(X).toarray().tolist() == [[1, 0], [0, 1]]
    assert X.nnz == 4  # it is the caller's
    small = csr_array(([3.0, -2], [0, 0], [0, 2, 2]), shape=(2, 2))
    assert fit_scaling(small, "auto").kind == "none"


def test_constant_columns_do_no_harm() -> None:
    # 0.1 has no exact mean: rounding leaves a deviation of 1e-17, by which to divide is nonsense.
    X = np.column_stack([np.full(7, 0.1), np.full(7, 1e9), np.arange(7) * 5.0])
    scaling = fit_scaling(X, "standard")
    np.testing.assert_array_equal(scaling.scale[:2], 1)
    assert np.abs(scaling(X)[:, :2]).max() < 1e-6
    assert (fit_scaling(np.zeros((3, 2)), "max").scale == 1).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("given_type", ["int64", "uint8", "float32", "float64"])
def test_scaled_inputs_have_the_type_asked_for(dtype: str, given_type: str) -> None:
    X = _ZEROS.astype(given_type)
    for inputs in (X, csr_array(X)):
        assert fit_scaling(inputs, "auto", dtype)(inputs).dtype == dtype


@pytest.mark.parametrize("unit", [1e-200, 1e-10, 1e160])
def test_squares_stay_in_range(unit: float) -> None:
    X = np.array([[1.0, 10], [3, 10], [8, -10]])
    np.testing.assert_allclose(
        fit_scaling(X * unit, "auto")(X * unit), fit_scaling(X, "auto")(X), rtol=1e-6
    )


def test_a_large_shift_leaves_the_digits() -> None:
    X = 1e8 + np.arange(5.0)[:, None]  # float32 knows every eighth number there
    scaled = fit_scaling(X, "standard")(X)
    np.testing.assert_allclose(scaled[:, 0], (np.arange(5) - 2) / np.sqrt(2), rtol=1e-6)


@pytest.mark.parametrize("kind", [np.asarray, csr_array])
def test_what_single_precision_cannot_hold_is_refused(kind: Any, raises_one_line: Callable) -> None:
    X = kind([[1.0, 1e39], [2.0, 0.0]])
    with raises_one_line(InputError, "too large for float32"):
        fit_scaling(X, "none")(X)
    assert fit_scaling(X, "none", "float64")(X).max() == 1e39


def test_what_cannot_be_done_is_refused(raises_one_line: Callable) -> None:
    with raises_one_line(SettingError, "scaling 'minmax' is unknown; .* auto, standard"):
        fit_scaling(_ZEROS, "minmax")
    with raises_one_line(SettingError, "dtype is 'float16'"):
        fit_scaling(_ZEROS, "auto", "float16")
    with raises_one_line(SettingError, "would make sparse inputs dense"):
        fit_scaling(csr_array(_ZEROS), "standard")
    with raises_one_line(InputError, "one sample only"):
        fit_scaling(_ZEROS[:1], "auto")


_LINE = np.linspace(-1, 1, 400)[:, None]  # without an outlier


def test_within_the_limit_nothing_changes() -> None:
    X = _RANDOM.standard_normal((300, 4)) * [1, 1e-6, 1e9, 1] + [0, 5, 1e9, 0]
    scaling = fit_scaling(X, "standard", "float64")
    np.testing.assert_array_equal(scaling(X), (X - scaling.shift) / scaling.scale)
    assert not scaling.clipped.any()
    assert str(scaling) == "scaling: standard"


@pytest.mark.parametrize("outlier", [40.0, 1e12, -1e12, 1e200])
def test_an_outlier_is_clipped_and_does_not_squeeze_the_others(outlier: float) -> None:
    X = np.vstack([_LINE, [[outlier]]])
    scaling = fit_scaling(X, "standard", "float64")
    scaled = scaling(X)[:, 0]
    assert scaled[-1] == np.copysign(10, outlier)
    assert 0.8 < scaled[:-1].std() < 1
    assert scaling.clipped.tolist() == [1]
    told = "scaling: standard; 1 training values in 1 of 1 columns ({}) are clipped at 10 or -10"
    assert str(scaling) == f"{told.format(0)} once scaled"
    assert scaling.describe(["age"]) == f"{told.format(repr('age'))} once scaled"
    # What comes later is clipped alike, also where the training values were not.
    assert scaling(np.array([[-1e9], [0.5]]))[0, 0] == -10
    assert fit_scaling(_LINE, "standard")(np.array([[1e9]])) == 10


def test_a_rare_column_is_at_the_limit_where_it_is_not_0() -> None:
    X = np.zeros((16_000, 2))
    X[7, 0] = 3  # would be at sqrt(16,000) = 126 deviations
    X[:160, 1] = 1  # one in a hundred: at 9.95, as ever
    scaled = fit_scaling(X, "standard", "float64")(X)
    assert (scaled[7, 0], np.delete(scaled[:, 0], 7).any()) == (pytest.approx(10), False)
    assert scaled[:160, 1] == pytest.approx(np.sqrt(0.99 / 0.01))


def test_heavy_tails_of_sparse_columns_do_not_squeeze_them() -> None:
    counts = np.r_[np.tile([1.0, 2, 3], 200), 1e9]
    X = csr_array(np.column_stack([counts, counts.clip(max=3)]))
    scaling = fit_scaling(X, "auto", "float64")
    scaled = scaling(X).toarray()
    assert scaled[-1].tolist() == [10, 1]
    assert 0.1 < scaled[2, 0] < 0.15  # a tenth at the root mean square, sqrt(14 / 3) and a bit more
    assert scaling.scale[1] == 3
    assert scaling.clipped.tolist() == [1, 0]
    dense = replace(scaling)(X.toarray())
    np.testing.assert_array_equal(dense, scaled)


def test_counts_with_a_heavy_tail_are_standardized_though_their_range_is_one() -> None:
    counts = np.where(_ON_OFF > 0, 1.0, 0).repeat(40, axis=0)
    counts[range(8), range(8)] = 1e9
    assert fit_scaling(counts, "auto").kind == "standard"
    assert fit_scaling(counts.clip(max=9), "auto").kind == "max"


@pytest.mark.parametrize(
    ("offset", "spread"), [(1.7e15, 300.0), (1.7e18, 3e5), (1e9, 1e-4), (-9e15, 50.0)]
)
def test_what_varies_little_beside_its_mean_is_no_constant(offset: float, spread: float) -> None:
    X = offset + spread * np.random.default_rng(0).standard_normal((400, 1))
    scaled = fit_scaling(X, "standard", "float64")(X)
    assert scaled.std() == pytest.approx(1, rel=0.01)
    assert np.abs(scaled).max() < 5


@pytest.mark.parametrize("value", [152.13, 100 / 3, 0.1, 1e9 + 0.1, -7e-9])
def test_a_constant_column_is_exactly_0(value: float) -> None:
    X = np.column_stack([np.full(7, value), np.arange(7.0)])
    assert (fit_scaling(X, "standard")(X)[:, 0] == 0).all()
