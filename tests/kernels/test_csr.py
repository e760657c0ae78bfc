"""CSR inputs: every spelling of a matrix is that matrix, and what is none is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import coo_array, csc_array, csr_array

from rectinet.kernels import SGD, Kernels, LayerArrays, PackedLayers, Step, reference

N_IN, N_OUT = 6, 4
DENSE = np.array([[0, 2, 0, 0, 0, 3], [0, 0, 0, 0, 0, 0], [1, 0, 0, 4, 0, 0]], float)
# The same, entry by entry, and how each of its spellings differs from this one.
PLAIN = {
    "data": np.array([2.0, 3, 1, 4]),
    "indices": np.array([1, 5, 0, 3], np.int32),
    "indptr": np.array([0, 2, 2, 4], np.int32),
}
SPELLINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "unsorted": {"data": np.array([3.0, 2, 4, 1]), "indices": np.array([5, 1, 3, 0], np.int32)},
    "repeated": {
        "data": np.array([3.0, 1, 2, -1, 1, 4]),
        "indices": np.array([5, 1, 1, 1, 0, 3], np.int32),
        "indptr": np.array([0, 4, 4, 6], np.int32),
    },
    "cancelling": {
        "data": np.array([2.0, 3, 5, -5, 1, 4]),
        "indices": np.array([1, 5, 2, 2, 0, 3], np.int32),
        "indptr": np.array([0, 4, 4, 6], np.int32),
    },
    "explicit zeros": {
        "data": np.array([2.0, 0, 3, -0.0, 1, 4]),
        "indices": np.array([1, 2, 5, 4, 0, 3], np.int32),
        "indptr": np.array([0, 3, 4, 6], np.int32),
    },
    "wide indices": {
        "indices": np.array([1, 5, 0, 3], np.int64),
        "indptr": np.array([0, 2, 2, 4], np.int64),
    },
    "room behind the last entry": {
        "data": np.array([2.0, 3, 1, 4, 7]),
        "indices": np.array([1, 5, 0, 3, 2], np.int32),
    },
    "single precision": {"data": np.array([2, 3, 1, 4], np.float32)},
}
DAMAGES: dict[str, dict[str, Any]] = {
    "index too large": {"indices": np.array([1, 6, 0, 3], np.int32)},
    "index far too large": {"indices": np.array([1, 10**8, 0, 3], np.int32)},
    # Cut to 32 bits, these would be columns 1 and 0.
    "index of 33 bits": {"indices": np.array([1, 2**32 + 1, 0, 3], np.int64)},
    "least index of all": {"indices": np.array([1, -(2**63), 0, 3], np.int64)},
    "negative index": {"indices": np.array([1, -1, 0, 3], np.int32)},
    "does not begin with 0": {"indptr": np.array([1, 2, 2, 4], np.int32)},
    "begins below 0": {"indptr": np.array([-1, 2, 2, 4], np.int32)},
    "descends": {"indptr": np.array([0, 3, 2, 4], np.int32)},
    "descends below 0": {"indptr": np.array([0, -2, 2, 4], np.int32)},
    "ends too late": {"indptr": np.array([0, 2, 2, 9], np.int32)},
    "a row too many": {"indptr": np.array([0, 2, 2, 4, 4], np.int32)},
    "a row too few": {"indptr": np.array([0, 2, 4], np.int32)},
    "no rows at all": {"indptr": np.array([], np.int32)},
    "more indices than data": {"data": np.array([2.0, 3, 1])},
    "more data than indices": {"data": np.array([2.0, 3, 1, 4, 5])},
}


def spelled(changes: dict[str, Any]) -> csr_array:
    """Return a CSR array of three given arrays, past SciPy's checks."""
    x = csr_array(DENSE.shape)
    for name, array in {**PLAIN, **changes}.items():
        setattr(x, name, array)
    return x


@pytest.fixture
def layer(random: np.random.Generator) -> LayerArrays:
    """Return a layer of small whole numbers, with which every sum is exact in any order."""
    weight = random.integers(-9, 10, (N_IN, N_OUT)).astype(float)
    return LayerArrays(weight, np.arange(4.0) - 2, np.array([1.0, -1, 1, -1]), True)


DELTA = np.array([[1.0, -2, 0, 3], [5, 0, 1, -1], [-2, 2, 4, 0]])


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_is_the_same_matrix(name: str, kernels: Kernels, layer: LayerArrays) -> None:
    x = spelled(SPELLINGS[name])
    np.testing.assert_array_equal(x.toarray(), DENSE)
    np.testing.assert_array_equal(kernels.forward(x, *layer), reference.forward(DENSE, *layer))
    np.testing.assert_array_equal(kernels.weight_gradient(x, DELTA), DENSE.T @ DELTA)
    for below_sign in (None, np.array([1.0, -1, 1, 1, -1, 1])):
        moved, right = (layer._replace(weight=layer.weight.copy()) for _ in range(2))
        below, expected = (
            each.backward(batch, DELTA, to.weight, to.bias.copy(), Step(SGD, 2), below_sign, 1)
            for each, batch, to in ((kernels, x, moved), (reference, DENSE, right))
        )
        np.testing.assert_array_equal(moved.weight, right.weight)
        assert (below is None) == (below_sign is None)
        if below is not None:
            np.testing.assert_array_equal(below, expected)


@pytest.mark.parametrize("name", SPELLINGS)
def test_packed_layers_read_every_spelling(
    name: str, compiled: Kernels, layer: LayerArrays
) -> None:
    packed = PackedLayers([layer], softmax=False)
    expected = reference.forward(DENSE, *layer)
    progress = packed(spelled(SPELLINGS[name]))
    assert progress is not None
    np.testing.assert_array_equal(progress.values, expected)


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_refused_before_anything_moves(
    name: str, compiled: Kernels, layer: LayerArrays
) -> None:
    x, before = spelled(DAMAGES[name]), layer.weight.copy()
    with pytest.raises(ValueError):
        compiled.forward(x, *layer)
    with pytest.raises(ValueError):
        PackedLayers([layer], softmax=True)(x)
    for below_sign in (None, np.ones(N_IN)):
        with pytest.raises(ValueError):
            compiled.backward(x, DELTA, layer.weight, layer.bias, Step(SGD, 1), below_sign)
    np.testing.assert_array_equal(layer.weight, before)
    np.testing.assert_array_equal(layer.bias, np.arange(4.0) - 2)


@pytest.mark.parametrize("kind", [csc_array, coo_array])
def test_another_sparse_format_is_refused_not_misread(
    kind: Any, compiled: Kernels, layer: LayerArrays
) -> None:
    # Square, so that the arrays of a CSC matrix would be those of a CSR matrix, its transpose.
    x = kind(np.arange(36.0).reshape(6, 6) % 5)
    with pytest.raises((AttributeError, TypeError, ValueError)):
        compiled.forward(x, *layer)
    with pytest.raises((AttributeError, TypeError, ValueError)):
        PackedLayers([layer], softmax=False)(x)
