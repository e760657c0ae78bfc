"""Any shape, stride, type and any three arrays as CSR: the right numbers, or an error."""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from rectinet.kernels import (
    ADAM,
    GRADIENT,
    MOMENTUM,
    SGD,
    LayerArrays,
    PackedLayers,
    Step,
    native,
    reference,
)

pytestmark = pytest.mark.skipif(
    not native.AVAILABLE, reason="rectinet was installed without a C++ compiler"
)
REFUSALS = (TypeError, ValueError)
# Whole numbers so small that every sum of them is exact, in any order and in single precision.
WHOLE = st.integers(-4, 4)
SIZES = st.integers(0, 9)
TYPES = st.sampled_from(["<f4", "<f8", ">f4", ">f8", "<i4", "<i8", "u1", "?"])


@st.composite
def matrices(draw: st.DrawFn, rows: int, columns: int) -> np.ndarray:
    """Draw a matrix of whole numbers of any type, in any layout; now and then of another shape."""
    other = draw(st.integers(0, 9)) == 0
    shape = (draw(SIZES), draw(SIZES)) if other else (rows, columns)
    steps = draw(st.tuples(st.sampled_from([1, 2, -1, -3]), st.sampled_from([1, 2, -1, -3])))
    room = tuple(size * abs(step) for size, step in zip(shape, steps, strict=True))
    order = draw(st.sampled_from("CF"))
    dtype = np.dtype(draw(TYPES))
    elements = st.integers(0, 1) if dtype.kind in "u?" else WHOLE
    values = draw(hnp.arrays(np.int64, room, elements=elements, fill=st.just(0)))
    matrix = np.array(values.astype(dtype), order=order)[tuple(slice(None, None, s) for s in steps)]
    matrix.flags.writeable = draw(st.booleans())
    return matrix


@st.composite
def sparse_matrices(draw: st.DrawFn, rows: int, columns: int) -> csr_array:
    """Draw three arrays that may or may not be a CSR matrix."""
    if draw(st.booleans()):
        starts = sorted(draw(st.lists(st.integers(0, 12), min_size=rows, max_size=rows)))
        starts = [0, *starts]
        entries = starts[-1] + draw(st.integers(0, 2))
        indices = draw(
            st.lists(st.integers(0, max(columns - 1, 0)), min_size=entries, max_size=entries)
        )
    else:
        number = st.integers(-2, 12) | st.integers(-(2**63), 2**63 - 1)
        starts = draw(st.lists(number, min_size=0, max_size=rows + 2))
        indices = draw(st.lists(number, max_size=12))
        entries = len(indices) + (draw(st.integers(0, 9)) == 0)
    wide = np.dtype(np.int64)
    narrow = wide if any(abs(each) >= 2**31 for each in (*starts, *indices)) else np.int32
    index_type = draw(st.sampled_from([wide, narrow]))
    x = csr_array((rows, draw(SIZES) if draw(st.integers(0, 9)) == 0 else columns))
    x.indptr, x.indices = np.array(starts, index_type), np.array(indices, index_type)
    data = draw(hnp.arrays(np.int64, entries, elements=WHOLE))
    x.data = data.astype(draw(st.sampled_from(["f4", "f8"])))
    return x


def is_matrix(x: Any) -> bool:
    """Say whether the three arrays of `x` are a CSR matrix of its shape, in so many words."""
    starts, used = x.indptr, x.indices[: x.indptr[-1]] if x.indptr.size else x.indices
    return bool(
        starts.size == x.shape[0] + 1
        and starts[0] == 0
        and (starts[1:] >= starts[:-1]).all()
        and starts[-1] <= x.indices.size
        and x.indices.size == x.data.size
        and (used >= 0).all()
        and (used < x.shape[1]).all()
    )


