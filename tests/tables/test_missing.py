"""Only empty cells are missing, in every format; the user may name texts that are, too."""

import json

import numpy as np
import pandas as pd
import pytest

from rectinet.errors import InputError
from rectinet.tables import Notation, Table, columns_from_values, fit_columns, read_table

# What pandas takes for missing by itself.
WORDS = ["None", "NA", "null", "nan", "NaN", "N/A", "n/a", "<NA>", "#N/A", "NULL", "-"]


def as_csv(values):
    return "x,n\n" + "".join(f"{'' if v is None else v},1\n" for v in values)


def as_lines(values):
    return "".join(json.dumps({"x": value, "n": 1}) + "\n" for value in values)


def as_parquet(values):
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    frame = pd.DataFrame({"x": values, "n": 1})
    return frame.to_parquet()


FORMATS = {
    "data.csv": as_csv,
    "data.tsv": lambda values: as_csv(values).replace(",", "\t"),
    "data.jsonl": as_lines,
    "data.parquet": as_parquet,
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_rule_in_every_format(name, write):
    values = [*WORDS, None, " ", "\t"] if name != "data.tsv" else [*WORDS, None, " ", "  "]
    table = read_table(write(name, FORMATS[name](values)))
    assert table.frame["x"].dropna().tolist() == WORDS
    assert table.frame["x"].isna().tolist() == [False] * len(WORDS) + [True] * 3


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("values", [["NA", "-999", "a"], ["NA", "-999", "1"]])
def test_texts_that_mean_missing(name, values, write):
    notation = Notation(("NA", "-999"))
    table = read_table(write(name, FORMATS[name](values)), notation=notation)
    assert table.frame["x"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize("name", ["data.csv", "data.jsonl", "data.parquet"])
def test_numbers_that_mean_missing(name, write):
    path = write(name, FORMATS[name]([-999, 2**60 + 1, 3]))
    table = read_table(path, notation=Notation(("-999",)))
    assert table.frame["x"].isna().tolist() == [True, False, False]
    if name != "data.csv":  # there, the column to predict is read as text
        assert int(table.frame["x"][1]) == 2**60 + 1


def test_blank_categories_are_missing(write):
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    frame = pd.DataFrame({"x": pd.Categorical(["a", " ", None, "a"])})
    table = read_table(write("data.parquet", frame.to_parquet()))
    assert table.frame["x"].isna().tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("format_", "missing", "note"),
    [
        ("csv", (), "3 empty cells taken for missing, in 2 columns"),
        ("csv", ("NA",), "3 cells, empty or 'NA', taken for missing, in 2 columns"),
        ("jsonl", (), "3 null or blank values taken for missing, in 2 columns"),
    ],
)
def test_what_was_taken_for_missing_is_said_once(format_, missing, note, table):
    frame = table(a=[1, None, 2, None], b=["x", "y", None, "x"], c=[1, 2, 3, 4]).frame
    data = Table("data", format_, frame=frame, notation=Notation(missing))
    columns = fit_columns([data])
    assert columns.remarks == (note,)
    assert columns.notes(data) == [note]


def test_missing_values_of_matrices_are_said():
    data = Table("data.npz", "npz", matrix=np.array([[1, np.nan], [2, np.nan], [3, 4]]))
    columns = fit_columns([data])
    assert columns.remarks == ("2 NaN in X taken for missing, in 1 column(s)",)
    assert columns.notes(data) == list(columns.remarks)


def test_a_model_does_in_prediction_as_in_training(write, raises_one_line):
    notation = Notation(("NA",))
    content = "x,c\n1,None\nNA,u\n3,None\n"
    columns = fit_columns([read_table(write("data.csv", content), notation=notation)])
    assert columns.feature_names() == ["x", "c=None", "c=u"]
    values, arrays = columns.to_values()
    again = columns_from_values(values, arrays)
    new = read_table(write("new.csv", "x,c\nNA,None\n"), notation=again.notation)
    np.testing.assert_array_equal(again.transform(new).toarray(), [[0, 1, 0]])
    plain = read_table(write("new.csv", "x,c\nNA,None\n"))
    with raises_one_line(InputError, "has 'NA' in column 'x', row 1; .*empty, or .* --missing NA"):
        again.transform(plain)


def test_models_made_before_go_on_as_they_did(write, table):
    """They took pandas' words for missing, in CSV alone, and rounded dense numbers to float32."""
    columns = fit_columns([table(x=[1, 2.0], c=["u", None])])
    values, arrays = columns.to_values()
    del values["notation"]
    former = columns_from_values(values, arrays)
    assert former.to_values()[0] == values
    content = [("new.csv", "x,c\nNA,None\n"), ("new.jsonl", '{"x": null, "c": "None"}\n')]
    made = {
        name: former.transform(read_table(write(name, text), notation=former.notation)).toarray()
        for name, text in content
    }
    # c=u, c=(missing)
    np.testing.assert_array_equal(made["new.csv"][:, 1:], [[0, 1]])
    np.testing.assert_array_equal(made["new.jsonl"][:, 1:], [[0, 0]])
    values, arrays = fit_columns([table(x=[1.1, 2.2])]).to_values()
    del values["notation"]
    dense = columns_from_values(values, arrays).transform(table(x=[16_777_217]))
    assert (dense.dtype, dense[0, 0]) == (np.float32, 16_777_216)


def test_columns_of_truth_values_with_gaps(write):
    data = read_table(write("data.csv", "x,n\ntrue,1\n ,2\nFalse,3\n"))
    columns = fit_columns([data])
    assert columns.describe()[:2] == ["1 of numbers", "1 of truth values"]
    np.testing.assert_array_equal(columns.transform(data)[:, 0], [1, 0.5, 0])
