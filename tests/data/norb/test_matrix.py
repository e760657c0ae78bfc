from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rectinet.data.norb.matrix import MatrixFile
from rectinet.errors import DataError

Writer = Callable[[np.ndarray], bytes]
BYTES = np.arange(24, dtype=np.uint8).reshape(4, 3, 2)  # its file: 4 + 4 + 3 * 4 + 24 = 44 bytes
shapes = hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5)
arrays = st.sampled_from(["uint8", "int32"]).flatmap(lambda dtype: hnp.arrays(dtype, shapes))


def expected_type(array: np.ndarray) -> str:
    return {"uint8": "byte", "int32": "integer"}[array.dtype.name]


@given(array=arrays, zipped=st.booleans(), rows=st.integers(1, 7))
def test_every_matrix_comes_back_whole_and_in_pieces(
    array: np.ndarray, zipped: bool, rows: int, tmp_path: Path, matrix_bytes: Writer
) -> None:
    content = matrix_bytes(array)
    path = tmp_path / "matrix"
    path.write_bytes(gzip.compress(content) if zipped else content)
    with MatrixFile(path, expected_type(array)) as matrix:
        assert matrix.shape == array.shape
        whole = matrix.whole()
    np.testing.assert_array_equal(whole, array)
    assert whole.dtype == array.dtype
    with MatrixFile(path, expected_type(array)) as matrix:
        pieces = list(matrix.chunks(rows))
    assert all(len(piece) == rows for piece in pieces[:-1])
    if pieces:
        np.testing.assert_array_equal(np.concatenate(pieces), array)


@given(array=arrays, data=st.data())
def test_every_truncation_is_noticed(
    array: np.ndarray, data: st.DataObject, tmp_path: Path, matrix_bytes: Writer
) -> None:
    content = matrix_bytes(array)
    path = tmp_path / "matrix"
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with (
        pytest.raises(DataError, match="truncated"),
        MatrixFile(path, expected_type(array)) as matrix,
    ):
        matrix.whole()


def patched(content: bytes, position: int, value: bytes) -> bytes:
    return content[:position] + value + content[position + len(value) :]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda c: patched(c, 0, b"\x54"), r"0x1E3D4C54; .*0x1E3D4C55 \(byte.*type integer"),
        (lambda c: patched(c, 0, b"\x51"), "0x1E3D4C51.*type single precision"),
        (lambda c: patched(c, 0, b"\x52"), "type packed"),
        (lambda c: patched(c, 0, b"\x1e\x3d\x4c\x55"), "0x554C3D1E.*other byte order"),
        (lambda c: b"PNG!" + c, r"no NORB matrix.*0x1E3D4C53 \(double precision\)"),
        (lambda c: patched(c, 4, struct.pack("<i", 0)), r"has 0 dimensions; expected 1\.\.16"),
        (lambda c: patched(c, 4, struct.pack("<i", -3)), "has -3 dimensions"),
        (lambda c: patched(c, 8, struct.pack("<i", -4)), r"the shape \(-4, 3, 2\)"),
        (lambda c: patched(c, 8, struct.pack("<i", 5)), "truncated: expected 30 bytes more"),
        (lambda c: patched(c, 8, struct.pack("<3i", *[2**31 - 1] * 3)), "truncated|damaged"),
        (lambda c: c + b"?", "goes on after the last of its 24 values"),
        (lambda c: gzip.compress(c)[:-9], "truncated: its gzip stream has no end"),
        (lambda c: gzip.compress(c)[:-8] + bytes(8), "is damaged .CRC"),
    ],
)
def test_a_damaged_file_is_named_with_the_damage(
    damage: Callable[[bytes], bytes],
    message: str,
    tmp_path: Path,
    matrix_bytes: Writer,
    raises_one_line: Any,
) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(damage(matrix_bytes(BYTES)))
    with raises_one_line(DataError, f"damaged.*{message}"), MatrixFile(path, "byte") as matrix:
        matrix.whole()


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path, raises_one_line: Any) -> None:
    with raises_one_line(DataError, "no-such-file does not exist"):
        MatrixFile(tmp_path / "no-such-file", "byte")
    with raises_one_line(DataError, "cannot read"):
        MatrixFile(tmp_path, "byte")
