from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rectinet.data import read_idx
from rectinet.data.idx import parse_idx
from rectinet.errors import DataError

Writer = Callable[[np.ndarray], bytes]
ARRAY = np.arange(6, dtype=np.uint8).reshape(2, 3)  # its file: 4 + 2 * 4 + 6 = 18 bytes

arrays = st.sampled_from(["uint8", "int8", "int16", "int32", "float32", "float64"]).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0))
)


@given(array=arrays)
def test_every_type_and_shape_comes_back(array: np.ndarray, idx_bytes: Writer) -> None:
    read = parse_idx(idx_bytes(array), source="test")
    assert read.dtype == array.dtype
    assert read.dtype.isnative
    np.testing.assert_array_equal(read, array)


@given(array=arrays, data=st.data())
def test_every_truncation_is_noticed(
    array: np.ndarray, data: st.DataObject, idx_bytes: Writer
) -> None:
    content = idx_bytes(array)
    kept = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(DataError, match=rf"truncated: expected \d+ bytes, found {kept}"):
        parse_idx(content[:kept], source="test")


@pytest.mark.parametrize("name", ["a-file.gz", "a-file"])
@pytest.mark.parametrize("zipped", [False, True])
def test_gzip_is_told_by_content_not_by_name(
    name: str, zipped: bool, tmp_path: Path, idx_bytes: Writer
) -> None:
    content = idx_bytes(ARRAY)
    (tmp_path / name).write_bytes(gzip.compress(content) if zipped else content)
    np.testing.assert_array_equal(read_idx(tmp_path / name), ARRAY)


def patched(content: bytes, position: int, value: int) -> bytes:
    return content[:position] + bytes([value]) + content[position + 1 :]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: b"", "expected 4 bytes, found 0"),
        (lambda content: content[:-1], "expected 18 bytes, found 17"),
        (lambda content: content + b"??", "2 bytes after its end: expected 18 bytes, found 20"),
        (lambda content: patched(content, 0, 0x50), "number 0x50000802; expected 0x0000 first"),
        (lambda content: patched(content, 2, 0x0A), "type code 0x0a; expected one of 0x08"),
        (lambda content: gzip.compress(content)[:-9], "truncated: its gzip stream has no end"),
        (lambda content: patched(gzip.compress(content), 12, 0xFF), "damaged gzip file"),
        (lambda content: gzip.compress(content) + b"??", "damaged gzip file"),
        # 255 dimensions of length 0: well-formed, but no array of NumPy's has so many.
        (lambda content: b"\0\0\x08\xff" + bytes(4 * 255), "has the shape"),
    ],
)
def test_a_damaged_file_is_named_with_the_damage(
    damage: Callable[[bytes], bytes], message: str, tmp_path: Path, idx_bytes: Writer
) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(damage(idx_bytes(ARRAY)))
    with pytest.raises(DataError, match=message) as error:
        read_idx(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_another_magic_number_than_expected_is_refused(tmp_path: Path, idx_bytes: Writer) -> None:
    path = tmp_path / "labels"
    path.write_bytes(idx_bytes(ARRAY))
    assert read_idx(path, magic=0x00000802).shape == ARRAY.shape
    with pytest.raises(DataError, match="magic number 0x00000802; expected 0x00000803"):
        read_idx(path, magic=0x00000803)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no-such-file does not exist"):
        read_idx(tmp_path / "no-such-file")
    with pytest.raises(DataError, match="cannot read"):
        read_idx(tmp_path)
