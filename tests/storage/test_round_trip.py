"""What is saved is loaded, bit for bit."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rectinet.engine import predict_probabilities
from rectinet.nn import Layer, Network, activation, activation_names
from rectinet.storage import StoredModel, load_model, save_model


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_model_comes_back_with_the_same_bits(
    dtype: Any, tmp_path: Path, make_model: Callable, assert_same: Callable
) -> None:
    model = make_model(dtype=dtype)
    folder = save_model(model, str(tmp_path / "below" / "model"))
    assert folder == tmp_path / "below" / "model"
    loaded = load_model(folder)
    assert_same(loaded, model)
    for layer in (layer for stack in loaded.layers.values() for layer in stack):
        for array in (layer.weight, layer.bias, layer.sign):
            assert array.ctypes.data % 64 == 0  # a cache line, as `Layer.copy` promises
            assert array.flags.writeable


def test_the_folder_holds_two_files_that_depend_on_the_model_alone(
    tmp_path: Path, make_model: Callable
) -> None:
    folders = [save_model(make_model(), tmp_path / name) for name in ("first", "second")]
    contents = [{file.name: file.read_bytes() for file in each.iterdir()} for each in folders]
    assert contents[0] == contents[1]
    assert len(contents[0]) == 2
    assert "model.json" in contents[0]


@pytest.mark.parametrize("name", activation_names())
@pytest.mark.parametrize("alpha", [1.0, 0.1, 1e300])
def test_every_activation_comes_back(name: str, alpha: float, tmp_path: Path) -> None:
    unit = activation(name, softplus_alpha=alpha)
    layer = Layer(np.ones((2, 1)), np.zeros(1), -np.ones(1), unit)
    save_model(StoredModel("Code", {"network": (layer,)}, {}, {}), tmp_path)
    assert load_model(tmp_path).layers["network"][0].activation == unit


def test_arrays_of_any_layout_come_back_as_plain_ones(tmp_path: Path) -> None:
    numbers = np.arange(6.0).reshape(2, 3)
    arrays = {
        "transposed": numbers.T,
        "strided": numbers[:, ::2],
        "reversed": numbers[::-1],
        "big_endian": numbers.astype(">f8"),
        "read_only": np.broadcast_to(np.float32(2), (2, 2)),
    }
    decoder = Layer(numbers.T, np.zeros(2), np.ones(2), activation("linear"))  # tied weights
    save_model(StoredModel("Code", {"decoder": [decoder]}, arrays, {}), tmp_path)
    loaded = load_model(tmp_path)
    np.testing.assert_array_equal(loaded.layers["decoder"][0].weight, numbers.T)
    for name, array in arrays.items():
        np.testing.assert_array_equal(loaded.arrays[name], array)
        assert loaded.arrays[name].dtype == array.dtype.newbyteorder("=")


def test_a_fresh_process_predicts_the_same_bits(
    tmp_path: Path, make_model: Callable, random: np.random.Generator
) -> None:
    layers = list(make_model().layers["network"])
    layers[0] = replace(layers[0], activation=activation("softplus", softplus_alpha=0.3))
    save_model(StoredModel("Classifier", {"network": tuple(layers)}, {}, {}), tmp_path / "model")
    X = random.standard_normal((20, 5)).astype(np.float32)
    np.save(tmp_path / "X.npy", X)
    script = (
        "import hashlib, sys, numpy as np\n"
        "from rectinet import Network, predict_probabilities\n"
        "from rectinet.storage import load_model\n"
        "network = Network(load_model(sys.argv[1]).layers['network'])\n"
        "said = predict_probabilities(network, np.load(sys.argv[2]))\n"
        "print(hashlib.sha256(said.tobytes()).hexdigest())"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "model"), str(tmp_path / "X.npy")]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    said = predict_probabilities(Network(tuple(layers)), X)
    assert printed.strip() == hashlib.sha256(said.tobytes()).hexdigest()


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**128), 2**128)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=())),  # surrogates and control characters too
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values=st.dictionaries(st.text(), PLAIN, max_size=5))
def test_all_plain_values_come_back(values: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        save_model(StoredModel("Code", {}, {}, values), folder)
        loaded = load_model(folder).values
    # By their text: it tells 1 from 1.0 and True, and 0.0 from -0.0.
    assert repr(loaded) == repr(values)


def test_tuples_come_back_as_lists(tmp_path: Path) -> None:
    save_model(StoredModel("Code", {}, {}, {"sizes": (3, (4,))}), tmp_path)
    assert load_model(tmp_path).values == {"sizes": [3, [4]]}
