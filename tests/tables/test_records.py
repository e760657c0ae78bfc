"""Rows of CSV and TSV: none is swallowed by a quote, or lost on a blank line."""

import gzip

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rectinet.errors import DataError
from rectinet.tables import read_table

REVIEWS = [(f"line {n} is {'good' if n % 2 else 'bad'}", "np"[n % 2]) for n in range(40)]


def tsv(*rows):
    return "text\tlabel\n" + "".join("\t".join(row) + "\n" for row in rows)


def quoted(first, last):
    """Return the reviews with a quote at the beginning of one, and at the end of another."""
    rows = [list(row) for row in REVIEWS]
    rows[first][0] = '"' + rows[first][0]
    rows[last][0] += '"'
    return tsv(*rows)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (quoted(5, 5).replace("line 5", '"line 5', 1), "a quote in line 7"),
        (quoted(5, 15), "a quote in line 7 that joins 11 lines to row 6.* twice"),
        (tsv(*REVIEWS[:9], ('"open', "n"), *REVIEWS[9:]), "a quote in line 11 .*end of data"),
        (tsv(*REVIEWS[:9], ('"a" film', "n")), "a quote in line 11 .*line 11: .*expected after"),
        (tsv(('"say \\"hi\\" now"', "n")), "a quote in line 2 .*twice"),
        ("text\tlabel\n\x00\tn\n", "line 2 has a NUL byte"),
        ("text\tlabel\na\tn\n\nb\tp\n", "a blank line before line 4"),
        ("text\tlabel\na\tn\n   \nb\tp\n", "a blank line before line 4"),
        ("text\tlabel\na\tn\nb\rc\tp\n", "a carriage return within line 3"),
        ("text\tlabel\na\tn\nb\n", "line 3 has 1 fields, the header 2"),
        ("text\tlabel\na\tb\tn\n", "line 2 has 3 fields, the header 2"),
    ],
)
def test_a_row_that_would_be_lost_is_refused_with_its_line(
    content, problem, write, raises_one_line
):
    with raises_one_line(DataError, f"data.tsv (has|is|cannot).*{problem}"):
        read_table(write("data.tsv", content))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('x,y\n1,a\n"2,a\n3,b\n4",b\n5,a\n6,b\n', 3),  # the others of x are numbers
        ('id,text,y\n1,"good,p\n2,bad,n\n3,fine",p\n4,ok,n\n', 2),
        ('text,id\n"x a,1\nx b,2\nx c",3\nx d,4\n', 2),  # no id comes twice
    ],
)
def test_quotes_that_pair_up_across_rows(content, line, write, raises_one_line):
    with raises_one_line(DataError, f"a quote in line {line} that joins .* lines to row"):
        read_table(write("data.csv", content))


@pytest.mark.parametrize(
    ("content", "texts", "notes"),
    [
        ('t,y\n"two\nlines",1\nb,2\n', ["two\nlines", "b"], 0),
        ('t,y\n"two\r\nlines",1\r\nb,2\r\n'.replace("\n", "\n"), ["two\r\nlines", "b"], 0),
        ('t,y\n"a ""word"",\n\nand more",1\nb,2\n', ['a "word",\n\nand more', "b"], 0),
        # Each line has two fields; but no label is " hello".
        (
            't,y\n"Dear Sir, hello\nthanks",p\nb,n\nc,p\nd,n\n',
            ["Dear Sir, hello\nthanks", "b", "c", "d"],
            1,
        ),
        ('t\n"two\nlines"\nb\n', ["two\nlines", "b"], 1),
        ('t,y\n5" pipe,1\nb,2\n', ['5" pipe', "b"], 0),
    ],
)
def test_text_over_several_lines_is_one_row(content, texts, notes, write):
    table = read_table(write("data.csv", content))
    assert table.frame["t"].tolist() == texts
    assert len(table.notes) == notes


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ("x\n1\n\n3\n", [1, None, 3]),
        ("x\n1\n  \n3\n\n\n", [1, None, 3]),
        ('x\n1\n""\n', [1, None]),
        ("\n\nx\n1\n\n3", [1, None, 3]),
        ("x,y\n,\n1,\n,\n", [None, 1, None]),
        ("x,y\r1,2\r3,4\r", [1, 3]),
        ("x,y\r\n1,2\n3,4\r\n", [1, 3]),
        ("\ufeffx,y\n1,2", [1]),
    ],
)
def test_every_line_is_a_row_and_stays_in_its_place(content, values, write):
    for name, made in (
        ("data.csv", content.encode()),
        ("data.csv.gz", gzip.compress(content.encode())),
    ):
        column = read_table(write(name, made)).frame["x"]
        assert [None if pd.isna(value) else float(value) for value in column] == values


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["data.csv", "data.jsonl"])
def test_utf_16(encoding, name, write, raises_one_line):
    content = "x,y\n1,2\n" if name == "data.csv" else '{"x": 1}\n'
    with raises_one_line(DataError, "UTF-16|is not JSON"):
        read_table(write(name, content.encode(encoding)))


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8)


@given(st.lists(st.tuples(TEXT, TEXT, st.integers(-9, 9)), min_size=1, max_size=8))
def test_what_pandas_writes_is_read_row_by_row(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("rows") / "data.csv"
    pd.DataFrame(rows, columns=["a", "b", "n"]).to_csv(path, index=False)
    try:
        read = read_table(path, text=["a", "b"])
    except DataError as error:  # text over several lines that looks like rows
        assert "joins" in str(error)
        return
    assert read.frame["n"].tolist() == [n for _, _, n in rows]
    for name, at in (("a", 0), ("b", 1)):
        texts = [None if pd.isna(text) else text for text in read.frame[name]]
        assert texts == [row[at] if row[at].strip() else None for row in rows]


def test_a_name_that_is_twice_in_a_json_object(write, raises_one_line):
    with raises_one_line(DataError, "line 2 .*the name 'a' twice"):
        read_table(write("data.jsonl", '{"a": 1}\n{"a": 1, "a": 2}\n'))