def fits(x: Any, shape: tuple[int, int]) -> bool:
    return x.shape == shape and (not isinstance(x, csr_array) or is_matrix(x))


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a layer, a minibatch that may not fit to it, and a step."""
    n, n_in, n_out = draw(SIZES), draw(SIZES), draw(SIZES)
    dtype = draw(st.sampled_from(["f4", "f8"]))
    kind = draw(st.sampled_from([matrices, sparse_matrices]))

    def whole(*shape: int) -> np.ndarray:
        drawn = draw(hnp.arrays(np.int64, shape, elements=WHOLE, fill=st.just(1)))
        return drawn.astype(dtype)

    rule = draw(st.sampled_from([SGD, MOMENTUM, ADAM, GRADIENT]))
    buffers = {}
    if rule != SGD:
        buffers |= {"first": whole(n_in, n_out), "first_bias": whole(n_out)}
    if rule == ADAM:
        ones = np.ones((n_in, n_out), dtype), np.ones(n_out, dtype)
        buffers |= dict(zip(("second", "second_bias"), ones, strict=True))
    penalties = draw(st.sampled_from([{}, {"weight_l1": 1.0}, {"weight_l2": 0.5}]))
    return {
        "shape": (n, n_in, n_out),
        "x": draw(kind(n, n_in)),
        "delta": draw(matrices(n, n_out)),
        "layer": LayerArrays(whole(n_in, n_out), whole(n_out), np.ones(n_out, dtype), True),
        "step": Step(rule, 0.5, 0.5, **penalties, **buffers),
        "below_sign": draw(st.sampled_from([None, np.full(n_in, -1, dtype)])),
    }


@pytest.mark.parametrize("instructions", native.instruction_sets() if native.AVAILABLE else ())
@given(case=cases())
def test_forward(instructions: str, case: dict[str, Any]) -> None:
    former = native.instruction_set()
    native.use_instruction_set(instructions)
    try:
        n, n_in, _ = case["shape"]
        x, layer = case["x"], case["layer"]
        packed = PackedLayers([layer], softmax=False)
        if fits(x, (n, n_in)) or fits(x, (x.shape[0], n_in)):
            expected = reference.forward(x, *layer)
            np.testing.assert_array_equal(native.forward(x, *layer), expected)
            np.testing.assert_array_equal(packed(x).values, expected)
        else:
            with pytest.raises(REFUSALS):
                native.forward(x, *layer)
            with pytest.raises(REFUSALS):
                packed(x)
    finally:
        native.use_instruction_set(former)


@pytest.mark.parametrize("instructions", native.instruction_sets() if native.AVAILABLE else ())
@given(case=cases())
def test_backward(instructions: str, case: dict[str, Any]) -> None:
    former = native.instruction_set()
    native.use_instruction_set(instructions)
    try:
        x, delta, layer, step = (case[name] for name in ("x", "delta", "layer", "step"))
        weight, bias = layer.weight, layer.bias
        buffers = {
            name: value.copy()
            for name, value in step._asdict().items()
            if isinstance(value, np.ndarray)
        }
        copies = weight.copy(), bias.copy(), step._replace(**buffers)
        passed = (case["below_sign"], 1.0)
        n, n_in, n_out = x.shape[0], *weight.shape
        if fits(x, (n, n_in)) and delta.shape == (n, n_out):
            below = native.backward(x, delta, weight, bias, step, *passed)
            expected = reference.backward(x, delta.astype(weight.dtype), *copies, *passed)
            # Adam's moves are quotients, and so rounded.
            for result, right in zip((weight, bias), copies[:2], strict=True):
                np.testing.assert_allclose(result, right, rtol=1e-5, atol=1e-5)
            if step.rule != ADAM:
                np.testing.assert_array_equal(weight, copies[0])
                for name, right in buffers.items():
                    np.testing.assert_array_equal(getattr(step, name), right)
            if expected is not None:
                np.testing.assert_array_equal(below, expected)
        elif delta.size != n * n_out or delta.size:  # rows of nothing need no counting
            with pytest.raises(REFUSALS):
                native.backward(x, delta, weight, bias, step, *passed)
            np.testing.assert_array_equal(weight, copies[0])
            np.testing.assert_array_equal(bias, copies[1])
    finally:
        native.use_instruction_set(former)
