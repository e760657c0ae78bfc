"""Matrices without names: width, numbering and missing values are those of training."""

import numpy as np
import pytest
from scipy.sparse import csr_array, issparse

from rectinet.errors import InputError
from rectinet.tables import MatrixColumns, Table, fit_columns


def svmlight(*rows: list[float]) -> Table:
    matrix = csr_array(np.array(rows, np.float32))
    return Table("data.svm", "svmlight", matrix=matrix, target=np.zeros(len(rows)))


def npz(matrix: object) -> Table:
    return Table("data.npz", "npz", matrix=np.array(matrix) if isinstance(matrix, list) else matrix)


def test_dense_with_missing_values():
    train = npz([[1.0, 5], [np.nan, 6], [3, 7], [7, np.nan]])
    columns = fit_columns([train])
    assert isinstance(columns, MatrixColumns)
    assert columns.feature_names() == ["0", "1"]
    X = columns.transform(train)
    assert X.dtype == np.float64
    np.testing.assert_array_equal(X, [[1, 5], [3, 6], [3, 7], [7, 6]])
    # A sparse matrix of the same numbers is taken as well.
    np.testing.assert_array_equal(columns.transform(npz(csr_array([[2.0, 0]]))), [[2, 0]])


def test_columns_that_never_change_stay_because_images_keep_their_shape():
    assert fit_columns([npz([[0, 1], [0, 2]])]).n_features == 2


def test_sparse_stays_sparse():
    columns = fit_columns([npz(csr_array([[0, 2.0], [1, 0]]))])
    assert columns.sparse
    for X in (csr_array([[0, 3.0]]), [[0, 3.0]]):
        made = columns.transform(npz(X))
        assert issparse(made)
        assert (made.dtype, made.nnz) == (np.float64, 1)


def test_svmlight_counts_from_one_if_column_0_is_empty_in_all_training_files():
    one, zero = svmlight([0, 1, 2], [0, 0, 3]), svmlight([4, 1, 2])
    columns = fit_columns([one])
    assert columns.feature_names() == ["1", "2"]
    np.testing.assert_array_equal(columns.transform(one).toarray(), [[1, 2], [0, 3]])
    both = fit_columns([one, zero])
    assert both.feature_names() == ["0", "1", "2"]
    np.testing.assert_array_equal(both.transform(one).toarray(), [[0, 1, 2], [0, 0, 3]])


def test_svmlight_rows_are_as_wide_as_in_training():
    columns = fit_columns([svmlight([0, 1, 2, 3])])
    np.testing.assert_array_equal(columns.transform(svmlight([0, 1])).toarray(), [[1, 0, 0]])
    wide = svmlight([0, 0, 0, 1, 5, 5])
    np.testing.assert_array_equal(columns.transform(wide).toarray(), [[0, 0, 1]])
    assert columns.notes(wide) == ["columns from 4 on were not there in training and are ignored"]
    assert columns.notes(svmlight([0, 1, 2, 3])) == []


def test_unlabelled_svmlight_may_be_wider():
    assert fit_columns([svmlight([0, 1]), svmlight([0, 0, 0, 1])]).n_features == 3


SECONDS = 1_700_000_001  # float32 would round it to 1,700,000,000


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.float64, np.uint64])
def test_large_numbers_are_not_rounded(kind):
    for data in (
        npz(np.array([[SECONDS], [1]], kind)),
        npz(csr_array([[SECONDS], [1]], dtype=kind)),
    ):
        made = fit_columns([data]).transform(data)
        assert made.dtype == np.float64
        assert made.max() == SECONDS
    rows = Table("data.svm", "svmlight", matrix=csr_array([[0.0, SECONDS]]), target=np.zeros(1))
    assert fit_columns([rows]).transform(rows).max() == SECONDS


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32, np.float16, bool])
def test_types_that_single_precision_holds_stay_small(kind):
    data = npz(np.array([[0, 1], [1, 0]], kind))
    assert fit_columns([data]).transform(data).dtype == np.float32


def test_matrices_of_models_made_before_are_rounded_as_they_were():
    values, arrays = fit_columns([npz([[SECONDS], [1.0]])]).to_values()
    del values["exact"]
    made = MatrixColumns.from_values(values, arrays).transform(npz([[float(SECONDS)]]))
    assert (made.dtype, made[0, 0]) == (np.float32, SECONDS - 1)


