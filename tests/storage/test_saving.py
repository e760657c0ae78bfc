"""Saving: the old model or the new one, and never over anything else."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.errors import StorageError
from rectinet.nn import Activation, Layer, Linear, Rectifier
from rectinet.storage import StoredModel, load_model, save_model


def test_the_last_model_saved_is_loaded_and_the_former_files_are_gone(
    tmp_path: Path, make_model: Callable, assert_same: Callable
) -> None:
    for seed in (0, 1, 1, 0):
        save_model(make_model(seed), tmp_path)
        assert_same(load_model(tmp_path), make_model(seed))
        assert len(list(tmp_path.iterdir())) == 2


# A save that replaces another flushes two files, renames two, and removes one.
KILLS = [("os.fsync", 1), ("os.fsync", 2), ("Path.rename", 1), ("Path.rename", 2), ("unlink", 1)]


# One process for all kills, since importing takes longest: a fork of it saves into each folder.
KILLED = """
import os, pathlib, sys
from rectinet.storage import load_model, save_model

model = load_model(sys.argv[1])

def save_and_die(folder, call, left):
    def die_at_last(*_, **__):
        nonlocal left
        left -= 1
        if not left:
            os._exit(9)
        return original(*_, **__)
    owner, name = {"os.fsync": (os, "fsync"), "Path.rename": (pathlib.Path, "replace"),
                   "unlink": (pathlib.Path, "unlink")}[call]
    original = getattr(owner, name)
    setattr(owner, name, die_at_last)
    save_model(model, folder)

for case in sys.argv[2:]:
    folder, call, count = case.split("|")
    child = os.fork()
    if child == 0:
        try:
            save_and_die(folder, call, int(count))
        except BaseException:
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.fixture(scope="module")
def killed(
    make_model: Callable, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, int, bool], tuple[Path, int]]:
    """Return by call, count and whether a model existed: the folder, and how the process ended."""
    root = tmp_path_factory.mktemp("killed")
    save_model(make_model(1), root / "new")
    cases = {
        (*kill, existing): root / f"{number}-{existing}"
        for number, kill in enumerate(KILLS)
        for existing in (True, False)
    }
    for (*_, existing), folder in cases.items():
        if existing:
            save_model(make_model(0), folder)
    arguments = [f"{folder}|{call}|{count}" for (call, count, _), folder in cases.items()]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, root / "new", *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    codes = map(int, done.stdout.split())
    return {case: (folder, code) for (case, folder), code in zip(cases.items(), codes, strict=True)}


@pytest.mark.parametrize(("call", "count"), KILLS)
@pytest.mark.parametrize("existing", [True, False])
def test_a_kill_leaves_the_old_model_or_the_new_one(
    call: str,
    count: int,
    existing: bool,
    killed: dict[tuple[str, int, bool], tuple[Path, int]],
    make_model: Callable,
    assert_same: Callable,
) -> None:
    old, new = make_model(0), make_model(1)
    folder, code = killed[call, count, existing]
    first_save_removes_nothing = call == "unlink" and not existing
    assert code == (0 if first_save_removes_nothing else 9)
    if call == "unlink":
        assert_same(load_model(folder), new)
    elif existing:
        assert_same(load_model(folder), old)
    else:
        with pytest.raises(StorageError, match=r"holds no file model\.json"):
            load_model(folder)
    save_model(new, folder)
    assert_same(load_model(folder), new)
    assert len(list(folder.iterdir())) == 2  # what the kill left is gone


