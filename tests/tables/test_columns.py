"""The matrix that named columns become."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from rectinet.errors import InputError
from rectinet.tables import fit_columns


def test_every_kind_of_column_by_hand(people):
    columns = fit_columns([people], text=["review"])
    assert columns.feature_names() == [
        *("age", "member", "city=Oslo", "city=Rome", "city=(missing)"),
        *("review:bad", "review:film", "review:good", "review:one", "review:so"),
    ]
    assert columns.left_out == {"constant": ["country"], "missing": ["empty"]}
    assert columns.names == ["age", "member", "city", "review"]
    assert columns.text_names == ["city", "review"]
    X = columns.transform(people)
    assert sparse.issparse(X)
    assert X.format == "csr"
    assert (X.dtype, X.shape) == (np.float32, (8, columns.n_features))
    dense = X.toarray()
    # The median of 20, 20, 30, 30, 40, 40, 60 is 30; mean and deviation are those of the seven.
    known = np.array([20, 30, 40, 60, 30, 20, 40])
    age = np.array([20, 30, 40, 30, 60, 30, 20, 40])
    np.testing.assert_allclose(dense[:, 0], (age - known.mean()) / known.std(), rtol=1e-6)
    member = np.array([1, 0, 1, 1, 0, 0, 1, 1])
    np.testing.assert_allclose(dense[:, 1], (member - member.mean()) / member.std(), rtol=1e-6)
    np.testing.assert_array_equal(dense[:3, 2:5], [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    words = [[0, 1, 1, 0, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 1, 1, 0]]
    np.testing.assert_array_equal(dense[:4, 5:], words)
    assert dense[7, 9] == 1, "a word that occurs twice counts once"


def test_numbers_alone_stay_dense_and_as_they_are(people):
    numbers = people.without(["city", "review"])
    X = fit_columns([numbers]).transform(numbers)
    assert X.dtype == np.float64
    np.testing.assert_array_equal(X[:, 0], [20, 30, 40, 30, 60, 30, 20, 40])
    np.testing.assert_array_equal(X[:, 1], people.frame["member"])


def test_the_most_frequent_words_are_kept(people):
    columns = fit_columns([people], text=["review"], most_words=2)
    assert columns.feature_names()[-2:] == ["review:bad", "review:good"]


def test_tfidf_is_scikit_learns(people):
    columns = fit_columns([people], text=["review"], text_weights="tfidf")
    texts = people.frame["review"].fillna("").tolist()
    expected = TfidfVectorizer(dtype=np.float32).fit_transform(texts).toarray()
    found = columns.transform(people).toarray()[:, 5:]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_unlabelled_tables_take_part(people, table):
    more = table(
        age=[90, 90],
        member=[True, True],
        city=["Pisa", None],
        review=["new", ""],
        country=["NO", "NO"],
        other=[1, 2],
    )
    columns = fit_columns([people, more], text=["review"])
    assert {"city=Pisa", "review:new"} <= set(columns.feature_names())
    numbers = [each.without(["city", "review"]) for each in (people, more)]
    filled = fit_columns(numbers).transform(people)[3, 0]
    # Of 20, 20, 30, 30, 40, 40, 60, 90, 90.
    assert filled == 40


def test_a_column_is_constant_only_if_it_is_so_in_all_tables(table):
    first, more = table(a=[1, 1], b=[0, 1]), table(a=[2, 2], b=[0, 1])
    assert fit_columns([first]).names == ["b"]
    assert fit_columns([first, more]).names == ["a", "b"]


def test_prediction_ignores_other_columns_and_their_order(people):
    columns = fit_columns([people], text=["review"])
    expected = columns.transform(people)
    frame = people.frame[::-1].drop(columns=["country"]).assign(extra="x")
    turned = replace(people, frame=frame[sorted(frame, reverse=True)])
    assert (columns.transform(turned)[::-1] != expected).nnz == 0


def test_what_was_never_seen(people, table):
    columns = fit_columns([people], text=["review"])
    new = table(age=[None], member=[None], city=["Pisa"], review=["unheard words"])
    X = columns.transform(new).toarray()[0]
    np.testing.assert_array_equal(X[2:], 0)  # an unknown category, and unknown words
    numbers = fit_columns([people.without(["city", "review"])])
    np.testing.assert_array_equal(numbers.transform(new), [[30, 1]])  # the medians


def test_what_the_model_does_not_know_is_said(people, table):
    columns = fit_columns([people], text=["review"])
    assert columns.notes(people) == ["3 empty cells taken for missing, in 3 columns"]
    cities = ["Rome", "Atlantis", None, "Mordor", "Atlantis"]
    new = table(age=[1] * 5, member=[True] * 5, city=cities, review=["new"] * 5, other=[1] * 5)
    assert columns.notes(new) == [
        "1 empty cell taken for missing, in 1 column",
        "column 'city' has values not seen in training, in 3 of 5 rows: 'Atlantis', 'Mordor'",
        "columns that the model does not use: 'other'",
    ]


def test_categories_that_look_like_numbers(table):
    """A file for prediction may have but the numbers among "1", "2", "4+"."""
    columns = fit_columns([table(rooms=["1", "2", "4+"])])
    for rooms in ([2, 1], [2.0, None], ["2", "1"]):
        X = columns.transform(table(rooms=rooms)).toarray()
        np.testing.assert_array_equal(X[0], [0, 1, 0])


def test_a_missing_value_where_none_was_in_training_is_an_unknown_category(table):
    columns = fit_columns([table(x=["a", "b"])])
    np.testing.assert_array_equal(
        columns.transform(table(x=[None, "b"])).toarray(), [[0, 0], [0, 1]]
    )
    assert columns.notes(table(x=[None, "b"]))[1].endswith("in 1 of 2 rows: '(missing)'")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"age": None}, r"has no column 'age'; it has 'member', 'city'"),
        ({"age": ["old", 3]}, "has 'old' in column 'age', row 1; expected a number"),
        ({"age": [3, [1]]}, r"has \[1\] in column 'age', row 2; expected a number"),
        ({"age": pd.date_range("2020-01-01", periods=2)}, "has Timestamp.*in column 'age', row 1"),
        ({"member": ["yes", "no"]}, "has 'yes' in column 'member', row 1; expected True or False"),
        ({"age": [1.0, np.inf]}, "has inf in column 'age', row 2"),
    ],
)
def test_a_table_that_does_not_fit(changes, problem, people, table, raises_one_line):
    columns = fit_columns([people], text=["review"])
    good = {
        "age": [1, 2],
        "member": [True, False],
        "city": ["Oslo"] * 2,
        "review": ["a", "b"],
        "country": ["NO"] * 2,
    }
    content = {name: values for name, values in {**good, **changes}.items() if values is not None}
    with raises_one_line(InputError, f"^data.csv {problem}"):
        columns.transform(table(**content))
    with raises_one_line(InputError, f"^data.csv {problem}"):
        fit_columns([people, table(**content)], text=["review"])


def test_a_text_that_is_not_there(people, raises_one_line):
    with raises_one_line(InputError, "has no column 'revue'; it has 'age'.*check the names"):
        fit_columns([people], text=["revue"])


def test_the_description_counts_each_kind(people):
    assert fit_columns([people], text=["review"]).describe() == [
        "1 of numbers",
        "1 of truth values",
        "1 of categories (3 different)",
        "text 'review' (5 words)",
        "1 left out, always the same: 'country'",
        "1 left out, always missing: 'empty'",
    ]
