"""A small model with everything in it, and what it means to get it back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.nn import activation, initialize_layer, initialize_network
from rectinet.storage import StoredModel, save_model
from rectinet.storage.manifest import sealed


@pytest.fixture(scope="session")
def make_model() -> Callable[..., StoredModel]:
    """Return a maker of models: two stacks, arrays of several types, values of all kinds."""

    def make(seed: int = 0, dtype: Any = np.float32) -> StoredModel:
        random = np.random.default_rng(seed)
        softplus = activation("softplus", softplus_alpha=0.1 + seed)
        network = initialize_network(5, (7, 4), 3, activation("rectifier"), random, dtype=dtype)
        decoders = (
            initialize_layer(4, 7, activation("tanh"), random, sign_flip="half", dtype=dtype),
            initialize_layer(7, 5, softplus, random, dtype=dtype),
        )
        arrays = {
            "shift": random.standard_normal(5),
            "classes": np.array([-3, 2**60, 7]),
            "known": np.array([[True], [False]]),
            "single_number": np.array(0.1),
            "nothing": np.zeros((0, 3), np.float16),
        }
        values = {
            "classes": ["spam", "ham\n", "ψ"],
            "parameters": {"tol": 1e-4, "max_iter": 100, "seed": 2**127, "dropout": None},
            "sparse_output": True,
        }
        stacks = {"network": network.layers, "decoders": decoders}
        return StoredModel("RectifierClassifier", stacks, arrays, values)

    return make


@pytest.fixture
def assert_same() -> Callable[[StoredModel, StoredModel], None]:
    """Return a check that two models have the same bits."""

    def same_array(first: np.ndarray, second: np.ndarray) -> None:
        assert (first.shape, first.dtype) == (second.shape, second.dtype)
        assert first.tobytes() == second.tobytes()

    def check(first: StoredModel, second: StoredModel) -> None:
        assert (first.kind, first.values) == (second.kind, second.values)
        assert first.layers.keys() == second.layers.keys()
        for name, stack in first.layers.items():
            for one, other in zip(stack, second.layers[name], strict=True):
                assert one.activation == other.activation
                for array in ("weight", "bias", "sign"):
                    same_array(getattr(one, array), getattr(other, array))
        assert first.arrays.keys() == second.arrays.keys()
        for name, array in first.arrays.items():
            same_array(array, second.arrays[name])

    return check


class Saved:
    """A saved model whose files can be altered.

    Args:
        folder: where it is.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.json = folder / "model.json"
        self.tensors = folder / self.content()["tensors"]

    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.json.read_text())
        return content

    def write(self, content: Any) -> None:
        """Write other JSON, with the right checksum."""
        self.json.write_text(json.dumps(sealed(content)))

    def replace_tensors(self, content: bytes) -> None:
        """Write other tensors, with the right checksum."""
        self.tensors.write_bytes(content)
        self.write(self.content() | {"sha256": hashlib.sha256(content).hexdigest()})


@pytest.fixture
def saved(tmp_path: Path, make_model: Callable[..., StoredModel]) -> Saved:
    return Saved(save_model(make_model(), tmp_path / "model"))
