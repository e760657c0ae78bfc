"""Files that are whole or absent."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.errors import StorageError
from rectinet.files import (
    check_ours,
    make_folder,
    read_json,
    read_tensors,
    storage_errors,
    write_bytes,
    write_json,
    write_tensors,
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    content = {"b": [1, 2.5, None], "a": {"text": "ψ"}, "large": 2**127}
    write_json(tmp_path / "x.json", content)
    assert read_json(tmp_path / "x.json") == content
    assert list(read_json(tmp_path / "x.json")) == ["b", "a", "large"]  # in the order given

    tensors = {
        "single": np.array([[1.5, -0.0]], np.float32),
        "double": np.array([1 / 3]),
        "empty": np.zeros((0, 3)),
        "transposed": np.arange(6.0).reshape(2, 3).T,
        "strided": np.arange(6)[::2],
    }
    checksum = write_tensors(tmp_path / "x.safetensors", tensors)
    assert checksum == hashlib.sha256((tmp_path / "x.safetensors").read_bytes()).hexdigest()
    read = read_tensors(tmp_path / "x.safetensors", checksum)
    assert read.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert read[name].tobytes() == np.ascontiguousarray(tensor).tobytes()
        assert (read[name].shape, read[name].dtype) == (tensor.shape, tensor.dtype)
    assert len(list(tmp_path.iterdir())) == 2


FAILURES: dict[str, tuple[str, BaseException, type[BaseException]]] = {
    "full disk": ("os.fsync", OSError(errno.ENOSPC, "full"), StorageError),
    "rename refused": ("pathlib.Path.replace", OSError(errno.EACCES, "no"), StorageError),
    "Ctrl-C": ("os.fsync", KeyboardInterrupt(), KeyboardInterrupt),
}


@pytest.mark.parametrize("existing", [True, False])
@pytest.mark.parametrize(("place", "error", "raised"), FAILURES.values(), ids=FAILURES)
def test_a_failed_write_leaves_all_as_it_was(
    place: str,
    error: BaseException,
    raised: type[BaseException],
    existing: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "x"
    if existing:
        write_bytes(path, b"before")

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(place, fail)
    with pytest.raises(raised):
        write_bytes(path, b"after")
    assert [each.name for each in tmp_path.iterdir()] == (["x"] if existing else [])
    if existing:
        assert path.read_bytes() == b"before"


def test_a_reader_never_sees_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x"
    write_bytes(path, b"before")
    seen = []
    fsync = os.fsync

    def look(handle: int) -> None:
        seen.append(path.read_bytes())
        fsync(handle)

    monkeypatch.setattr(os, "fsync", look)
    write_bytes(path, b"after")
    assert seen == [b"before"]
    assert path.read_bytes() == b"after"


def test_written_files_have_ordinary_permissions(tmp_path: Path) -> None:
    """A colleague may read what any other program would have let them read."""
    write_bytes(tmp_path / "ours", b"")
    (tmp_path / "plain").write_bytes(b"")
    ours, plain = (stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ours", "plain"))
    assert oct(ours) == oct(plain)


CURES = {
    errno.ENOSPC: "disk is full; free some space",
    errno.EDQUOT: "quota is used up; free some space",
    errno.EROFS: "read-only; choose another folder",
    errno.EACCES: "no permission to write there; choose another",
    errno.EPERM: "no permission to write there; choose another",
    errno.ENOTDIR: "is a file, not a folder",
    errno.EEXIST: "is a file, not a folder",
    errno.EIO: "Input/output error; choose another place",  # the system's own words
    errno.ENOENT: "No such file or directory; choose another place",
}


@pytest.mark.parametrize(("number", "cure"), CURES.items(), ids=errno.errorcode.get)
def test_complaints_name_the_file_and_the_cure(
    number: int, cure: str, tmp_path: Path, raises_one_line: Callable
) -> None:
    with (
        raises_one_line(StorageError, f"cannot write .*/x: .*{cure}"),
        storage_errors(tmp_path / "x"),
    ):
        raise OSError(number, os.strerror(number))


def test_other_errors_pass_through(tmp_path: Path) -> None:
    with pytest.raises(KeyError), storage_errors(tmp_path):
        raise KeyError


def test_folders_are_made_with_their_parents(tmp_path: Path) -> None:
    assert make_folder(tmp_path / "a" / "b").is_dir()
    assert make_folder(tmp_path / "a" / "b").is_dir()  # there already


def test_a_file_in_the_way_of_a_folder_is_reported(
    tmp_path: Path, raises_one_line: Callable
) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with raises_one_line(StorageError, "is a file, not a folder; choose another"):
            make_folder(path)


def test_a_folder_is_ours_if_it_is_new_empty_or_marked(
    tmp_path: Path, raises_one_line: Callable
) -> None:
    check_ours(tmp_path / "new", "mark", "study")
    check_ours(tmp_path, "mark", "study")
    (tmp_path / ".mark.12.0123abcd").write_text("")  # a write was killed
    check_ours(tmp_path, "mark", "study")
    (tmp_path / "thesis").mkdir()
    with raises_one_line(StorageError, "it holds other things .'thesis'. and no study; name a new"):
        check_ours(tmp_path, "mark", "study")
    (tmp_path / "mark").write_text("")
    check_ours(tmp_path, "mark", "study")


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"1", b"\xff"])
def test_unreadable_json_is_reported(
    content: bytes | None, tmp_path: Path, raises_one_line: Callable
) -> None:
    path = tmp_path / "x.json"
    if content is not None:
        path.write_bytes(content)
    with raises_one_line(StorageError, "cannot read .*x.json"):
        read_json(path)


@pytest.mark.parametrize("damage", ["missing", "truncated", "altered", "not tensors"])
@pytest.mark.parametrize("checked", [True, False], ids=["checksum", "no checksum"])
def test_damaged_tensors_are_reported(
    damage: str, checked: bool, tmp_path: Path, raises_one_line: Callable
) -> None:
    path = tmp_path / "x.safetensors"
    checksum = write_tensors(path, {"a": np.ones(3)})
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        changed = bytes([whole[-1] ^ 1])
        damaged = {
            "truncated": whole[:-1],
            "altered": whole[:-1] + changed,
            "not tensors": b"PK\x03\x04",
        }
        path.write_bytes(damaged[damage])
    if damage == "altered" and not checked:
        assert read_tensors(path)["a"][-1] != 1  # that is what the checksum is for
        return
    with raises_one_line(StorageError, "cannot read .*x.safetensors"):
        read_tensors(path, checksum if checked else None)
