"""What is to be predicted, and for which rows it is not known."""

import datetime
from dataclasses import replace

import numpy as np
import pandas as pd
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
def test_minus_one_is_unlabeled_in_matrices_and_a_class_in_named_columns(integers, table):
    y = np.array([-1, 0, 1, -1], integers)
    matrix = Table("data.npz", "npz", matrix=np.eye(4), target=y)
    target = read_target(matrix, None)
    assert target.values.tolist() == [None, 0, 1, None]
    assert "2 rows with the target -1 taken for unlabeled" in target.notes
    assert target.classes is None
    named = read_target(table(y=y), "y")
    assert named.values.tolist() == [-1, 0, 1, -1]
    assert named.classes == [-1, 0, 1]
    assert "-1 is taken for a class: only empty cells are unlabeled" in named.notes
    text = read_target(replace(table(y=["-1", "0", "1", None]), format="jsonl"), "y")
    assert text.values.tolist() == ["-1", "0", "1", None]


def test_minus_one_beside_one_other_label_is_a_class_and_that_is_said():
    matrix = Table("data.npz", "npz", matrix=np.eye(3), target=np.array([-1, 1, -1]))
    target = read_target(matrix, None)
    assert target.values.tolist() == [-1, 1, -1]
    assert target.notes == ("-1 and 1 are taken for two classes",)
    assert target.classes == [-1, 1]


@pytest.mark.parametrize(
    ("texts", "labels"),
    [
        (["1", "0", None], [1, 0, None]),
        (["1.0", "0.0", None], [1, 0, None]),
        ([" 1", "-2 "], [1, -2]),
        (["007", "12"], ["007", "12"]),
        (["+1", "2"], ["+1", "2"]),
        (["1", "x"], ["1", "x"]),
        (["true", "False"], [True, False]),
        (["yes", "no"], ["yes", "no"]),
        (["None", "NA"], ["None", "NA"]),
        ([str(2**60 + 1), str(2**60 + 2), None], [2**60 + 1, 2**60 + 2, None]),
        ([str(2**63), str(2**63 + 1)], [str(2**63), str(2**63 + 1)]),
        ([str(10**30), str(10**30 + 1)], [str(10**30), str(10**30 + 1)]),
    ],
)
def test_labels_of_csv_are_exact_and_as_they_are_spelled(texts, labels, table):
    target = read_target(table(y=texts), "y")
    assert target.task is Task.CLASSIFICATION
    assert target.values.tolist() == labels
    assert list(map(type, target.values)) == list(map(type, labels))


def test_text_of_other_formats_stays_text(table):
    lines = replace(table(y=["1", "0", "1"]), format="jsonl")
    assert read_target(lines, "y").values.tolist() == ["1", "0", "1"]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([2**60 + 1, None, 2**60 + 2], [2**60 + 1, None, 2**60 + 2]),
        ([10**30, 10**30 + 1, None], [str(10**30), str(10**30 + 1), None]),
    ],
)
def test_whole_numbers_are_exact(values, labels, table):
    frame = pd.DataFrame({"y": pd.Series(values, dtype=object)})
    assert read_target(Table("data.jsonl", "jsonl", frame=frame), "y").values.tolist() == labels


def test_large_floats_are_said_to_be_rounded_already(table):
    assert "beyond 2^53" in read_target(table(y=[2.0**60, 1.0]), "y").notes[0]


@pytest.mark.parametrize(
    ("texts", "numbers", "noted"),
    [
        (["0.5", "2", None], [0.5, 2, np.nan], False),
        (["12%", "7%", "12%"], [12, 7, 12], True),
        (["$5.00", "$7", "$9"], [5, 7, 9], True),
    ],
)
def test_numbers_to_predict_that_are_text(texts, numbers, noted, table):
    target = read_target(table(y=texts), "y")
    assert target.task is Task.REGRESSION
    np.testing.assert_array_equal(target.values, numbers)
    assert bool(target.notes) == noted


@pytest.mark.parametrize(
    ("texts", "odd", "cure"),
    [
        (["10,98", "3,5"], "'10,98' in row 1", "--decimal ,"),
        (["1.5", "NA"], "'NA' in row 2", "--missing NA"),
        (["0", "1", "NA"], "'NA' in row 3", "--missing NA"),
        (["1.5", "2 kg"], "'2 kg' in row 2", "correct it"),
    ],
)
def test_numbers_to_predict_that_are_not_clear(texts, odd, cure, table, raises_one_line):
    with raises_one_line(InputError, f"'y' has {odd}.*{cure}.*--task classification"):
        read_target(table(y=texts), "y")
    labels = read_target(table(y=texts), "y", "classification").values
    assert labels.tolist() == texts


@pytest.mark.parametrize(
    ("values", "known", "labels"),
    [
        (["a", "a"], ["a", "b"], ["a", "a"]),
        (["1", None], [0, 1], [1, None]),
        (["1.0", "2"], [0, 1], [1, 2]),
        ([1.0, 0.0], ["1", "x"], ["1", 0]),
        (["07", "7"], ["007", "07"], ["07", "7"]),
        (["1.0", "1.5"], ["1.0", "1.5"], ["1.0", "1.5"]),
        ([1.0, 1.5], ["1.0", "1.5"], ["1.0", "1.5"]),
        (["true", "maybe"], [False, True], [True, "maybe"]),
        ([-1, 1], [-1, 1], [-1, 1]),
        ([-1, 1], [0, 1], [-1, 1]),
    ],
)
def test_labels_to_measure_are_those_of_training(values, known, labels, table):
    target = read_target(table(y=values), "y", "classification", classes=known)
    assert target.values.tolist() == labels


def test_minus_one_in_a_matrix_to_predict_is_what_it_was_in_training():
    matrix = Table("data.npz", "npz", matrix=np.eye(2), target=np.array([-1, 1]))
    for known, labels in (([0, 1], [None, 1]), ([-1, 1], [-1, 1])):
        target = read_target(matrix, None, "classification", classes=known)
        assert target.values.tolist() == labels


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
