"""What is to be predicted, and for which rows it is not known."""

import datetime
from dataclasses import replace

import numpy as np
import pytest

from rectinet.errors import InputError, SettingError
from rectinet.tables import Table, Task, read_target

HALVES = [0.5, 1.0, 4.5, 0.5, None]


@pytest.mark.parametrize(
    ("column", "task", "values"),
    [
        (["a", "b", None, " ", ""], "classification", ["a", "b", None, None, None]),
        ([1, 0, 1], "classification", [1, 0, 1]),
        ([1.0, np.nan, 2.0], "classification", [1, None, 2]),
        ([True, False, None], "classification", [True, False, None]),
        ([-1, 1, None], "classification", [-1, 1, None]),
        ([0.5, 2.0, np.nan], "regression", [0.5, 2.0, np.nan]),
    ],
)
def test_the_values_say_what_they_are(column, task, values, table):
    target = read_target(table(y=column), "y")
    assert target.task == task
    np.testing.assert_array_equal(target.values, np.array(values, target.values.dtype))
    assert {type(value) for value in target.values if value is not None} == {
        type(value) for value in values if value is not None
    } or task == "regression"
    known = [value is not None and value == value for value in values]
    assert target.labelled.tolist() == known


@pytest.mark.parametrize(
    ("column", "task", "values"),
    [
        ([1, 5, None], "ratings", [1, 5, np.nan]),
        (HALVES, "ratings", [0.5, 1, 4.5, 0.5, np.nan]),
        (HALVES, "classification", ["0.5", "1", "4.5", "0.5", None]),
        ([1, 2, 3], "regression", [1, 2, 3]),
        ([True, False], "regression", [1, 0]),
        (list(range(200)), "classification", list(range(200))),
    ],
)
def test_the_user_may_say_it(column, task, values, table):
    target = read_target(table(y=column), "y", task)
    assert target.task is Task(task)
    np.testing.assert_array_equal(target.values, np.array(values, target.values.dtype))


@pytest.mark.parametrize(
    "column", [list(range(101)), [f"name {n}" for n in range(30)], list(range(25)) + [0] * 10]
)
def test_many_classes_are_asked_about(column, table, raises_one_line):
    with raises_one_line(SettingError, "'y' has .* many for classes; .* --task"):
        read_target(table(y=column), "y")
    few = read_target(table(y=column * 5), "y") if len(set(column)) <= 100 else None
    assert few is None or few.task == "classification"


@pytest.mark.parametrize("integers", [np.int64, np.float64])
def test_minus_one_is_unlabelled_in_matrices_and_refused_in_named_columns(
    integers, table, raises_one_line
):
    y = np.array([-1, 0, 1, -1], integers)
    matrix = Table("data.npz", "npz", matrix=np.eye(4), target=y)
    target = read_target(matrix, None)
    assert target.values.tolist() == [None, 0, 1, None]
    assert "2 rows with the target -1 taken for unlabeled" in target.notes
    with raises_one_line(InputError, "'y' has -1 beside 2 other classes.*empty field.*replace -1"):
        read_target(table(y=y), "y")
    text = read_target(replace(table(y=["-1", "0", "1", None]), format="jsonl"), "y")
    assert text.values.tolist() == ["-1", "0", "1", None]


def test_empty_text_in_a_matrix_file_is_unlabelled():
    matrix = Table("data.npz", "npz", matrix=np.eye(3), target=np.array(["a", "", "b"]))
    assert read_target(matrix, None).values.tolist() == ["a", None, "b"]


def test_unlabelled_rows_at_the_end(table):
    classes = read_target(table(y=["c", "a", "b"]), "y").take(np.array([1, 2])).extended(2)
    assert classes.values.tolist() == ["a", "b", None, None]
    numbers = read_target(table(y=[0.5, 1.5]), "y").extended(1)
    np.testing.assert_array_equal(numbers.values, [0.5, 1.5, np.nan])


@pytest.mark.parametrize(
    ("column", "task", "said"),
    [
        (["b", "a", "b", None], None, "2 classes: a (1), b (2)"),
        ([2, 1, 10], None, "3 classes: 1 (1), 2 (1), 10 (1)"),
        ([0.5, 2.25], None, "numbers from 0.5 to 2.25"),
        ([5, 1, 1], "ratings", "2 ratings: 1 (2), 5 (1)"),
        (
            list("abcdefghij"),
            None,
            "10 classes: a (1), b (1), c (1), d (1), e (1), f (1), g (1), h",
        ),
    ],
)
def test_the_description(column, task, said, table):
    assert read_target(table(y=column), "y", task).describe().startswith(said)


@pytest.mark.parametrize(
    ("column", "task", "error", "problem"),
    [
        ([None, None], None, InputError, "'y' is missing in all 2 rows"),
        (["", " "], None, InputError, "'y' is missing in all 2 rows"),
        (["a", "a", None], None, InputError, "'y' is always 'a' where it is not missing"),
        ([5, 5.0], "regression", InputError, "'y' is always '5' where"),
        (["a", 1], None, InputError, "'y' holds values of type int, str"),
        ([datetime.date(2020, 1, 1)] * 2, None, InputError, "values of type date"),
        (["a", "b"], "regression", InputError, "has 'a' in column 'y', row 1; expected a number"),
        ([0.5, np.inf], None, InputError, "has inf in column 'y', row 2"),
        ([n / 7 for n in range(150)], "ratings", InputError, "more than 100 different values"),
        ([10**400, 1], "regression", InputError, "has inf in column 'y', row 1"),
        (["a", "b"], "ranking", SettingError, "task is 'ranking'; use one of classification"),
    ],
)
def test_targets_that_cannot_be_used(column, task, error, problem, table, raises_one_line):
    with raises_one_line(error, problem):
        read_target(table(y=column), "y", task)


def test_the_name_of_the_target(table, raises_one_line):
    data = table(y=[1, 2], x=[3, 4])
    with raises_one_line(SettingError, "has the columns 'y', 'x'; name the one .* --target NAME"):
        read_target(data, None)
    with raises_one_line(InputError, "no column 'z'; it has 'y', 'x'"):
        read_target(data, "z")
    matrix = Table("data.npz", "npz", matrix=np.eye(2))
    with raises_one_line(SettingError, "target is 'y', but data.npz holds a matrix"):
        read_target(matrix, "y")
    with raises_one_line(InputError, "holds X, but no y"):
        read_target(matrix, None)
