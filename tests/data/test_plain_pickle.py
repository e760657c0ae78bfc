from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rectinet.data.plain_pickle import read_plain_pickle
from rectinet.errors import DataError

plain = st.recursive(
    st.integers() | st.floats(allow_nan=False) | st.text() | st.binary() | st.none(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
arrays = hnp.arrays(
    st.sampled_from(["u1", "<i4", ">i4", "<f4", ">f8", "?"]),
    hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4),
)


@given(value=plain, protocol=st.integers(2, pickle.HIGHEST_PROTOCOL))
def test_plain_data_comes_back(value: Any, protocol: int) -> None:
    assert read_plain_pickle(pickle.dumps(value, protocol), "test") == value


@pytest.mark.parametrize("order", ["C", "F"])
@given(array=arrays, protocol=st.sampled_from([2, 3, 4]))
def test_arrays_come_back(order: Any, array: np.ndarray, protocol: int) -> None:
    content = pickle.dumps({"data": [np.asarray(array, order=order)]}, protocol)
    (read,) = read_plain_pickle(content, "test")["data"]
    np.testing.assert_array_equal(read, array)
    assert read.dtype == array.dtype.newbyteorder("=")


class Touches:
    """Pickles to a call that would make a file."""

    def __init__(self, path: Path):
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self._path,))


def test_nothing_is_run(tmp_path: Path, raises_one_line: Any) -> None:
    path = tmp_path / "made-by-the-pickle"
    content = pickle.dumps([Touches(path)])
    pickle.loads(content)
    assert path.exists(), "the pickle does no harm, so that nothing is tested"
    path.unlink()
    with raises_one_line(DataError, "nothing was run"):
        read_plain_pickle(content, "a file")
    assert not path.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"cos\nsystem\n(S'true'\ntR.",
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"cnumpy\nload\n(S'x'\ntR.",
        b"cnumpy.core.multiarray\nscalar\n.",
        b"cnumpy\nndarray.tofile\n.",
        b"Pan id\n.",
    ],
)
def test_every_other_name_is_refused(content: bytes, raises_one_line: Any) -> None:
    with raises_one_line(DataError, "a file asks for .* nothing was run"):
        read_plain_pickle(content, "a file")


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(np.array([None, "text"], dtype=object)),
        pickle.dumps(np.array(["text"])),
        pickle.dumps(np.zeros(1, dtype=[("a", "u1")])),
        b"cnumpy\ndtype\n(I1\ntR.",
        b"cnumpy\ndtype\n(S'u1'\ntR(K\x03tb.",
        # An array that claims 2^31 values and brings none.
        b"cnumpy._core.multiarray\n_reconstruct\n(tR(K\x01J\xff\xff\xff\x7f\x85cnumpy\ndtype\n"
        b"(S'u1'\ntR\x89C\x00tb.",
        b"c_codecs\nencode\n(S'abc'\nS'rot13'\ntR.",
        b"\x80\x02cnumpy\ndtype\n}b.",  # state for a class instead of an object
    ],
)
def test_other_arrays_and_nonsense_are_refused(content: bytes, raises_one_line: Any) -> None:
    with raises_one_line(DataError, "a file (is truncated or no pickle|asks for)"):
        read_plain_pickle(content, "a file")


@given(data=st.data())
def test_damage_is_a_data_error_or_other_data(data: st.DataObject) -> None:
    content = bytearray(pickle.dumps({"data": np.arange(6), "labels": [1, 2]}, 2))
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255))
    kept = data.draw(st.integers(0, len(content)))
    try:
        read_plain_pickle(bytes(content[:kept]), "test")
    except DataError as error:
        assert "\n" not in str(error)
