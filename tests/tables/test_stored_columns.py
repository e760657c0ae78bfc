"""Columns as values and arrays: the same matrix afterwards, and nothing damaged gets through."""

import copy
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array, issparse

from rectinet.errors import StorageError
from rectinet.tables import Table, columns_from_values, fit_columns

NUMBERS = st.one_of(st.none(), st.floats(-1e6, 1e6, width=32))
CATEGORIES = st.one_of(st.none(), st.text(max_size=3))
TEXT = st.text("ab cé", max_size=12).map(lambda text: text + " word")


def through_json(columns):
    values, arrays = columns.to_values()
    return columns_from_values(json.loads(json.dumps(values, allow_nan=False)), arrays)


def assert_same(first, second):
    assert issparse(first) == issparse(second)
    if issparse(first):
        for part in ("data", "indices", "indptr"):
            np.testing.assert_array_equal(getattr(first, part), getattr(second, part))
        assert first.shape == second.shape
    else:
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("weights", ["binary", "tfidf"])
@pytest.mark.parametrize("drop", [[], ["review"], ["review", "city"], ["age", "member"]])
def test_the_same_matrix_bit_by_bit(weights, drop, people):
    data = people.without(drop)
    text = [] if "review" in drop else ["review"]
    columns = fit_columns([data], text=text, text_weights=weights)
    again = through_json(columns)
    assert_same(columns.transform(data), again.transform(data))
    assert again.feature_names() == columns.feature_names()
    assert again.describe() == columns.describe()
    assert again.text_names == columns.text_names
    assert again.sparse == columns.sparse


@given(st.lists(st.tuples(NUMBERS, st.booleans(), CATEGORIES, TEXT, TEXT), min_size=1, max_size=12))
def test_any_table(rows):
    import pandas as pd

    frame = pd.DataFrame(rows, columns=["n", "b", "c", "t", "u"])
    frame["always"] = np.arange(len(frame)) % 2 + 0.5
    data = Table("data.csv", "csv", frame=frame)
    columns = fit_columns([data], text=["t", "u"])
    assert_same(columns.transform(data), through_json(columns).transform(data))


@pytest.mark.parametrize(
    "matrix", [np.array([[1.0, np.nan], [2, 3]]), csr_array([[0, 1.0], [2, 0]])]
)
def test_matrices(matrix):
    data = Table("data.npz", "npz", matrix=matrix)
    columns = fit_columns([data])
    again = through_json(columns)
    assert_same(columns.transform(data), again.transform(data))
    assert (again.n_features, again.first, again.sparse) == (2, 0, issparse(matrix))


def changed(values, arrays, path, new):
    values, arrays = copy.deepcopy(values), dict(arrays)
    if path[0] in arrays:
        arrays[path[0]] = new
        return values, arrays
    inner = values
    for step in path[:-1]:
        inner = inner[step]
    if new is KeyError:
        del inner[path[-1]]
    else:
        inner[path[-1]] = new
    return values, arrays


@pytest.mark.parametrize(
    ("path", "new", "problem"),
    [
        (["kind"], KeyError, "'kind' is missing"),
        (["kind"], "pickle", "the kind 'pickle' is unknown"),
        (["kind"], "matrix", "'n_features' is missing"),
        (["left_out"], [], "'left_out' is of type list; expected dict"),
        (["left_out"], {"ugly": []}, "unknown reasons"),
        (["numbers", "names"], KeyError, "'names' is missing"),
        (["numbers", "names"], "age", "'names' is of type str; expected list"),
        (["numbers", "names"], ["age", 3], "something else than text"),
        (["numbers", "names"], ["age", "age"], "holds a name twice"),
        (["numbers", "names"], ["member"], r"expected float64 of shape \(1,\)"),
        (["numbers", "names"], [], "'booleans' has names that"),
        (["numbers", "names"], ["member", "city"], "one of them is there twice"),
        (["numbers"], None, "'names' is missing"),
        (["numbers_medians"], None, "the array 'medians' is missing"),
        (["numbers_medians"], np.zeros(2, np.float32), "is float32 of shape"),
        (["numbers_medians"], np.array([0, np.nan]), "'medians' is not finite"),
        (["numbers_scale"], np.zeros(2), "a scale is not above 0"),
        (["categories", "categories"], [], "not as many lists of categories"),
        (["categories", "categories"], [[]], "the categories of 'city' are not different texts"),
        (["categories", "categories"], [["a", "a"]], "not different texts"),
        (["categories", "categories"], [["a", 1]], "not different texts"),
        (["categories", "categories"], ["ab"], "not different texts"),
        (["text"], {}, "'text' is of type dict"),
        (["text", 0, "terms"], [], "has no words"),
        (["text", 0, "terms"], ["good", "good"], "holds a name twice"),
        (["text", 0, "terms"], ["good"], r"expected float64 of shape \(1,\)"),
        (["text", 0, "weights"], "heavy", "unknown weights"),
        (["text", 0], 7, "'name' is missing"),
        (["text_0_idf"], np.full(5, np.inf), "'idf' is not finite"),
    ],
)
def test_damage_is_named(path, new, problem, people, raises_one_line):
    columns = fit_columns([people], text=["review"], text_weights="tfidf")
    with raises_one_line(StorageError, f"description of its columns is damaged: .*{problem}"):
        columns_from_values(*changed(*columns.to_values(), path, new))


@pytest.mark.parametrize(
    ("path", "new", "problem"),
    [
        (["n_features"], 0, "0 columns, counted from 0"),
        (["n_features"], True, "'n_features' is of type bool"),
        (["n_features"], 3, r"expected float64 of shape \(3,\)"),
        (["first"], 2, "counted from 2"),
        (["sparse"], 1, "'sparse' is of type int"),
        (["medians"], np.array([0, np.inf]), "'medians' is not finite"),
    ],
)
def test_damage_of_matrices_is_named(path, new, problem, raises_one_line):
    columns = fit_columns([Table("data.npz", "npz", matrix=np.eye(2))])
    with raises_one_line(StorageError, problem):
        columns_from_values(*changed(*columns.to_values(), path, new))


@pytest.mark.parametrize("values", [None, [], "named", {}, {"kind": ["named"]}])
def test_values_that_are_no_columns(values, raises_one_line):
    with raises_one_line(StorageError, "is damaged"):
        columns_from_values(values, {})
