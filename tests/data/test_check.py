from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from rectinet.data import check_inputs, check_labels
from rectinet.errors import InputError

SMALL = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 4.0]], dtype=np.float32)
SPARSE_FORMATS = ["csr", "csc", "coo", "lil", "dok", "bsr", "dia"]


def assert_one_line(error: pytest.ExceptionInfo[InputError]) -> None:
    assert "\n" not in str(error.value)


def test_a_matrix_that_is_fine_is_handed_back_without_a_copy() -> None:
    assert check_inputs(SMALL) is SMALL
    matrix = sparse.csr_array(SMALL)
    assert np.shares_memory(check_inputs(matrix).data, matrix.data)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float32", ">f4"])
def test_numbers_become_float32(dtype: str) -> None:
    X = SMALL.astype(dtype)
    checked = check_inputs(X)
    assert checked.dtype == np.float32
    assert checked.dtype.isnative
    np.testing.assert_array_equal(checked, X)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32"])
def test_sparse_numbers_become_float32(dtype: str) -> None:
    X = SMALL.astype(dtype)
    checked = check_inputs(sparse.csr_array(X))
    assert checked.dtype == np.float32
    np.testing.assert_array_equal(checked.toarray(), X)


@pytest.mark.parametrize(
    "X", [SMALL.astype("f8"), SMALL.astype(">f8"), SMALL.tolist(), SMALL.astype(object)]
)
def test_double_precision_is_kept(X: Any) -> None:
    checked = check_inputs(X)
    assert checked.dtype == np.float64
    assert checked.dtype.isnative
    np.testing.assert_array_equal(checked, SMALL)


def test_other_memory_orders_become_c_contiguous() -> None:
    assert check_inputs(np.asfortranarray(SMALL)).flags.c_contiguous
    assert check_inputs(SMALL[:, ::2]).flags.c_contiguous


@pytest.mark.parametrize("sparse_format", SPARSE_FORMATS)
@pytest.mark.parametrize("make", [sparse.coo_array, sparse.coo_matrix])
def test_every_sparse_format_becomes_csr(sparse_format: str, make: Any) -> None:
    checked = check_inputs(make(SMALL).asformat(sparse_format))
    assert checked.format == "csr"
    assert checked.dtype == np.float32
    np.testing.assert_array_equal(checked.toarray(), SMALL)


def test_csr_is_sorted_and_summed_on_a_copy() -> None:
    data, indices = np.array([1.0, 2.0, 3.0], dtype=np.float32), np.array([2, 0, 2])
    X = sparse.csr_array((data, indices, np.array([0, 3])), shape=(1, 3))
    checked = check_inputs(X)
    np.testing.assert_array_equal(checked.indices, [0, 2])
    np.testing.assert_array_equal(checked.data, [2.0, 4.0])
    np.testing.assert_array_equal(X.indices, [2, 0, 2])


@pytest.mark.parametrize("make", [sparse.csr_array, sparse.coo_array])
def test_duplicates_of_a_small_type_do_not_overflow(make: Any) -> None:
    triples = (np.array([200, 100], dtype=np.uint8), (np.array([0, 0]), np.array([0, 0])))
    X: Any = sparse.coo_array(triples, shape=(1, 1))
    if make is sparse.csr_array:
        X = make((triples[0], np.array([0, 0]), np.array([0, 2])), shape=(1, 1))
    assert check_inputs(X).toarray()[0, 0] == 300.0  # 44 in uint8


def test_a_damaged_csr_is_refused() -> None:
    X = sparse.csr_array(SMALL)
    X.indices[0] = 7  # outside of the 3 columns: a kernel would read foreign memory
    with pytest.raises(InputError, match="X is a damaged sparse matrix"):
        check_inputs(X)


def test_descending_row_starts_are_refused_although_the_last_is_0() -> None:
    X = sparse.csr_array(np.eye(2))
    X.indptr = np.array([0, 2, 0], dtype=X.indptr.dtype)  # SciPy's own check lets this pass
    with pytest.raises(InputError, match=r"damaged sparse matrix.*do not ascend"):
        check_inputs(X)


