"""The stored state: whole or refused."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.errors import StorageError
from rectinet.training import Checkpoint
from rectinet.training.checkpoint import State


def state(epochs: int) -> State:
    """A state after so many epochs; its numbers tell which."""
    tensors = {"weight": np.full((3, 2), epochs, np.float32), "empty": np.zeros((0, 0))}
    return State(tensors, {"records": [{"epoch": i} for i in range(epochs)], "best_epoch": epochs})


def assert_holds(checkpoint: Checkpoint, epochs: int) -> None:
    loaded = checkpoint.load()
    assert loaded is not None
    assert loaded.values.items() >= state(epochs).values.items()
    for name, tensor in state(epochs).tensors.items():
        np.testing.assert_array_equal(loaded.tensors[name], tensor)
        assert loaded.tensors[name].dtype == tensor.dtype


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return Checkpoint(tmp_path / "run" / "layer-1", "settings")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run" / "layer-1"


def test_what_was_saved_last_is_loaded(checkpoint: Checkpoint, folder: Path) -> None:
    assert checkpoint.load() is None
    for epochs in (1, 2, 3):
        checkpoint.save(state(epochs))
        assert_holds(checkpoint, epochs)
    # One state is kept, and no temporary files.
    assert {path.name for path in folder.iterdir()} == {
        "checkpoint.json",
        "epoch-00003.safetensors",
    }


def test_other_settings_are_refused(
    checkpoint: Checkpoint, folder: Path, raises_one_line: Callable
) -> None:
    checkpoint.save(state(1))
    with raises_one_line(
        StorageError,
        "belongs to a run with other settings, data or starting weights; give another folder",
    ):
        Checkpoint(folder, "other settings").load()


def edit(folder: Path, **changes: Any) -> None:
    path = folder / "checkpoint.json"
    content = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({k: v for k, v in content.items() if v is not ...}))


@pytest.mark.parametrize("version", [0, 2, "1", None, ...])
def test_an_unknown_format_is_refused(
    version: Any, checkpoint: Checkpoint, folder: Path, raises_one_line: Callable
) -> None:
    checkpoint.save(state(1))
    edit(folder, format=version)
    with raises_one_line(StorageError, "has checkpoint format .* reads format 1"):
        checkpoint.load()


def test_an_altered_tensor_is_refused(
    checkpoint: Checkpoint, folder: Path, raises_one_line: Callable
) -> None:
    checkpoint.save(state(1))
    path = folder / "epoch-00001.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1  # one bit of one weight: still a valid safetensors file
    path.write_bytes(content)
    with raises_one_line(StorageError, "checksum is wrong"):
        checkpoint.load()


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe"])
def test_damaged_json_is_refused(
    content: bytes, checkpoint: Checkpoint, folder: Path, raises_one_line: Callable
) -> None:
    checkpoint.save(state(1))
    (folder / "checkpoint.json").write_bytes(content)
    with raises_one_line(StorageError, "cannot read .*checkpoint.json"):
        checkpoint.load()


@pytest.mark.parametrize("field", ["tensors", "sha256"])
@pytest.mark.parametrize("value", [None, ..., 5])
def test_a_missing_or_senseless_field_is_refused(
    field: str, value: Any, checkpoint: Checkpoint, folder: Path, raises_one_line: Callable
) -> None:
    """Without its checksum the state would be taken unchecked."""
    checkpoint.save(state(1))
    edit(folder, **{field: value})
    with raises_one_line(StorageError, "cannot read|checkpoint.json"):
        checkpoint.load()


def test_missing_tensors_are_refused(
    checkpoint: Checkpoint, folder: Path, raises_one_line: Callable
) -> None:
    checkpoint.save(state(1))
    (folder / "epoch-00001.safetensors").unlink()
    with raises_one_line(StorageError, "cannot read .*epoch-00001"):
        checkpoint.load()


@pytest.mark.parametrize(
    "name", ["../elsewhere.safetensors", "/etc/passwd", "..", ".", "", "sub/epoch.safetensors"]
)
def test_tensors_outside_the_folder_are_refused(
    name: str, checkpoint: Checkpoint, folder: Path, raises_one_line: Callable
) -> None:
    checkpoint.save(state(1))
    stored = (folder / "epoch-00001.safetensors").read_bytes()
    (folder.parent / "elsewhere.safetensors").write_bytes(stored)  # valid, checksum and all
    edit(folder, tensors=name)
    with raises_one_line(StorageError, "outside its folder|cannot read"):
        checkpoint.load()


@pytest.mark.parametrize("writes_before", [0, 1], ids=["at the tensors", "at the JSON file"])
def test_a_full_disk_leaves_the_former_state(
    writes_before: int,
    checkpoint: Checkpoint,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    raises_one_line: Callable,
) -> None:
    checkpoint.save(state(1))
    with monkeypatch.context() as patch:
        left = iter([None] * writes_before)

        def fsync(_: int) -> None:
            if next(left, "full") == "full":
                raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(os, "fsync", fsync)
        with raises_one_line(StorageError, "disk is full; free some space and run the same"):
            checkpoint.save(state(2))
    assert_holds(checkpoint, 1)
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    checkpoint.save(state(2))
    assert_holds(checkpoint, 2)


def test_a_file_where_the_folder_should_be_is_reported(
    tmp_path: Path, raises_one_line: Callable
) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with raises_one_line(StorageError, "a part of the path is a file"):
            Checkpoint(folder, "settings").save(state(1))


def test_a_read_only_folder_is_reported(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch, raises_one_line: Callable
) -> None:
    # Tests may run as root, whom permissions do not stop: the system's answer is simulated.
    def refuse(*_: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with raises_one_line(StorageError, "folder is read-only; choose another folder"):
        checkpoint.save(state(1))