def test_a_stray_column_number_is_refused_in_training_and_ignored_in_prediction(raises_one_line):
    good = csr_array(([1.0] * 3, [1, 5, 2], [0, 1, 2, 3]), (3, 6))
    stray = csr_array(([1.0] * 3, [1, 5, 2_000_000_000], [0, 1, 2, 3]), (3, 2_000_000_001))
    tables = [
        Table("data.svm", "svmlight", matrix=each, target=np.zeros(3)) for each in (good, stray)
    ]
    with raises_one_line(
        InputError, "column number 2000000000 in row 3, and the next largest is 5, of 3 different"
    ):
        fit_columns([tables[1]])
    made = fit_columns([tables[0]]).transform(tables[1])
    np.testing.assert_array_equal(made.toarray()[:, [0, 4]], [[1, 0], [0, 1], [0, 0]])


def test_many_hashed_columns_are_no_stray_ones():
    columns = np.arange(20_000) * 60
    matrix = csr_array((np.ones(20_000), columns, [0, 20_000]), (1, columns[-1] + 1))
    data = Table("data.svm", "svmlight", matrix=matrix, target=np.zeros(1))
    assert fit_columns([data]).n_features == columns[-1] + 1


def test_sparse_columns_far_from_zero_are_said():
    data = npz(csr_array([[0.0, 1000.0], [1.0, 1001.0]]))
    assert "column 1 differs by less than a hundredth" in fit_columns([data]).remarks[0]
    assert fit_columns([npz(csr_array([[0.0, 0.0], [1.0, 1001.0]]))]).remarks == ()


@pytest.mark.parametrize(
    ("train", "new", "problem"),
    [
        (npz([[1.0, 2]]), npz([[1.0]]), "X in data.npz has 1 columns; expected 2, as in training"),
        (npz([[1.0, 2]]), npz([[1.0, np.inf]]), "is infinite in row 0, column 1"),
        (npz([[1.0, 2]]), npz([[1.0, 1e300]]), "X in data.npz contains inf"),
        (npz(csr_array([[1.0, 2]])), npz([[1.0, np.nan]]), "X in data.npz contains NaN"),
        (npz([[1.0, 2]]), svmlight([0, 1]), "trained on a dense matrix; expected NPZ"),
        (svmlight([0, 1]), svmlight([1, 1]), "training files counted from 1"),
    ],
)
def test_what_does_not_fit(train, new, problem, raises_one_line):
    with raises_one_line(InputError, problem):
        fit_columns([train]).transform(new)


@pytest.mark.parametrize(
    ("tables", "problem"),
    [
        ([npz([[1.0, 2]]), npz([[1.0]])], "has 1 columns; expected 2"),
        ([npz([[1.0, 2]]), npz(csr_array([[1.0, 2]]))], "are of two kinds"),
        ([npz(csr_array([[1.0, 2]])), svmlight([1, 2])], "are of two kinds"),
        ([svmlight([0, 0]), svmlight([0])], "holds nothing but zeros"),
        ([npz([[1.0, np.nan]])], "no value in column 1"),
        ([npz([[1.0, -np.inf]])], "is infinite in row 0, column 1"),
    ],
)
def test_files_to_train_on_that_do_not_fit_together(tables, problem, raises_one_line):
    with raises_one_line(InputError, problem):
        fit_columns(tables)


def test_matrices_and_named_columns_do_not_mix(people, raises_one_line):
    matrix = npz([[1.0, 2]])
    with raises_one_line(InputError, "data.csv has named columns"):
        fit_columns([matrix, people])
    with raises_one_line(InputError, "data.npz holds a matrix"):
        fit_columns([people, matrix])
    with raises_one_line(InputError, "data.csv has named columns; expected a matrix of 2 columns"):
        fit_columns([matrix]).transform(people)
    with raises_one_line(InputError, "data.npz holds a matrix without columns' names"):
        fit_columns([people]).transform(matrix)
    with raises_one_line(InputError, "without columns' names; expected 'review'"):
        fit_columns([matrix], text=["review"])
