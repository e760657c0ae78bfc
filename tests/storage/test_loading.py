"""Loading: everything is looked at, and what is wrong is refused in one line."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from rectinet.errors import StorageError
from rectinet.storage import load_model

MISSING = object()


def edit(saved: Any, *path: Any, value: Any) -> None:
    """Set a value deep inside model.json, or take it out."""
    content = saved.content()
    inner = content
    for key in path[:-1]:
        inner = inner[key]
    if value is MISSING:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    saved.write(content)


LAYER = ("layers", "network", 0)
EDITS: dict[str, tuple[tuple[Any, ...], Any, str]] = {
    "another format": (("format",), "keras", "has the format 'keras'; expected 'rectinet-model'"),
    "no format": (("format",), MISSING, "has the format None; .* folder that rectinet saved"),
    "newer version": (("version",), 3, "has version 3 of the format.* reads versions up to 2; "),
    "version True": (("version",), True, "has version True of the format"),
    "no version": (("version",), MISSING, "has version None"),
    "missing field": (("sha256",), MISSING, "its field 'sha256' is missing"),
    "unknown field": (("code",), "import os", "its field 'code' is unknown"),
    "wrong kind of field": (("values",), [], r"'values' of model.json is \[\]; expected an object"),
    "kind with a path": (("kind",), "../x", "the kind of model is '../x'; expected a plain word"),
    "wrong checksum": (("sha256",), "0" * 64, "checksum of tensors-.* is wrong"),
    "no checksum": (("sha256",), "", "the sha256 in model.json is ''; expected 64 digits"),
    "unknown activation": ((*LAYER, "activation"), "os.system", "known ones are rectifier, "),
    "unknown layer field": ((*LAYER, "softplus_alpha"), 1.0, "field 'softplus_alpha' is unknown"),
    "layer a list": (LAYER, [], r"layer 1 of the stack 'network' in model.json is \[\]"),
    "alpha missing": (("layers", "decoders", 1, "softplus_alpha"), MISSING, "is missing"),
    "alpha 0": (("layers", "decoders", 1, "softplus_alpha"), 0.0, "softplus_alpha is 0.0; it must"),
    "alpha whole": (("layers", "decoders", 1, "softplus_alpha"), 1, "a number with a decimal"),
    "other size": ((*LAYER, "n_in"), 6, r"is float32 of shape \(5, 7\); .* shape \(6, 7\)"),
    "size True": ((*LAYER, "n_out"), True, "'n_out' of layer 1 .* is True; expected a whole"),
    "other precision": ((*LAYER, "dtype"), "float64", "is float32 .*; model.json expects float64"),
    "whole numbers": ((*LAYER, "dtype"), "int64", "type 'int64'; expected float32 or float64"),
    "layer missing": (("layers", "decoders", 1), MISSING, "has the array 'layers.decoders.1.bias'"),
    "stack not a list": (
        ("layers", "network"),
        {},
        r"the stack 'network' .* \{\}; expected a list",
    ),
    "stack empty": (("layers", "more"), [], "the stack 'more' is .*at least one layer"),
    "stack's name a path": (("layers", "/etc"), [], "'/etc'; expected a plain word"),
    "array missing": (("arrays", "shift"), MISSING, "has the array 'arrays.shift', which model.js"),
    "array too many": (
        ("arrays", "more"),
        {"shape": [1], "dtype": "bool"},
        "model.json has the array 'arrays.more', which tensors-",
    ),
    "array of another type": (("arrays", "shift", "dtype"), "object", "'object'; expected bool or"),
    "shape no list": (("arrays", "shift", "shape"), 5, "'shape' of the array .* expected a list"),
    "shape no numbers": (("arrays", "shift", "shape"), [True], "expected whole numbers"),
    "infinite value": (("values", "tol"), float("inf"), "has the value Infinity"),
}


@pytest.mark.parametrize(("path", "value", "message"), EDITS.values(), ids=EDITS)
def test_altered_json_is_refused(
    path: tuple[Any, ...], value: Any, message: str, saved: Any, raises_one_line: Callable
) -> None:
    edit(saved, *path, value=value)
    with raises_one_line(StorageError, f"cannot load .*({message})"):
        load_model(saved.folder)


def test_a_newer_version_names_all_versions_and_the_cure(
    saved: Any, raises_one_line: Callable
) -> None:
    saved.write({"format": "rectinet-model", "version": 3, "rectinet": "9.1", "more": []})
    with raises_one_line(
        StorageError, r"version 3 .* by rectinet '9.1'; this is .* reads versions up to 2; install"
    ):
        load_model(saved.folder)


DAMAGED_JSON: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is not JSON"),
    "truncated": (b'{"format": "rectinet-model"', "is not JSON"),
    "not text": (b"\xff\xfe\x00", "is not JSON"),
    "a list": (b"[1, 2]", r"model.json is \[1, 2\]; expected a JSON object"),
    "NaN": (b'{"a": NaN}', "has the value NaN; expected finite"),
    "beyond double precision": (b'{"a": 1e999}', r"model.json\['a'\] is inf; expected a finite"),
    "a number without end": (b'{"a": ' + b"9" * 5000 + b"}", "is not JSON"),
    "nested": (b'{"a": ' + b"[" * 60 + b"]" * 60 + b"}", "is nested more than 50 deep"),
    "nested without end": (b'{"a": ' + b"[" * 200_000, "is not JSON"),
    "a name twice": (b'{"kind": "A", "kind": "B"}', "has the name 'kind' twice in one object"),
}


@pytest.mark.parametrize(("content", "message"), DAMAGED_JSON.values(), ids=DAMAGED_JSON)
def test_damaged_json_is_refused(
    content: bytes, message: str, saved: Any, raises_one_line: Callable
) -> None:
    saved.json.write_bytes(content)
    with raises_one_line(StorageError, f"cannot load .*{message}"):
        load_model(saved.folder)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((*LAYER, "activation"), "tanh"),
        (("kind",), "RectifierRegressor"),
        (("values", "classes", 0), "ham"),
        (("values", "parameters", "max_iter"), -1),
        (("values", "parameters", "tol"), MISSING),
    ],
)
def test_an_edit_that_could_pass_is_noticed(
    path: tuple[Any, ...], value: Any, saved: Any, raises_one_line: Callable
) -> None:
    before = saved.content()
    edit(saved, *path, value=value)
    saved.json.write_text(json.dumps(saved.content() | {"json_sha256": before["json_sha256"]}))
    with raises_one_line(StorageError, "the checksum of model.json is wrong, the file was altered"):
        load_model(saved.folder)


def test_files_without_checksum_of_the_first_version_are_read(
    saved: Any, assert_same: Callable
) -> None:
    model = load_model(saved.folder)
    content = saved.content() | {"version": 1}
    del content["json_sha256"]
    saved.json.write_text(json.dumps(content))
    assert_same(load_model(saved.folder), model)


def test_one_altered_bit_is_refused(saved: Any, raises_one_line: Callable) -> None:
    content = bytearray(saved.tensors.read_bytes())
    content[-1] ^= 1
    saved.tensors.write_bytes(content)
    with raises_one_line(StorageError, "checksum .* is wrong, the file was altered; copy the fold"):
        load_model(saved.folder)


# From here on the checksum is right, as that of a file made with intent would be.
NAME = "layers.network.0"
TENSORS: dict[str, tuple[str, Any, str]] = {
    "NaN": (f"{NAME}.weight", np.full((5, 7), np.nan, np.float32), "contains nan"),
    "infinite": (f"{NAME}.bias", np.full(7, -np.inf, np.float32), "contains -inf"),
    "sign 2": (f"{NAME}.sign", np.full(7, 2, np.float32), r"value 2.0; expected \+1 or -1"),
    "NaN sign": (f"{NAME}.sign", np.full(7, np.nan, np.float32), "contains nan"),
    "other shape": (f"{NAME}.weight", np.ones((7, 5), np.float32), r"is float32 of shape \(7, 5\)"),
    "other dtype": (f"{NAME}.weight", np.ones((5, 7)), "is float64 of shape"),
    "half precision": (f"{NAME}.bias", np.ones(7, np.float16), "is float16 of shape"),
    "no array": (f"{NAME}.bias", None, "model.json has the array 'layers.network.0.bias', which"),
    "too many": ("../../x", np.ones(1), "has the array '../../x', which model.json has not"),
}


@pytest.mark.parametrize(("name", "array", "message"), TENSORS.values(), ids=TENSORS)
def test_unfit_tensors_are_refused(
    name: str, array: Any, message: str, saved: Any, raises_one_line: Callable
) -> None:
    tensors = safetensors.numpy.load(saved.tensors.read_bytes())
    tensors |= {name: array}
    saved.replace_tensors(
        safetensors.numpy.save({k: v for k, v in tensors.items() if v is not None})
    )
    with raises_one_line(StorageError, f"cannot load .*{message}"):
        load_model(saved.folder)


def raw(header: str, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header.encode() + data


ENTRY = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'
RAW: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is not a whole safetensors file"),
    "a pickle": (b"\x80\x04cos\nsystem\n(S'true'\ntR.", "is not a whole safetensors file"),
    "header beyond the file": (struct.pack("<Q", 2**40), "is not a whole safetensors file"),
    "no header": (raw("["), "is not a whole safetensors file"),
    "a name twice": (raw(f'{{"a":{ENTRY},"a":{ENTRY}}}', bytes(4)), "the name 'a' twice"),
    "unknown type": (
        raw(f'{{"a":{ENTRY.replace("F32", "F8_E4M3")}}}', bytes(1)),
        "safetensors|typ",
    ),
    "bfloat16": (
        raw('{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}', bytes(2)),
        "of a type that NumPy does not know: 'BF16'",
    ),
    "too many dimensions": (
        raw(f'{{"a":{ENTRY.replace("[1]", str([1] * 100))}}}', bytes(4)),
        "is not a whole safetensors file",
    ),
    "no truth value": (
        raw('{"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}', b"\x07"),
        "a truth value that is neither 0 nor 1 in 'a'",
    ),
}


@pytest.mark.parametrize(("content", "message"), RAW.values(), ids=RAW)
def test_damaged_tensors_are_refused(
    content: bytes, message: str, saved: Any, raises_one_line: Callable
) -> None:
    saved.replace_tensors(content)
    with raises_one_line(StorageError, f"cannot load .*({message})"):
        load_model(saved.folder)


@pytest.mark.parametrize(
    "name",
    [
        "../elsewhere.safetensors",
        "./{}",
        "sub/{}",
        "/{}",
        "C:{}",
        "sub\\{}",
        "..",
        "",
        ".safetensors",
        "model.json",
        "a\0.safetensors",
        "\ud800.safetensors",
        "a\n.safetensors",
        f"{'a' * 300}.safetensors",
    ],
)
def test_names_with_path_tricks_are_refused(
    name: str, saved: Any, raises_one_line: Callable
) -> None:
    content = saved.tensors.read_bytes()
    (saved.folder.parent / "elsewhere.safetensors").write_bytes(content)
    (saved.folder / "sub").mkdir()
    (saved.folder / "sub" / saved.tensors.name).write_bytes(content)
    edit(saved, "tensors", value=name.replace("{}", saved.tensors.name))
    with raises_one_line(StorageError, "expected the plain name of a .safetensors file in the sam"):
        load_model(saved.folder)


@pytest.mark.parametrize("part", ["json", "tensors"])
def test_links_that_lead_outside_are_refused(
    part: str, saved: Any, raises_one_line: Callable
) -> None:
    file = getattr(saved, part)
    file.rename(saved.folder.parent / "elsewhere")
    file.symlink_to("../elsewhere")
    with raises_one_line(StorageError, f"{file.name} is a link that leads outside; replace it"):
        load_model(saved.folder)


def test_a_link_to_the_whole_folder_is_followed(saved: Any, assert_same: Callable) -> None:
    link = saved.folder.parent / "latest"
    link.symlink_to(saved.folder)
    assert_same(load_model(link), load_model(saved.folder))


@pytest.mark.parametrize("part", ["json", "tensors"])
@pytest.mark.parametrize("instead", ["nothing", "folder", "pipe", "loop"])
def test_a_missing_file_is_reported(
    part: str, instead: str, saved: Any, raises_one_line: Callable
) -> None:
    file = getattr(saved, part)
    file.unlink()
    if instead == "folder":
        file.mkdir()
    elif instead == "pipe":
        os.mkfifo(file)
    elif instead == "loop":
        file.symlink_to(file.name)
    with raises_one_line(StorageError, f"it holds no file {file.name}; give a folder"):
        load_model(saved.folder)


def test_what_is_no_folder_is_reported(tmp_path: Path, raises_one_line: Callable) -> None:
    (tmp_path / "file").write_text("")
    for name, message in {
        "absent": "there is no such folder; give a folder that holds a model",
        "file": "it is a file; give a folder",
        "file/below": "there is no such folder",
        "a" * 5000: "[Ff]ile name too long",
    }.items():
        with raises_one_line(StorageError, message):
            load_model(tmp_path / name)


def test_a_file_that_may_not_be_read_is_reported(
    saved: Any, monkeypatch: pytest.MonkeyPatch, raises_one_line: Callable
) -> None:
    # Tests may run as root, whom permissions do not stop: the system's answer is simulated.
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with raises_one_line(StorageError, "cannot read .*model.json: Permission denied"):
        load_model(saved.folder)


@pytest.mark.parametrize("changes", [{"tensors": ["../" * 10**5]}, {"x" * 10**5: 1}])
def test_a_value_however_long_makes_a_short_message(changes: dict[str, Any], saved: Any) -> None:
    saved.write(saved.content() | changes)
    with pytest.raises(StorageError) as error:
        load_model(saved.folder)
    assert len(str(error.value)) < 300 + len(str(saved.folder))
