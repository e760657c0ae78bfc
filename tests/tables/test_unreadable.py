"""Whatever is wrong with a file is said in one line that names it and the cure."""

import gzip
import io
import itertools
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from rectinet.errors import DataError, RectinetError, SettingError
from rectinet.tables import read_table

ROWS = "a,b\n" + "".join(f"{n},x{n}\n" for n in range(2000))


def npz(**arrays: object) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **{name: np.asarray(array) for name, array in arrays.items()})
    return stream.getvalue()


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def csr(**changes: object) -> bytes:
    parts = {"data": [1.0, 2], "indices": [0, 1], "indptr": [0, 1, 2], "shape": [2, 2]}
    return npz(**{**parts, "format": b"csr", **changes})


def parquet(rows: int) -> bytes:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    stream = io.BytesIO()
    pd.DataFrame({"a": np.arange(rows)}).to_parquet(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("data.csv", b"", "is empty; expected a table"),
        ("data.csv", "\n\n", "first line is empty"),
        ("data.csv", "a,b\n", "has no rows"),
        ("data.csv", "a,b\n1,2\n3", "line 3 has 1 fields, the header 2"),
        ("data.csv", "a,b\n1,2,3\n4,5,6\n", "used: line 2 has 3 fields, the header 2"),
        ("data.csv", "a,b\n1,2\n4,5,6\n", "used: line 3 has 3 fields, the header 2"),
        (
            "data.csv",
            'a,b\n1,"2\n',
            "a quote in line 2 that is not closed.*unexpected end of data.*twice",
        ),
        ("data.csv", "a,b,a\n1,2,3\n", "columns of one name: 'a'"),
        ("data.csv", "5.1,3.5,1\n4.9,3.0,0\n", "begins with numbers.*add a first line"),
        ("data.csv", "a;b\n1;2\n", "one column only.*commas between columns"),
        ("data.tsv", "a,b\n1,2\n", "one column only.*tabs between columns"),
        ("data.csv", "a,b\n1,é\n".encode("latin-1"), "not UTF-8 text.*0xe9.*save it as UTF-8"),
        ("data.csv", ",\n1,2\n", "first line is empty"),
        (
            "data.csv.gz",
            gzip.compress(ROWS.encode(), mtime=0)[:-9],
            "is truncated: its gzip stream",
        ),
        ("data.csv.gz", gzip.compress(ROWS.encode(), mtime=0)[:-8] + bytes(8), "damaged gzip file"),
        (
            "data.svm.gz",
            gzip.compress(b"1 1:2\n" * 99, mtime=0)[:-9],
            "is truncated: its gzip stream",
        ),
        (
            "data.jsonl.gz",
            gzip.compress(b'{"a": 1}\n' * 99, mtime=0)[:-9],
            "is truncated: its gzip",
        ),
        ("data.jsonl", '{"a": 1}\n{"a": 2', "line 2 is not JSON"),
        ("data.jsonl", '[{"a": 1},\n', "line 1 is not JSON.*a JSON object on each line"),
        ("data.jsonl", "1\n", "line 1 is a int, no object"),
        ("data.jsonl", '{"a": ' + "[" * 100_000, "line 1 is not JSON"),
        ("data.jsonl", b'{"a": "\xe9"}\n', "not UTF-8 text"),
        ("data.jsonl", "{}\n{}\n", "has no columns with a name"),
        ("data.jsonl", "\n", "has no rows"),
        ("data.svm", "1 1:2\nx 2:3\n", "line 2 begins with 'x', which is no target"),
        ("data.svm", "1 2:1 1:2\n", "cannot be used.*ascending columns"),
        ("data.svm", "1,2 1:1\n", "cannot be used"),
        ("data.svm", "1 -3:1\n", "cannot be used"),
        ("data.npz", "no zip", "it is no NPZ file, or holds Python objects"),
        ("data.npz", npz(X=np.eye(3))[:-30], "cannot be used"),
        ("data.npz", npz(a=[1], b=[2]), "it holds 'a', 'b'; expected the arrays X and y"),
        ("data.npz", npz(X=[1, 2]), r"X has shape \(2,\)"),
        ("data.npz", npz(X=np.eye(2), y=[1, 2, 3]), r"y has shape \(3,\); expected \(2,\)"),
        ("data.npz", npz(X=[["a"]]), "X is of type <U1; expected numbers"),
        (
            "data.npz",
            npz(X=np.array([[{}]], object)),
            r"X holds Python objects.*save X.astype\(float\)",
        ),
        ("data.npz", npz(X=np.zeros((0, 2))), "has no rows"),
        ("data.npz", csr(indices=[0, 7]), "cannot be used"),
        ("data.npz", csr(indptr=[0, 5, 2]), "cannot be used"),
        ("data.npz", npz(X=np.eye(2), y=[[1], [2]]), r"y has shape \(2, 1\).*save y.ravel\(\)"),
        ("data.npz", npz(X=np.eye(2), y=[[1, 2]]), r"y has shape \(1, 2\).*save y.ravel\(\)"),
        (
            "data.npz",
            npz(X=np.eye(3), y=np.eye(3)),
            r"save one column of it, or y.argmax\(axis=1\)",
        ),
        ("data.npz", npz(X=np.eye(2), y=1), r"y has shape \(\); expected \(2,\)"),
        ("data.npz", npz(X=np.zeros((4, 2, 2))), r"\(4, 2, 2\).*save X.reshape\(len\(X\), -1\)"),
        ("data.npz", npz(X=[1.0, 2]), r"save X.reshape\(-1, 1\) for one column"),
        ("data.npz", npz(X=3.0), r"X has shape \(\)"),
        ("data.npz", npz(X=np.eye(2), y=np.array(["a", 1], object)), r"save y.astype\(str\)"),
        ("data.npz", npz(X=np.eye(2), y=[b"a", b"b"]), r"y is of type \|S1.*save y.astype\(str\)"),
        ("data.npz", npz(X=np.eye(2), y=np.zeros(2, "M8[D]")), r"datetime64\[D\].*y.astype\(str\)"),
        ("data.npz", npz(X=[["1.5"]]), r"save X.astype\(float\) if they are numbers"),
        ("data.npz", npz(X=np.eye(2) * 1j), r"save numpy.hstack\(\[X.real, X.imag\]\)"),
        ("data.npz", npz(X=np.zeros((2, 2), "M8[D]")), r"save X.astype\('int64'\)"),
        ("data.npz", npz(X=np.zeros(2, [("u", float)])), "the fields 'u'.*structured_to_unstruct"),
        ("data.npz", npz(data=[[1]], label=[1]), r"numpy.savez\(file, X=data, y=label\)"),
        ("data.npz", npz(arr_0=[[1]], arr_1=[1]), r"numpy.savez\(file, X=arr_0, y=arr_1\)"),
        ("data.npz", npz(row=[0], col=[0], data=[1], format=b"coo", shape=[1, 1]), "tocsr"),
        ("data.npz", npy(np.eye(2)), r"numpy.savez\(file, X=array, y=targets\)"),
        ("data.svm", "1 1:2\n0 3:1 3:2\n", "line 2 has column 3 twice.*correct the line"),
        ("data.svm", "1 1:2\n\n# x\n0 3:1 2:2\n", "line 4 has column 2 after column 3"),
        ("data.svm", "1:2 2:3\n", "line 1 begins with '1:2', which is no target"),
        ("data.svm", "1 3=4\n", "line 1 has '3=4', which is no column:value"),
        ("data.svm", "1 3: 4\n", "line 1 has '3:', which is no column:value"),
        ("data.svm", "1 99999999999999999999:1\n", "line 1 has the column number 9999"),
        ("data.svm", "# nothing\n", "has no rows"),
        ("data.npz", csr(format=b"coo"), "format coo; expected CSR: save matrix.tocsr"),
        ("data.parquet", "PAR1", "cannot be used"),
        ("data.xlsx", "x", "a suffix that is not known; expected .csv, .tsv, .parquet"),
        ("data", "x", "a suffix that is not known"),
        ("data.npz.gz", "x", "a suffix that is not known"),
    ],
    ids=itertools.count(),
)
def test_one_line_names_file_problem_and_cure(name, content, problem, write, raises_one_line):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    path = write(name, content)
    with raises_one_line(DataError, f"{name}.*({problem})"):
        read_table(path)


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path, raises_one_line):
    with raises_one_line(DataError, "nowhere.csv does not exist; check the path"):
        read_table(tmp_path / "nowhere.csv")
    (tmp_path / "folder.csv").mkdir()
    with raises_one_line(DataError, "folder.csv is a folder; name a file in it"):
        read_table(str(tmp_path / "folder.csv"))