@given(
    X=hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6), fill=st.just(1)),
    wrong=st.sampled_from([np.nan, np.inf, -np.inf]),
    as_csr=st.booleans(),
    data=st.data(),
)
def test_the_first_value_that_is_not_finite_is_located(
    X: np.ndarray, wrong: float, as_csr: bool, data: st.DataObject
) -> None:
    X[~np.isfinite(X)] = 1.0
    row = data.draw(st.integers(0, X.shape[0] - 1))
    column = data.draw(st.integers(0, X.shape[1] - 1))
    X[row, column] = X[-1, -1] = wrong
    n_wrong = 1 if (row, column) == (X.shape[0] - 1, X.shape[1] - 1) else 2
    with pytest.raises(InputError) as error:
        check_inputs(sparse.csr_array(X) if as_csr else X, name="inputs")
    assert f"at row {row}, column {column} ({n_wrong} values in all" in str(error.value)
    assert str(error.value).startswith("inputs contains ")
    assert ("NaN at" if np.isnan(wrong) else "infinite) at") in str(error.value)


def test_numbers_too_large_for_float32_are_reported_as_infinite() -> None:
    if np.finfo(np.longdouble).max == np.finfo(np.float64).max:
        pytest.skip("long double is no wider than double here")
    with pytest.raises(InputError, match="row 0, column 1"):
        check_inputs(np.array([[1.0, 1e300]], dtype=np.longdouble))


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.zeros((0, 3)), r"0 sample\(s\) \(shape=\(0, 3\)\)"),
        (np.zeros((3, 0)), r"0 feature\(s\) \(shape=\(3, 0\)\)"),
        (sparse.csr_array((0, 3)), r"0 sample\(s\)"),
        (np.zeros(4), r"shape \(4,\); expected 2 dimensions.*Reshape your data"),
        (np.zeros((2, 2, 2)), r"shape \(2, 2, 2\); expected 2 dimensions"),
        (3.0, r"shape \(\); expected 2 dimensions"),
        ([["a", "b"]], "not numeric"),
        (np.array([[1.0, "2"]], dtype=object), "not numeric"),
        (np.array([[1.0, None]], dtype=object), "not numeric"),
        (np.array([[1j]]), "not numeric: its type is complex128"),
        (sparse.csr_array(np.array([[1j]])), "not numeric"),
        ([[1.0, 2.0], [3.0]], "expected rows of equal length"),
        (np.zeros((2, 4)), "4 features; expected 3"),
        (sparse.csr_array((2, 4)), "4 features; expected 3"),
    ],
)
def test_what_is_no_matrix_of_numbers_is_refused(X: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        check_inputs(X, n_features=3)
    assert_one_line(error)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "uint64", "float16", "float64", "O"])
def test_labels_become_int64(dtype: str) -> None:
    y = np.array([0, 2, 1], dtype=dtype)
    for n_classes in (None, 3):
        labels = check_labels(y, n_examples=3, n_classes=n_classes)
        assert labels.dtype == np.int64
        np.testing.assert_array_equal(labels, [0, 2, 1])


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1], r"shape \(2,\); expected \(3,\)"),
        ([[0], [1], [2]], r"shape \(3, 1\); expected \(3,\)"),
        ([0, 1.5, 2], "label 1.5 at position 1 .*expected whole numbers"),
        ([0, 1, np.nan], "label nan at position 2"),
        ([0, np.inf, 1], "label inf at position 1"),
        ([0, -1, -2], r"label -1 at position 1 \(2 such labels in all\); expected 0\.\.3"),
        ([4, 0, 1], r"label 4 at position 0 .*expected 0\.\.3"),
        (["a", "b", "c"], "not numeric"),
    ],
)
def test_what_is_no_class_number_is_refused(y: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        check_labels(y, n_examples=3, n_classes=4)
    assert_one_line(error)


@pytest.mark.parametrize("too_large", [np.uint64(2**63), np.float64(1e300), np.float32(2.0**63)])
def test_a_label_that_int64_cannot_hold_is_refused(too_large: Any) -> None:
    with pytest.raises(InputError, match="at position 0"):
        check_labels(np.array([too_large]), n_examples=1)