def test_a_full_disk_leaves_the_former_model(
    tmp_path: Path,
    make_model: Callable,
    assert_same: Callable,
    monkeypatch: pytest.MonkeyPatch,
    raises_one_line: Callable,
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    save_model(make_model(0), tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with raises_one_line(StorageError, "disk is full; free some space"):
            save_model(make_model(1), tmp_path)
    assert_same(load_model(tmp_path), make_model(0))
    assert len(list(tmp_path.iterdir())) == 2


def test_a_reader_is_not_disturbed_by_a_save(
    tmp_path: Path, make_model: Callable, assert_same: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is replaced after its JSON was read, and before its tensors are."""
    save_model(make_model(0), tmp_path)
    read = Path.read_bytes
    replacing = iter([1, 2])

    def read_after_replacement(path: Path) -> bytes:
        if path.suffix == ".safetensors" and (seed := next(replacing, None)):
            with monkeypatch.context() as patch:
                patch.setattr(Path, "read_bytes", read)
                save_model(make_model(seed), tmp_path)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", read_after_replacement)
    assert_same(load_model(tmp_path), make_model(2))


def test_processes_that_save_to_one_folder_leave_one_whole_model(
    tmp_path: Path, make_model: Callable
) -> None:
    for seed in (0, 1):
        save_model(make_model(seed), tmp_path / str(seed))
    script = (
        "import os, sys\n"
        "from rectinet.storage import load_model, save_model\n"
        "models = [load_model(path) for path in sys.argv[1:3]]\n"
        "child = os.fork()\n"
        "for _ in range(20): save_model(models[child == 0], sys.argv[3])\n"
        "if child: sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    target = str(tmp_path / "target")
    command = [sys.executable, "-c", script, str(tmp_path / "0"), str(tmp_path / "1"), target]
    assert subprocess.run(command, check=False).returncode == 0
    load_model(target)
    assert len(list(Path(target).iterdir())) == 2


@pytest.mark.parametrize("name", ["notes.txt", "model.json", "weights.safetensors", ".hidden"])
def test_a_folder_with_other_things_is_left_alone(
    name: str, tmp_path: Path, make_model: Callable, raises_one_line: Callable
) -> None:
    (tmp_path / name).write_text('{"format": "another"}')
    with raises_one_line(StorageError, "cannot save .*(no model; choose a new|choose another)"):
        save_model(make_model(), tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_what_lies_beside_a_model_stays(
    tmp_path: Path, make_model: Callable, assert_same: Callable
) -> None:
    save_model(make_model(0), tmp_path)
    (tmp_path / "notes.txt").write_text("the good one")
    save_model(make_model(1), tmp_path)
    assert_same(load_model(tmp_path), make_model(1))
    assert (tmp_path / "notes.txt").read_text() == "the good one"


def test_a_file_in_the_place_of_the_folder_is_reported(
    tmp_path: Path, make_model: Callable, raises_one_line: Callable
) -> None:
    (tmp_path / "file").write_text("")
    with raises_one_line(StorageError, "a part of the path is a file"):
        save_model(make_model(), tmp_path / "file")


@pytest.mark.parametrize("path", [None, 3, b"model", "mod\0el", "\ud800"])
@pytest.mark.parametrize("use", ["save", "load"])
def test_what_is_no_path_is_refused(
    path: Any, use: str, make_model: Callable, raises_one_line: Callable
) -> None:
    with raises_one_line(StorageError, "the path is .*; give the name of a folder"):
        save_model(make_model(), path) if use == "save" else load_model(path)


class _Own(Activation):
    """Somebody's own activation under a known name."""

    name = "rectifier"

    def value(self, z: np.ndarray) -> np.ndarray:
        return z

    def derivative(self, a: np.ndarray) -> np.ndarray:
        return a


GOOD = Layer(np.ones((3, 2)), np.zeros(2), np.ones(2), Rectifier())


def _layer(**changes: Any) -> dict[str, Any]:
    return {"layers": {"network": (replace(GOOD, **changes),)}}


def _nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


UNFIT: dict[str, tuple[dict[str, Any], str]] = {
    "NaN weight": (_layer(weight=np.full((3, 2), np.nan)), "weight of layer 1 .* contains nan"),
    "infinite bias": (_layer(bias=np.array([0, np.inf])), r"contains inf \(1 of 2 values"),
    "no sign": (_layer(sign=np.array([1.0, 0.0])), r"sign .* has the value 0.0; expected \+1 or"),
    "wrong bias": (_layer(bias=np.zeros(3)), r"bias .* has shape \(3,\); expected \(2,\)"),
    "flat weight": (_layer(weight=np.ones(6)), r"shape \(6,\); expected \(n_in, n_out\)"),
    "whole weights": (_layer(weight=np.ones((3, 2), int)), "of type int64; expected float32 or"),
    "mixed precision": (_layer(bias=np.zeros(2, np.float32)), "type float32; expected float64"),
    "own activation": (_layer(activation=_Own()), "activation of type _Own; expected one of"),
    "no activation": (_layer(activation=None), "has the activation None; the known ones are"),
    "lists for arrays": (_layer(weight=[[1.0]]), "is a list; expected an array"),
    "unfit layers": (
        {"layers": {"network": (GOOD, GOOD)}},
        "layer 1 .* has 2 units but layer 2 takes 3 inputs; they must agree",
    ),
    "two precisions": (
        {
            "layers": {
                "network": (
                    GOOD,
                    Layer(*(np.ones(n, np.float32) for n in ((2, 1), 1, 1)), Linear()),
                )
            }
        },
        "layer 1 .* is float64 but layer 2 is float32; they must agree",
    ),
    "no layers": ({"layers": {"network": ()}}, "expected a tuple of at least one layer"),
    "a layer alone": ({"layers": {"network": GOOD}}, "expected a tuple of at least one layer"),
    "a stack alone": ({"layers": (GOOD,)}, "`layers` of the model is a tuple; expected a dict"),
    "not a layer": ({"layers": {"network": (1,)}}, "is a int; expected a Layer"),
    "path as a name": ({"arrays": {"../shift": np.ones(1)}}, "expected a plain word"),
    "dotted name": ({"layers": {"a.b": (GOOD,)}}, "expected a plain word"),
    "number as a name": ({"arrays": {1: np.ones(1)}}, "expected a plain word"),
    "empty kind": ({"kind": ""}, "the kind of model is ''; expected a plain word"),
    "text array": ({"arrays": {"classes": np.array(["a"])}}, "is of type <U1; expected bool or"),
    "objects": ({"arrays": {"classes": np.array([None])}}, "is of type object; expected bool or"),
    "complex numbers": ({"arrays": {"shift": np.ones(1, complex)}}, "type complex128; expected"),
    "NaN array": ({"arrays": {"shift": np.array([np.nan])}}, "contains nan"),
    "NaN value": ({"values": {"tol": float("nan")}}, r"values\['tol'\] is nan; expected a finite"),
    "array value": ({"values": {"a": [np.ones(1)]}}, r"values\['a'\]\[0\] is of type ndarray"),
    "NumPy integer": ({"values": {"n": np.int64(3)}}, "is of type int64; expected what JSON knows"),
    "number as a key": ({"values": {"a": {1: 2}}}, r"values\['a'\] has the key 1; expected text"),
    "huge integer": ({"values": {"n": 10**5000}}, "has more than 256 bits"),
    "nested without end": ({"values": {"n": _nested(10_000)}}, "nested more than 50 deep"),
}


@pytest.mark.parametrize(("changes", "message"), UNFIT.values(), ids=UNFIT)
def test_what_could_not_be_read_back_is_not_written(
    changes: dict[str, Any], message: str, tmp_path: Path, raises_one_line: Callable
) -> None:
    model = replace(StoredModel("Code", {"network": (GOOD,)}, {}, {}), **changes)
    with raises_one_line(StorageError, f"cannot save .*{message}"):
        save_model(model, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_something_else_is_not_saved(tmp_path: Path, raises_one_line: Callable) -> None:
    with raises_one_line(StorageError, "the model is a dict; expected a StoredModel"):
        save_model({}, tmp_path)
