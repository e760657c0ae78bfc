"""Parquet by its columns alone: any type is read or named, whatever pandas noted in the file."""

import datetime
import decimal
import io

import numpy as np
import pandas as pd
import pytest

from rectinet.errors import DataError, InputError
from rectinet.tables import fit_columns, read_table, read_target

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
parquet = pytest.importorskip("pyarrow.parquet")

N = 6
FRAME = pd.DataFrame({"x": range(N), "y": ["a", "b"] * 3})


def table_of(**columns):
    stream = io.BytesIO()
    parquet.write_table(pa.table({"n": list(range(N)), **columns}), stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("frame", "names", "notes"),
    [
        (FRAME, ("x", "y"), 0),
        (FRAME.set_index(pd.Index(range(5, 5 + N))), ("x", "y"), 0),
        (FRAME.set_index(pd.Index([3, 1, 2, 4, 9, 0])), ("x", "y"), 1),
        (FRAME.set_index(pd.Index(list("qwerty"), name="id")), ("x", "y", "id"), 0),
        (FRAME.set_index("y", drop=False), ("x", "y"), 1),
        (FRAME.set_index(["x", pd.Index(list("qwerty"))]), ("y", "x"), 1),
        (FRAME.convert_dtypes(dtype_backend="pyarrow"), ("x", "y"), 0),
        (pd.concat({"g": FRAME}, axis=1), ("('g', 'x')", "('g', 'y')"), 0),
    ],
)
def test_any_index(frame, names, notes, write):
    table = read_table(write("data.parquet", frame.to_parquet()))
    assert table.names == names
    assert len(table.notes) == notes
    assert table.n_rows == N


@pytest.mark.parametrize(
    ("column", "features"),
    [
        (pa.array(["p", "q"] * 3).dictionary_encode(), ["c=p", "c=q"]),
        (pa.array(["p", None] * 3, pa.large_string()), ["c=p", "c=(missing)"]),
        (pa.array(["p", "q"] * 3, pa.string_view()), ["c=p", "c=q"]),
        (pa.array([decimal.Decimal("1.5"), None] + [decimal.Decimal(2)] * 4), ["c"]),
        (pa.array([2**63 + 2**20, None, 1, 2, 3, 4], pa.uint64()), ["c"]),
        (pa.array(np.arange(N, dtype=np.float16)), ["c"]),
        (pa.array([True, None, False] * 2), ["c"]),
        (pa.nulls(N), []),
    ],
    ids=lambda value: str(getattr(value, "type", "")),
)
def test_types_that_are_used(column, features, write):
    columns = fit_columns([read_table(write("data.parquet", table_of(c=column)))])
    assert columns.feature_names() == ["n", *features]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[1], [2]] * 3),
        pa.array([{"a": 1}] * N),
        pa.array([[("k", 1)]] * N, pa.map_(pa.string(), pa.int64())),
        pa.array([datetime.date(2020, 1, 1)] * N),
        pa.array([10**7] * N, pa.date32()),
        pa.array([datetime.time(1, 2)] * N),
        pa.array([datetime.timedelta(1)] * N),
        pa.array([2**62] * N, pa.duration("s")),
        pa.array([2**60] * N, pa.timestamp("us")),
        pa.array([0] * N, pa.timestamp("ms", tz="Europe/Oslo")),
        pa.array([b"a", b"b"] * 3),
    ],
    ids=lambda value: str(value.type),
)
def test_types_that_no_network_takes_are_named_and_can_be_dropped(column, write, raises_one_line):
    table = read_table(write("data.parquet", table_of(c=column)))
    with raises_one_line(InputError, "'c' holds .*--drop c"):
        fit_columns([table])
    assert fit_columns([table.without(["c"])]).names == ["n"]


def test_whole_numbers_stay_exact_beside_nulls(write):
    ids = [2**60 + 1, None, 2**60 + 2, None, 2**60 + 1, 5]
    table = read_table(write("data.parquet", table_of(y=pa.array(ids))))
    assert read_target(table, "y").values.tolist() == ids


def test_columns_of_one_name(write, raises_one_line):
    stream = io.BytesIO()
    parquet.write_table(pa.table([[1], [2]], names=["x", "x"]), stream)
    with raises_one_line(DataError, "columns of one name: 'x'; give each its own name"):
        read_table(write("data.parquet", stream.getvalue()))
