"""What a column is taken for, and which are refused with the option that helps."""

import datetime
import decimal
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rectinet.errors import InputError, SettingError
from rectinet.tables import fit_columns

MANY = 30
REVIEWS = [f"this film number {n} was rather good, I thought" for n in range(MANY)]


@pytest.mark.parametrize(
    ("values", "features"),
    [
        ([1, 2, 3], ["x"]),
        ([1.5, None, 2], ["x"]),
        ([True, False, True], ["x"]),
        ([True, None, False], ["x"]),
        ([decimal.Decimal("1.5"), decimal.Decimal(2), None], ["x"]),
        (pd.array([1, None, 3], dtype="Int64"), ["x"]),
        (pd.array([True, None, False], dtype="boolean"), ["x"]),
        ([10**30, 1, 2], ["x"]),
        (["b", "a", "b"], ["x=a", "x=b"]),
        (["b", None, "b"], ["x=b", "x=(missing)"]),
        (["1", "2", "4+"], ["x=1", "x=2", "x=4+"]),
        (pd.Categorical([2, 1, None]), ["x=1", "x=2", "x=(missing)"]),
        (["a b", "c", "d"], ["x=a b", "x=c", "x=d"]),
    ],
)
def test_numbers_and_categories(values, features, table):
    assert fit_columns([table(x=values)]).feature_names() == features


@pytest.mark.parametrize(
    ("values", "reason", "text"),
    [
        (pd.date_range("2020-01-01", periods=MANY), "'x' holds dates or times", False),
        ([datetime.date(2020, 1, 1 + n) for n in range(MANY)], "values of type date", False),
        ([f"2020-01-{1 + n}" for n in range(MANY)], "'x' holds dates or times", False),
        (["3/4/21 10:30", "12/11/2020"] * MANY, "'x' holds dates or times", False),
        (["2020-01-01", "NA"] * MANY, "'x' holds dates or times", False),
        ([{"a": 1}] * MANY, "'x' holds lists or objects", False),
        ([[1, 2]] * MANY, "'x' holds lists or objects", False),
        ([b"a"] * MANY, "'x' holds bytes", False),
        ([1 + 2j] * MANY, "'x' holds complex numbers", False),
        ([1, "a"] * MANY, "'x' mixes text with other values", False),
        ([f"u{n:04}" for n in range(MANY)], r"'x' differs in \(nearly\) every row", True),
        ([*map(str, range(MANY)), "ten"], r"holds numbers, but also 'ten'", False),
        (REVIEWS, "'x' holds text", True),
    ],
)
def test_what_a_network_cannot_use_is_refused(values, reason, text, table, raises_one_line):
    data = table(x=values, n=range(len(values)))
    with raises_one_line(InputError, f"^data.csv has .*{reason}.*--drop x") as _:
        fit_columns([data])
    with raises_one_line(InputError, "--text x" if text else "--drop x$"):
        fit_columns([data])
    assert fit_columns([data.without(["x"])]).names == ["n"]


def test_all_that_is_refused_is_named_at_once(table, raises_one_line):
    data = table(id=[f"u{n}" for n in range(MANY)], **{"the day": ["2020-01-01"] * MANY})
    with raises_one_line(InputError, "'id' .*'the day' .*--drop id --drop 'the day'"):
        fit_columns([data])


def test_few_different_names_are_categories_however_few_rows(table):
    assert len(fit_columns([table(x=["Anna", "Ben", "Carl"])]).feature_names()) == 3


def test_text_is_found_by_itself_in_json_lines_alone(table, raises_one_line):
    data = table(review=REVIEWS, n=range(MANY))
    with raises_one_line(InputError, "--text review"):
        fit_columns([data])
    lines = replace(data, format="jsonl")
    assert fit_columns([lines]).names == ["n", "review"]
    two = replace(lines, frame=data.frame.assign(title=[text[::-1] for text in REVIEWS]))
    with raises_one_line(InputError, "'review' holds text, 'title' holds text"):
        fit_columns([two])
    assert fit_columns([two], text=["title", "review"]).names == ["n", "title", "review"]


@pytest.mark.parametrize(
    ("setting", "value"), [("most_words", 0), ("most_words", True), ("text_weights", "count")]
)
def test_settings_out_of_range(setting, value, people, raises_one_line):
    with raises_one_line(SettingError, f"{setting} is {value!r}"):
        fit_columns([people], **{setting: value})


def test_text_without_words(table, raises_one_line):
    with raises_one_line(InputError, "'x' has no words of two letters.*--drop x"):
        fit_columns([table(x=["a", "!", None])], text=["x"])


def test_nothing_left_to_learn_from(table, raises_one_line):
    with raises_one_line(InputError, "data.csv has no column beside the target"):
        fit_columns([table(y=[1, 2]).without(["y"])])
    with raises_one_line(InputError, r"no column left .*always the same: 'b', 'a'.*missing: 'c'"):
        fit_columns([table(a=[1, 1, None], b=["x"] * 3, c=[None] * 3)])


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e39])
def test_numbers_that_single_precision_does_not_hold(value, table, raises_one_line):
    with raises_one_line(
        InputError, rf"has {re.escape(str(value))} in column 'x', row 2; expected finite"
    ):
        fit_columns([table(x=[1.0, value, 2.0])])
