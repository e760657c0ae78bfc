"""ONNX files say what the engine says."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.engine import DEFAULT_ENGINE, encode
from rectinet.errors import InputError, RectinetError, SettingError, StorageError
from rectinet.export import to_onnx
from rectinet.nn import (
    Activation,
    Layer,
    Linear,
    Rectifier,
    Sigmoid,
    SoftmaxNLL,
    Softplus,
    Tanh,
    initialize_network,
)

# What is promised: ONNX Runtime agrees to so much, of a value's size where it is above 1.
TOLERANCE = 1e-5

ACTIVATIONS = (
    Rectifier(),
    Softplus(),
    Softplus(0.2),
    Softplus(7.5),
    Softplus(1e30),
    Tanh(),
    Sigmoid(),
    Linear(),
)


def stack(unit: Activation, dtype: Any = np.float32, sign_flip: str = "half") -> tuple[Layer, ...]:
    """6 inputs, 20 and 9 units, 4 outputs that are 0 on average, so that no class wins always."""
    random = np.random.default_rng(3)
    network = initialize_network(6, (20, 9), 4, unit, random, sign_flip=sign_flip, dtype=dtype)
    *hidden, output = (
        replace(layer, bias=random.standard_normal(layer.n_out).astype(dtype))
        for layer in network.layers
    )
    mean = encode(DEFAULT_ENGINE, (*hidden, output), random.standard_normal((200, 6)).astype(dtype))
    return (*hidden, replace(output, bias=output.bias - mean.mean(axis=0)))


def said(layers: Sequence[Layer], X: np.ndarray, output: str, values: np.ndarray) -> np.ndarray:
    """Return what the engine says."""
    z = encode(DEFAULT_ENGINE, layers, X.astype(layers[0].weight.dtype))
    if output == "linear":
        return z
    probabilities = SoftmaxNLL().prediction(z)
    return probabilities if output == "softmax" else probabilities @ values[:, np.newaxis]


@pytest.mark.parametrize("unit", ACTIVATIONS, ids=str)
@pytest.mark.parametrize("output", ["softmax", "linear", "expectation"])
@pytest.mark.parametrize("scaled", [True, False])
def test_onnx_runtime_says_what_the_engine_says(
    unit: Activation,
    output: str,
    scaled: bool,
    run_onnx: Callable,
    tmp_path: Path,
    random: np.random.Generator,
) -> None:
    layers, ratings = stack(unit), np.array([1.0, 2.0, 4.0, 5.0])
    shift, scale = 100 * random.standard_normal(6), random.uniform(0.1, 10, 6)
    X = random.standard_normal((700, 6)).astype(np.float32)
    options: dict[str, Any] = {}
    inputs = X
    if scaled:
        X = (X * scale + shift).astype(np.float32)
        inputs = (X - shift) / scale
        options |= {"shift": shift, "scale": scale}
    if output == "expectation":
        options |= {"class_values": ratings}
    path = to_onnx(layers, output=output, path=str(tmp_path / "below" / "m.onnx"), **options)
    assert path == tmp_path / "below" / "m.onnx"

    expected = said(layers, inputs.astype(np.float32), output, ratings)
    found = run_onnx(path, X)
    name = "probabilities" if output == "softmax" else "values"
    assert found[name].dtype == np.float32
    np.testing.assert_allclose(found[name], expected, rtol=TOLERANCE, atol=TOLERANCE)
    one = run_onnx(path, X[:1])[name]
    np.testing.assert_allclose(one, expected[:1], rtol=TOLERANCE, atol=TOLERANCE)
    assert len(found) == (2 if output == "softmax" else 1)
    if output == "softmax":
        assert found["label"].dtype == np.int64
        np.testing.assert_array_equal(found["label"], found[name].argmax(axis=1))
        assert len(np.unique(found["label"])) > 1, "one class alone would show nothing"


def test_the_first_of_equally_probable_classes_is_the_label(
    run_onnx: Callable, tmp_path: Path
) -> None:
    layer = Layer(np.eye(3), np.zeros(3), np.ones(3), Linear())
    path = to_onnx((layer,), output="softmax", path=tmp_path / "m.onnx")
    found = run_onnx(path, np.array([[0, 1, 1], [2, 2, 2]], np.float32))
    assert found["label"].tolist() == [1, 0]  # as NumPy's argmax, on which `predict` rests


def test_hand_worked_numbers(run_onnx: Callable, tmp_path: Path) -> None:
    """h = -max(0, x) per unit; then the sum: x = ((3, 1) - 1) / 2 = (1, 0) gives -1 + 10."""
    hidden = Layer(np.eye(2), np.zeros(2), np.array([-1.0, -1.0]), Rectifier())
    output = Layer(np.ones((2, 1)), np.array([10.0]), np.ones(1), Linear())
    path = to_onnx(
        (hidden, output),
        output="linear",
        shift=np.ones(2),
        scale=np.full(2, 2.0),
        path=tmp_path / "m.onnx",
    )
    assert run_onnx(path, np.array([[3, 1], [1, -5]], np.float32)) == {
        "values": pytest.approx(np.array([[9.0], [10.0]]))
    }


def test_a_double_precision_network_is_exported_in_single(
    run_onnx: Callable, tmp_path: Path, random: np.random.Generator
) -> None:
    layers, X = stack(Tanh(), np.float64), random.standard_normal((50, 6)).astype(np.float32)
    path = to_onnx(layers, output="softmax", path=tmp_path / "m.onnx")
    expected = said(layers, X, "softmax", np.empty(0))
    np.testing.assert_allclose(run_onnx(path, X)["probabilities"], expected, atol=TOLERANCE)


def test_columns_far_from_0_keep_their_digits(run_onnx: Callable, tmp_path: Path) -> None:
    """In single precision the shift would be 2^24, and nothing left of the difference."""
    layer = Layer(np.eye(1), np.zeros(1), np.ones(1), Linear())
    path = to_onnx(
        (layer,), output="linear", shift=np.array([2.0**24 - 0.5]), path=tmp_path / "m.onnx"
    )
    assert run_onnx(path, np.array([[2.0**24]], np.float32))["values"] == 0.5


@pytest.mark.parametrize("unit", ACTIVATIONS, ids=str)
def test_large_values_do_not_overflow(unit: Activation, run_onnx: Callable, tmp_path: Path) -> None:
    layer = Layer(np.eye(2), np.zeros(2), np.ones(2), unit)
    path = to_onnx((layer,), output="linear", path=tmp_path / "m.onnx")
    X = np.array([[1e4, -1e4]], np.float32)
    found = run_onnx(path, X)["values"]
    np.testing.assert_allclose(found, unit.value(X.copy()), rtol=TOLERANCE, atol=TOLERANCE)


def test_the_same_model_gives_the_same_file(run_onnx: Callable, tmp_path: Path) -> None:
    paths = [to_onnx(stack(Tanh()), output="softmax", path=tmp_path / name) for name in ("a", "b")]
    assert paths[0].read_bytes() == paths[1].read_bytes()


class _Own(Activation):
    name = "rectifier"

    def value(self, z: np.ndarray) -> np.ndarray:
        return z

    def derivative(self, a: np.ndarray) -> np.ndarray:
        return a


LAYER = Layer(np.ones((2, 2)), np.zeros(2), np.ones(2), Rectifier())
REFUSED: dict[str, tuple[dict[str, Any], type[RectinetError], str]] = {
    "output": ({"output": "sigmoid"}, SettingError, "output 'sigmoid' is unknown; use one of"),
    "no values": ({"output": "expectation"}, SettingError, "class_values is missing with output"),
    "values": ({"class_values": [1, 2]}, SettingError, "class_values is given with output 'softm"),
    "no layers": ({"layers": ()}, SettingError, "layers is a tuple without layers; give at least"),
    "not layers": ({"layers": (1,)}, SettingError, "layer 1 is a int; give Layers"),
    "unfit layers": (
        {"layers": (LAYER, Layer(np.ones((3, 1)), np.zeros(1), np.ones(1), Linear()))},
        SettingError,
        "layer 1 has 2 units but layer 2 takes 3 inputs",
    ),
    "own activation": (
        {"layers": (replace(LAYER, activation=_Own()),)},
        SettingError,
        "layer 1 has an activation of type _Own; the known ones are rectifier",
    ),
    "NaN": (
        {"layers": (replace(LAYER, bias=np.array([0, np.nan])),)},
        InputError,
        "bias of layer 1 has values that are not finite in float32",
    ),
    "beyond single precision": (
        {"layers": (replace(LAYER, weight=np.full((2, 2), 1e39)),)},
        InputError,
        "weight of layer 1 has values that are not finite in float32",
    ),
    "alpha that vanishes": (
        {"layers": (replace(LAYER, activation=Softplus(1e-50)),)},
        InputError,
        "softplus_alpha is 1e-50, which is 0 in single precision",
    ),
    "shift": ({"shift": np.ones(3)}, InputError, r"shift has shape \(3,\); expected \(2,\)"),
    "scale 0": ({"scale": np.array([1, 0])}, InputError, "scale is 0 at position 1; expected"),
    "text": ({"scale": ["a", "b"]}, InputError, "scale is not numeric"),
    "values' length": (
        {"output": "expectation", "class_values": [1, 2, 3]},
        InputError,
        r"class_values has shape \(3,\); expected \(2,\)",
    ),
}


@pytest.mark.usefixtures("run_onnx")
@pytest.mark.parametrize(("changes", "kind", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_exported_is_refused(
    changes: dict[str, Any],
    kind: type[RectinetError],
    message: str,
    tmp_path: Path,
    raises_one_line: Callable,
) -> None:
    arguments = {"layers": (LAYER,), "output": "softmax", "path": tmp_path / "m.onnx"} | changes
    with raises_one_line(kind, message):
        to_onnx(**arguments)
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("run_onnx")
def test_more_than_a_file_can_hold_is_refused(tmp_path: Path, raises_one_line: Callable) -> None:
    # A matrix of one number repeated: 4 GB that take no memory.
    weight = np.broadcast_to(np.float32(0), (2**15, 2**15))
    units = np.ones(2**15, np.float32)
    with raises_one_line(SettingError, r"the weights take 4\.3 GB; one ONNX file holds 2 GB"):
        to_onnx(
            (Layer(weight, units, units, Rectifier()),), output="linear", path=tmp_path / "m.onnx"
        )


@pytest.mark.usefixtures("run_onnx")
def test_a_full_disk_leaves_the_former_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raises_one_line: Callable
) -> None:
    path = to_onnx((LAYER,), output="softmax", path=tmp_path / "m.onnx")
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with raises_one_line(StorageError, "the disk is full"):
        to_onnx((LAYER,), output="linear", path=path)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_a_missing_onnx_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raises_one_line: Callable
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with raises_one_line(SettingError, r"pip install rectinet\[onnx\]"):
        to_onnx((LAYER,), output="softmax", path=tmp_path / "m.onnx")


@pytest.mark.parametrize("path", [None, 3, "a\0b"])
def test_what_is_no_path_is_refused(path: Any, raises_one_line: Callable) -> None:
    with raises_one_line(StorageError, "the path is .*; give the name of a file"):
        to_onnx(stack(Rectifier()), output="softmax", path=path)