def test_parquet_that_ends_early(write, raises_one_line):
    with raises_one_line(DataError, "data.parquet cannot be used.*a whole Parquet file"):
        read_table(write("data.parquet", parquet(1000)[:-100]))


def test_parquet_without_pyarrow(write, monkeypatch, raises_one_line):
    path = write("data.parquet", parquet(3))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with raises_one_line(SettingError, r"pip install rectinet\[parquet\]"):
        read_table(path)


def test_npz_with_a_part_that_was_altered(write, raises_one_line):
    content = bytearray(npz(X=np.arange(400.0).reshape(20, 20)))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        start = archive.infolist()[0].header_offset + 60
    content[start] ^= 0xFF
    with raises_one_line(DataError, "data.npz cannot be used"):
        read_table(write("data.npz", bytes(content)))


CONTENTS = {
    "data.csv": b'a,b\n1,"x"\n2,y\n',
    "data.csv.gz": gzip.compress(b"a,b\n1,x\n2,y\n"),
    "data.jsonl": b'{"a": 1, "b": ["x"]}\n{"a": null}\n',
    "data.svm": b"1 1:0.5 3:1\n-1 2:1\n",
    "data.npz": npz(X=np.eye(2), y=[0, 1]),
    "csr.npz": csr(),
}


@given(st.sampled_from(sorted(CONTENTS)), st.data())
def test_altered_bytes_give_a_table_or_one_line(tmp_path_factory, name, data):
    content = bytearray(CONTENTS[name])
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("altered") / name
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        assert read_table(path).n_rows > 0
    except RectinetError as error:
        assert "\n" not in str(error)
        assert name in str(error)


def test_csr_parts_of_the_wrong_kind_are_refused(write, raises_one_line):
    matrix = sparse.csr_array(np.eye(2))
    content = npz(data=["a", "b"], indices=matrix.indices, indptr=matrix.indptr, shape=[2, 2])
    with raises_one_line(DataError, "data.npz cannot be used"):
        read_table(write("data.npz", content))
