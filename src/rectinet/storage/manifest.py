"""What ``model.json`` says: all of a model but the numbers in its arrays."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rectinet.nn import Activation, Array, Layer, Softplus
from rectinet.storage.model import ARRAY_DTYPES, LAYER_DTYPES, StoredModel, known_activation
from rectinet.storage.tensors import LAYER_ARRAYS, array_tensor, layer_tensor
from rectinet.storage.unfit import UnfitError, check_name, shown
from rectinet.version import __version__

FORMAT = "rectinet-model"
VERSION = 2

# Version 1 had none; such files are read without.
_CHECKSUM = "json_sha256"

# No separator of any system, no drive, no leading dot.
_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\.safetensors")
_SHA256 = re.compile(r"[0-9a-f]{64}")

_FIELDS = {
    "format": str,
    "version": int,
    "rectinet": str,
    "kind": str,
    "tensors": str,
    "sha256": str,
    "layers": dict,
    "arrays": dict,
    "values": dict,
}
_LAYER_FIELDS = {"n_in": int, "n_out": int, "dtype": str, "activation": str}
_SOFTPLUS_FIELDS = {**_LAYER_FIELDS, "softplus_alpha": float}
_ARRAY_FIELDS = {"shape": list, "dtype": str}
_JSON_NAMES = {
    str: "text",
    int: "a whole number",
    float: "a number with a decimal point",
    list: "a list",
    dict: "an object",
}


@dataclass(frozen=True)
class LayerEntry:
    """One layer without its numbers."""

    n_in: int
    n_out: int
    dtype: str
    activation: Activation


@dataclass(frozen=True)
class ArrayEntry:
    """One array without its numbers."""

    shape: tuple[int, ...]
    dtype: str

    def __str__(self) -> str:
        return f"{self.dtype} of shape {shown(self.shape)}"


@dataclass(frozen=True)
class Manifest:
    """A model without the numbers in its arrays.

    Attributes:
        kind, values: see `StoredModel`.
        tensors: name of the safetensors file beside ``model.json``.
        sha256: its checksum.
        layers, arrays: what the file holds.
    """

    kind: str
    tensors: str
    sha256: str
    layers: Mapping[str, tuple[LayerEntry, ...]]
    arrays: Mapping[str, ArrayEntry]
    values: Mapping[str, Any]

    def model(self, tensors: Mapping[str, Array]) -> StoredModel:
        """Return the model, with arrays of its own.

        Raises:
            UnfitError: if `tensors` are not exactly those that are named here.
        """
        self._check(tensors)
        layers = {
            stack: tuple(
                Layer(
                    **{name: tensors[layer_tensor(stack, index, name)] for name in LAYER_ARRAYS},
                    activation=entry.activation,
                ).copy()
                for index, entry in enumerate(entries)
            )
            for stack, entries in self.layers.items()
        }
        arrays = {name: tensors[array_tensor(name)].copy() for name in self.arrays}
        return StoredModel(self.kind, layers, arrays, self.values)

    def _check(self, tensors: Mapping[str, Array]) -> None:
        expected = {array_tensor(name): entry for name, entry in self.arrays.items()}
        for stack, entries in self.layers.items():
            for index, entry in enumerate(entries):
                units = ArrayEntry((entry.n_out,), entry.dtype)
                weight = ArrayEntry((entry.n_in, entry.n_out), entry.dtype)
                for name in LAYER_ARRAYS:
                    wanted = weight if name == "weight" else units
                    expected[layer_tensor(stack, index, name)] = wanted
        for name in sorted(expected.keys() ^ tensors.keys()):
            sides = ("model.json", self.tensors)
            there, absent = sides if name in expected else sides[::-1]
            raise UnfitError(f"{there} has the array {shown(name)}, which {absent} has not")
        for name, wanted in expected.items():
            found = ArrayEntry(tensors[name].shape, tensors[name].dtype.name)
            if found != wanted:
                raise UnfitError(
                    f"the array {name} in {self.tensors} is {found}; model.json expects {wanted}"
                )


def describe(model: StoredModel, tensors: str, sha256: str) -> dict[str, Any]:
    """Return what ``model.json`` says of a checked model, see `Manifest`."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "rectinet": __version__,
        "kind": model.kind,
        "tensors": tensors,
        "sha256": sha256,
        "layers": {
            name: [_describe_layer(layer) for layer in stack]
            for name, stack in model.layers.items()
        },
        "arrays": {
            name: {"shape": list(array.shape), "dtype": array.dtype.name}
            for name, array in model.arrays.items()
        },
        "values": dict(model.values),
    }
    return sealed(content)


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``model.json`` says with a checksum over it, by which an edit is noticed."""
    plain = {name: value for name, value in content.items() if name != _CHECKSUM}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return {**plain, _CHECKSUM: hashlib.sha256(text.encode()).hexdigest()}


def parse(content: Mapping[str, Any]) -> Manifest:
    """Return the manifest that ``model.json`` holds.

    Args:
        content: plain values, see `parse_object`.

    Raises:
        UnfitError: if it is not a model's or of another version, it was altered, or anything in it
            is missing, too much, of the wrong kind or out of range.
    """
    _check_format(content)
    has_checksum = content["version"] > 1
    fields = {**_FIELDS, _CHECKSUM: str} if has_checksum else _FIELDS
    _check_fields(content, fields, "model.json")
    if has_checksum and content != sealed(content):
        raise UnfitError("the checksum of model.json is wrong, the file was altered")
    if not _FILE.fullmatch(content["tensors"]):
        raise UnfitError(
            f"model.json has its tensors in {shown(content['tensors'])}; expected the plain name "
            "of a .safetensors file in the same folder"
        )
    if not _SHA256.fullmatch(content["sha256"]):
        raise UnfitError(
            f"the sha256 in model.json is {shown(content['sha256'])}; expected 64 digits"
        )
    for name in (*content["layers"], *content["arrays"]):
        check_name(name, "a name in model.json")
    return Manifest(
        content["kind"],
        content["tensors"],
        content["sha256"],
        {name: _parse_stack(entries, name) for name, entries in content["layers"].items()},
        {name: _parse_array(entry, name) for name, entry in content["arrays"].items()},
        content["values"],
    )


def _check_format(content: Mapping[str, Any]) -> None:
    found = content.get("format")
    if found != FORMAT:
        raise UnfitError(
            f"model.json has the format {shown(found)}; expected {FORMAT!r}",
            cure="give a folder that rectinet saved a model in",
        )
    version = content.get("version")
    if type(version) is not int or not 1 <= version <= VERSION:
        raise UnfitError(
            f"the model has version {shown(version)} of the format, written by rectinet "
            f"{shown(content.get('rectinet'))}; this is rectinet {__version__}, which "
            f"reads versions up to {VERSION}",
            cure="install the rectinet that wrote it, or a newer one",
        )


def _check_fields(entry: Any, fields: Mapping[str, type], what: str) -> None:
    if not isinstance(entry, dict):
        raise UnfitError(f"{what} is {shown(entry)}; expected an object")
    for name in sorted(fields.keys() ^ entry.keys()):
        problem = "is missing" if name in fields else "is unknown"
        raise UnfitError(f"{what} cannot be used: its field {shown(name)} {problem}")
    for name, kind in fields.items():
        # By `type`: True would pass for a whole number.
        if type(entry[name]) is not kind:
            raise UnfitError(
                f"{name!r} of {what} is {shown(entry[name])}; expected {_JSON_NAMES[kind]}"
            )


def _parse_stack(entries: Any, name: str) -> tuple[LayerEntry, ...]:
    if not isinstance(entries, list):
        raise UnfitError(f"the stack {name!r} in model.json is {shown(entries)}; expected a list")
    return tuple(
        _parse_layer(entry, f"layer {number} of the stack {name!r} in model.json")
        for number, entry in enumerate(entries, start=1)
    )


def _parse_layer(entry: Any, what: str) -> LayerEntry:
    softplus = isinstance(entry, dict) and entry.get("activation") == Softplus.name
    _check_fields(entry, _SOFTPLUS_FIELDS if softplus else _LAYER_FIELDS, what)
    _check_dtype(entry["dtype"], LAYER_DTYPES, what)
    alpha = entry.get("softplus_alpha", 1.0)
    activation = known_activation(entry["activation"], alpha, what)
    return LayerEntry(entry["n_in"], entry["n_out"], entry["dtype"], activation)


def _parse_array(entry: Any, name: str) -> ArrayEntry:
    what = f"the array {name!r} in model.json"
    _check_fields(entry, _ARRAY_FIELDS, what)
    _check_dtype(entry["dtype"], ARRAY_DTYPES, what)
    if not all(type(size) is int for size in entry["shape"]):
        raise UnfitError(f"{what} has shape {shown(entry['shape'])}; expected whole numbers")
    return ArrayEntry(tuple(entry["shape"]), entry["dtype"])


def _check_dtype(found: str, known: tuple[str, ...], what: str) -> None:
    if found not in known:
        raise UnfitError(f"{what} has the type {shown(found)}; expected {' or '.join(known)}")


def _describe_layer(layer: Layer) -> dict[str, Any]:
    entry = {
        "n_in": layer.n_in,
        "n_out": layer.n_out,
        "dtype": layer.weight.dtype.name,
        "activation": layer.activation.name,
    }
    if isinstance(layer.activation, Softplus):
        entry["softplus_alpha"] = float(layer.activation.alpha)
    return entry
