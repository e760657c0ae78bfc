"""Whatever is done to the two files: a model that fits together, or one `StorageError`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rectinet.errors import StorageError
from rectinet.nn import Network
from rectinet.storage import StoredModel, load_model
from rectinet.storage.manifest import sealed

# The folder is written anew for every example, so that one fixture serves all of them.
FUZZ = settings(max_examples=300)


@pytest.fixture
def loads_or_refuses(saved: Any) -> Callable[[bytes, bytes], None]:
    """Return a check of what `load_model` makes of the contents of the two files."""

    def check(json_content: bytes, tensors: bytes) -> None:
        saved.json.write_bytes(with_checksum(json_content))
        saved.tensors.write_bytes(tensors)
        try:
            model = load_model(saved.folder)
        except StorageError as error:
            assert "\n" not in str(error)
            assert len(str(error)) < 1000
            return
        assert_usable(model)

    return check


def with_checksum(content: bytes) -> bytes:
    """Return JSON with its checksum made right, as somebody who means harm would do."""
    try:
        return json.dumps(sealed(json.loads(content))).encode()
    except (AttributeError, ValueError):  # no JSON, or no object
        return content


def assert_usable(model: StoredModel) -> None:
    for stack in model.layers.values():
        Network(stack)  # refuses layers that do not fit together
        for layer in stack:
            assert layer.weight.dtype == layer.bias.dtype == layer.sign.dtype
            assert layer.bias.shape == layer.sign.shape == (layer.n_out,)
            assert np.isfinite(layer.weight).all()
            assert np.isfinite(layer.bias).all()
            np.testing.assert_array_equal(np.abs(layer.sign), 1)
            layer.activation.value(np.zeros((1, layer.n_out), layer.weight.dtype))
    for array in model.arrays.values():
        assert array.dtype.kind in "biuf"
    json.dumps(model.values, allow_nan=False)


@st.composite
def damage(draw: st.DrawFn, content: bytes) -> bytes:
    """Return `content` truncated, lengthened, or with some bytes changed."""
    kind = draw(st.sampled_from(["cut", "insert", "change"]))
    position = draw(st.integers(0, len(content) - 1))
    if kind == "cut":
        length = draw(st.integers(1, len(content)))
        return content[:position] + content[position + length :]
    if kind == "insert":
        return content[:position] + draw(st.binary(min_size=1, max_size=9)) + content[position:]
    changed = bytearray(content)
    for place in draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        changed[place] = draw(st.integers(0, 255))
    return bytes(changed)


@FUZZ
@given(data=st.data())
def test_damaged_json(data: st.DataObject, saved: Any, loads_or_refuses: Callable) -> None:
    content, tensors = _contents(saved)
    loads_or_refuses(data.draw(damage(content)), tensors)
    _restore(saved, content, tensors)


@FUZZ
@given(data=st.data(), header=st.booleans(), checksum=st.booleans())
def test_damaged_tensors(
    data: st.DataObject, header: bool, checksum: bool, saved: Any, loads_or_refuses: Callable
) -> None:
    """With its checksum made right, as somebody who means harm would do."""
    content, tensors = _contents(saved)
    end = 8 + int.from_bytes(tensors[:8], "little")
    damaged = (
        data.draw(damage(tensors[:end])) + tensors[end:] if header else data.draw(damage(tensors))
    )
    values = json.loads(content)
    if checksum:
        values["sha256"] = hashlib.sha256(damaged).hexdigest()
    loads_or_refuses(json.dumps(values).encode(), damaged)
    _restore(saved, content, tensors)


WORDS = "network 0 weight ../x tensors sha256 n_in n_out softplus float32 float64 bool rectifier"
NAMES = st.sampled_from(WORDS.split())
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 8)
    | st.integers()
    | st.floats()  # NaN and the infinities too
    | st.text(max_size=9)
    | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*above, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*above, key))


@FUZZ
@given(data=st.data(), times=st.integers(1, 3))
def test_other_values_in_the_json(
    data: st.DataObject, times: int, saved: Any, loads_or_refuses: Callable
) -> None:
    content, tensors = _contents(saved)
    values = json.loads(content)
    for _ in range(times):
        where = data.draw(st.sampled_from([(), *places(values)]))
        inner: Any = values
        for key in where[:-1]:
            inner = inner[key]
        if not where:
            values[data.draw(st.text(max_size=9))] = data.draw(ANYTHING)
        elif data.draw(st.booleans()):
            del inner[where[-1]]
        else:
            inner[where[-1]] = data.draw(ANYTHING)
    loads_or_refuses(json.dumps(values).encode(), tensors)
    _restore(saved, content, tensors)


@FUZZ
@given(content=ANYTHING.map(json.dumps).map(str.encode) | st.binary(), tensors=st.binary())
def test_other_files_altogether(
    content: bytes, tensors: bytes, saved: Any, loads_or_refuses: Callable
) -> None:
    before = _contents(saved)
    loads_or_refuses(content, before[1])
    values = json.loads(before[0]) | {"sha256": hashlib.sha256(tensors).hexdigest()}
    loads_or_refuses(json.dumps(values).encode(), tensors)
    _restore(saved, *before)


def _contents(saved: Any) -> tuple[bytes, bytes]:
    return saved.json.read_bytes(), saved.tensors.read_bytes()


def _restore(saved: Any, content: bytes, tensors: bytes) -> None:
    saved.json.write_bytes(content)
    Path(saved.tensors).write_bytes(tensors)
