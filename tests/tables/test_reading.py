"""Every kind of file brings the same table, and nothing is lost or guessed on the way."""

import gzip
import io
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.datasets import dump_svmlight_file

from rectinet.tables import read_table

FRAME = pd.DataFrame(
    {
        "size": [1.5, np.nan, -3.0],
        "count": [1, 2, 3],
        "name": ["ä, b", 'say "c"', "two\nlines"],
        "yes": [True, False, True],
    }
)


def csv_of(frame: pd.DataFrame, separator: str = ",") -> bytes:
    return frame.to_csv(index=False, sep=separator).encode()


def parquet_of(frame: pd.DataFrame) -> bytes:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    stream = io.BytesIO()
    frame.to_parquet(stream)
    return stream.getvalue()


def lines_of(frame: pd.DataFrame) -> bytes:
    return frame.to_json(orient="records", lines=True).encode()


FILES = {
    "data.csv": csv_of,
    "DATA.CSV": csv_of,
    "data.v2.csv": csv_of,
    "data.tsv": lambda frame: csv_of(frame, "\t"),
    "data.csv.gz": lambda frame: gzip.compress(csv_of(frame)),
    "zipped-although.csv": lambda frame: gzip.compress(csv_of(frame)),
    "data.jsonl": lines_of,
    "data.ndjson.gz": lambda frame: gzip.compress(lines_of(frame)),
    "byte-order-mark.csv": lambda frame: b"\xef\xbb\xbf" + csv_of(frame),
    "byte-order-mark.jsonl": lambda frame: b"\xef\xbb\xbf" + lines_of(frame),
    "data.parquet": parquet_of,
}


@pytest.mark.parametrize("name", FILES)
def test_every_format_holds_the_same_table(name, write):
    table = read_table(write(name, FILES[name](FRAME)))
    assert table.names == ("size", "count", "name", "yes")
    assert table.n_rows == 3
    assert table.text_names == ("name",)
    pd.testing.assert_frame_equal(table.frame, FRAME, check_column_type=False, check_dtype=False)
    assert table.target is None
    assert table.notes == ()


def test_a_column_that_is_text_elsewhere_is_read_as_text(write):
    path = write("data.csv", "code,n\n01,1\n1.0,2\n,3\n")
    assert read_table(path).text_names == ()
    text = read_table(path, text=["code", "unheard of"]).frame["code"]
    assert text.tolist()[:2] == ["01", "1.0"]
    assert text.isna().tolist() == [False, False, True]


def test_columns_without_a_name_are_left_out_and_that_is_said(write):
    """Row numbers that pandas and R write, and the separator some programs end each line with."""
    table = read_table(write("data.csv", ",a,b,\n0,1,x,\n1,2,y,\n"))
    assert table.frame.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    assert "2 column(s) without a name" in table.notes[0]


def test_names_that_are_numbers_as_pandas_writes_them_are_names(write):
    array = pd.DataFrame(np.arange(6.0).reshape(2, 3))
    assert read_table(write("data.csv", csv_of(array))).names == ("0", "1", "2")


def test_blank_lines_around_are_no_rows_and_an_empty_last_field_is_no_damage(write):
    table = read_table(write("data.csv", "\n\na,b\n1,\n2,x\n\n"))
    assert table.n_rows == 2
    assert table.frame["b"].isna().tolist() == [True, False]


def test_text_of_a_megabyte_in_one_field(write):
    text = "word " * 200_000
    table = read_table(write("data.csv", f"text,a\n{text},\nshort,1\n"))
    assert table.frame["text"][0] == text


def test_json_lines_with_names_that_come_and_go(write):
    table = read_table(write("data.jsonl", '{"a": 1}\n\n{"b": "x", "a": null}\n'))
    assert table.names == ("a", "b")
    assert table.frame.isna().to_numpy().tolist() == [[False, True], [True, False]]
    assert table.notes == ("1 blank line(s) left out",)


def test_a_named_index_of_parquet_is_a_column(write):
    indexed = FRAME.set_index("name")
    assert set(read_table(write("data.parquet", parquet_of(indexed))).names) == set(FRAME)


@pytest.mark.parametrize("target", [None, [0, 1, 1], [0.5, np.nan, 2.0], ["x", "y", "x"]])
def test_npz_dense(target, tmp_path):
    X = np.array([[1, 0], [0, 2], [np.nan, 3]])
    arrays = {"X": X} if target is None else {"X": X, "y": np.array(target)}
    np.savez_compressed(tmp_path / "data.npz", **arrays)
    table = read_table(tmp_path / "data.npz")
    np.testing.assert_array_equal(table.matrix, X)
    assert (table.names, table.n_rows, table.frame) == ((), 3, None)
    if target is None:
        assert table.target is None
    else:
        np.testing.assert_array_equal(table.target, np.array(target))


@pytest.mark.parametrize("with_target", [False, True])
def test_npz_as_scipy_writes_csr(with_target, tmp_path):
    X = sparse.random_array((5, 7), density=0.4, format="csr", rng=np.random.default_rng(0))
    path = tmp_path / "data.npz"
    sparse.save_npz(path, X)
    if with_target:
        np.savez(path, y=np.arange(5), **np.load(path))
    table = read_table(path)
    assert (table.matrix != X).nnz == 0
    assert table.matrix.format == "csr"
    assert (table.target is not None) == with_target


@pytest.mark.parametrize("name", ["data.svm", "data.svmlight", "data.libsvm", "data.svm.gz"])
@pytest.mark.parametrize("from_one", [False, True])
def test_svmlight_keeps_its_column_numbers(name, from_one, write):
    X = np.array([[0.5, 0, 2], [0, 1, 0]], np.float32)
    stream = io.BytesIO()
    dump_svmlight_file(X, [1, -1], stream, zero_based=not from_one)
    content = stream.getvalue()
    table = read_table(write(name, gzip.compress(content) if name.endswith("gz") else content))
    np.testing.assert_array_equal(table.matrix.toarray()[:, from_one:], X)
    assert table.target.tolist() == [1, -1]


def test_svmlight_says_what_it_leaves_out(write):
    table = read_table(write("data.svm", "1 qid:1 1:0.1\n\n0 qid:2 2:0.2\n\n"))
    assert table.notes == ("1 blank line(s) left out", "query numbers (qid) are not used")
    assert table.matrix.toarray().tolist() == [[0, 0.1, 0], [0, 0, 0.2]]  # in double precision


def test_json_keeps_whole_numbers_exact_beside_nulls_and_fractions(write):
    lines = "".join(f'{{"a": {a}, "b": {b}}}\n' for a, b in ((2**60 + 1, 0.5), ("null", 2**60 + 1)))
    frame = read_table(write("data.jsonl", lines)).frame
    assert frame["a"].tolist() == [2**60 + 1, None]
    assert frame["b"].tolist() == [0.5, 2**60 + 1]


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1)


@given(st.lists(st.tuples(TEXT, st.floats(allow_nan=False)), min_size=1))
def test_text_and_numbers_survive_json_lines(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("lines") / "data.jsonl"
    lines = [json.dumps({"text": text, "number": number}) for text, number in rows]
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    read = read_table(path).frame
    texts = [None if pd.isna(text) else text for text in read["text"]]
    expected = [(text if text.strip() else None, number) for text, number in rows]
    assert list(zip(texts, read["number"], strict=True)) == expected
