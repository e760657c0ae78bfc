"""Arrays as they come: what is read may lie in memory in any way, what moves may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rectinet.kernels import ADAM, MOMENTUM, SGD, Kernels, Step, native

Layout = Callable[[np.ndarray], np.ndarray]


def strided(a: np.ndarray) -> np.ndarray:
    return np.repeat(a, 2, axis=-1)[..., ::2]


def backwards(a: np.ndarray) -> np.ndarray:
    return np.flip(np.flip(a).copy())


def unaligned(a: np.ndarray) -> np.ndarray:
    memory = bytearray(a.nbytes + 1)
    copy = np.frombuffer(memory, a.dtype, a.size, offset=1).reshape(a.shape)
    copy[...] = a
    return copy


def read_only(a: np.ndarray) -> np.ndarray:
    copy = a.copy()
    copy.flags.writeable = False
    return copy


def other_byte_order(a: np.ndarray) -> np.ndarray:
    return a.astype(a.dtype.newbyteorder())


def doubles(a: np.ndarray) -> np.ndarray:
    return a.astype(np.float64)


def halves(a: np.ndarray) -> np.ndarray:
    return a.astype(np.float16)


LAYOUTS: tuple[Layout, ...] = (strided, backwards, unaligned, read_only, np.asfortranarray)
TYPES: tuple[Layout, ...] = (other_byte_order, doubles, halves)


@pytest.mark.parametrize("share", [0.2, 1.0])
@pytest.mark.parametrize("layout", (*LAYOUTS, other_byte_order), ids=lambda each: each.__name__)
def test_what_is_read_may_lie_in_any_way(
    layout: Layout, share: float, compiled: Kernels, draw: Callable[..., Any]
) -> None:
    for kernels in (compiled, Kernels("blas")):
        example = draw((5, 65, 33), share=share, dtype="float32")
        results = [pass_through(kernels, example, each) for each in (np.copy, layout)]
        for plain, same in zip(*results, strict=True):
            assert same.dtype == np.float32
            np.testing.assert_array_equal(same, plain)


def pass_through(kernels: Kernels, example: Any, layout: Layout) -> tuple[np.ndarray, ...]:
    """Return all that a forward and a backward pass compute, from arrays in some layout."""
    x, delta, bias, sign, below_sign = (
        layout(getattr(example, name)) for name in ("x", "delta", "bias", "sign", "below_sign")
    )
    moved = example.copy()
    below = kernels.backward(x, delta, moved.weight, moved.bias, Step(SGD, 0.1), below_sign, 0.3)
    assert below is not None
    return kernels.forward(x, example.weight, bias, sign, True), below, moved.weight, moved.bias


@pytest.mark.parametrize("kind", ["dense", "csr"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda each: each.__name__)
def test_a_weight_that_is_only_read_may_lie_in_any_way(
    layout: Layout,
    kind: str,
    kernels: Kernels,
    draw: Callable[..., Any],
    as_kind: Callable[..., Any],
) -> None:
    # A tied decoder's is its encoder's, transposed; joblib hands on read-only ones.
    example = draw((5, 65, 33), dtype="float32")
    x, rest = as_kind(example.x, kind), (example.bias, example.sign, True)
    result = kernels.forward(x, layout(example.weight), *rest)
    expected = kernels.forward(x, example.weight, *rest)
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("layout", [other_byte_order, halves], ids=lambda each: each.__name__)
def test_a_weight_of_a_type_that_no_kernel_has_is_refused(
    layout: Layout, kernels: Kernels, draw: Callable[..., Any]
) -> None:
    example = draw((5, 6, 4), dtype="float32")
    with pytest.raises(TypeError):
        kernels.forward(example.x, layout(example.weight), example.bias, example.sign, True)


@pytest.mark.parametrize("kind", ["dense", "csr"])
def test_doubles_given_to_a_layer_of_floats(
    kind: str, kernels: Kernels, draw: Callable[..., Any], as_kind: Callable[..., Any]
) -> None:
    example = draw((5, 65, 33), share=0.4)  # in double precision
    layer, results = example.astype(np.float32), []
    for given in (layer, example):
        x, weight, bias = as_kind(given.x, kind), layer.weight.copy(), layer.bias.copy()
        below = kernels.backward(
            x, given.delta, weight, bias, Step(SGD, 0.1), given.below_sign, 0.3
        )
        forward = kernels.forward(x, layer.weight, layer.bias, layer.sign, True)
        results.append((forward, below, weight, bias))
    for plain, same in zip(*results, strict=True):
        np.testing.assert_allclose(same, plain, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda each: each.__name__)
def test_gradients_of_weights_and_of_the_loss_read_any_layout(
    layout: Layout, kernels: Kernels, draw: Callable[..., Any]
) -> None:
    example = draw((5, 65, 33), dtype="float32")
    np.testing.assert_array_equal(
        kernels.weight_gradient(layout(example.x), layout(example.delta)),
        kernels.weight_gradient(example.x, example.delta),
    )
    cost, delta = kernels.softmax_nll(example.delta, example.target)
    for target in (layout(example.target), layout(example.target.astype(np.int32))):
        same_cost, same_delta = kernels.softmax_nll(layout(example.delta), target)
        # NumPy adds up a strided row in another order.
        assert same_cost == pytest.approx(cost, rel=1e-6)
        np.testing.assert_allclose(same_delta, delta, rtol=1e-5, atol=1e-8)


MOVED = ("weight", "bias", "first", "first_bias", "second", "second_bias")


@pytest.mark.parametrize("mode", ["native", "blas", "reference"])
@pytest.mark.parametrize("layout", (*LAYOUTS, *TYPES), ids=lambda each: each.__name__)
@pytest.mark.parametrize("name", MOVED)
def test_what_moves_is_moved_or_refused(
    name: str, layout: Layout, mode: str, draw: Callable[..., Any]
) -> None:
    if mode == "native" and not native.AVAILABLE:
        pytest.skip("rectinet was installed without a C++ compiler")
    example, kernels = draw((5, 6, 4), dtype="float32"), Kernels(mode)
    rules = {"first": (MOMENTUM, ADAM), "secon": (ADAM,)}.get(name[:5], (SGD, MOMENTUM, ADAM))
    for rule in rules:
        arrays = {"weight": example.weight, "bias": example.bias}
        if rule != SGD:
            arrays |= {"first": np.ones_like(example.weight), "first_bias": np.ones(4, "f4")}
        if rule == ADAM:
            arrays |= {"second": np.ones_like(example.weight), "second_bias": np.ones(4, "f4")}
        moved = {each: array.copy() for each, array in arrays.items()}
        step_once(kernels, rule, example, moved)
        odd = {each: array.copy() for each, array in arrays.items()} | {name: layout(arrays[name])}
        same = odd[name].dtype == np.float32 and odd[name].flags.carray
        if same:
            continue  # this layout is none for a vector
        before = odd[name].copy()
        try:
            step_once(kernels, rule, example, odd)
        except (AssertionError, TypeError, ValueError):
            np.testing.assert_array_equal(odd[name], before)
            if mode == "native":
                for each in arrays.keys() - {name}:
                    np.testing.assert_array_equal(odd[each], arrays[each], err_msg=each)
        else:
            assert mode != "native"
            # Half precision keeps three decimals.
            np.testing.assert_allclose(odd[name], moved[name], rtol=2e-3, atol=2e-3)


def step_once(kernels: Kernels, rule: int, example: Any, arrays: dict[str, np.ndarray]) -> None:
    buffers = {name: array for name, array in arrays.items() if name not in ("weight", "bias")}
    kernels.backward(
        example.x, example.delta, arrays["weight"], arrays["bias"], Step(rule, 0.1, 0.9, **buffers)
    )


@pytest.mark.parametrize("kind", ["dense", "csr"])
@pytest.mark.parametrize(
    "wrong", ["x narrow", "x wide", "delta short", "delta narrow", "bias", "sign", "below_sign"]
)
def test_wrong_shapes_are_refused(
    wrong: str,
    kind: str,
    kernels: Kernels,
    draw: Callable[..., Any],
    as_kind: Callable[..., Any],
) -> None:
    example = draw((5, 6, 4))
    changes = {
        "x narrow": {"x": example.x[:, 1:]},
        "x wide": {"x": np.pad(example.x, ((0, 0), (0, 1)))},
        "delta short": {"delta": example.delta[1:]},
        "delta narrow": {"delta": example.delta[:, 1:]},
        "bias": {"bias": example.bias[1:]},
        "sign": {"sign": example.sign[1:]},
        "below_sign": {"below_sign": example.below_sign[1:]},
    }
    odd = replace(example, **changes[wrong])
    x, before = as_kind(odd.x, kind), odd.weight.copy()
    if wrong[0] in "xbs" and wrong != "below_sign":
        with pytest.raises(ValueError):
            kernels.forward(x, odd.weight, odd.bias, odd.sign, True)
    if wrong != "sign":
        for below_sign in (None, odd.below_sign):
            if below_sign is None and wrong == "below_sign":
                continue
            with pytest.raises(ValueError):
                kernels.backward(
                    x, odd.delta, odd.weight, odd.bias, Step(SGD, 0.1), below_sign, 0.0
                )
    np.testing.assert_array_equal(odd.weight, before)


@pytest.mark.parametrize(
    ("rule", "present"),
    [(SGD, ("first",)), (MOMENTUM, ()), (ADAM, ("first",)), (MOMENTUM, ("first", "second"))],
)
def test_buffers_must_be_those_of_the_rule(
    rule: int, present: tuple[str, ...], compiled: Kernels, draw: Callable[..., Any]
) -> None:
    example = draw((5, 6, 4))
    buffers = {name: np.zeros((6, 4)) for name in present}
    buffers |= {f"{name}_bias": np.zeros(4) for name in present}
    with pytest.raises(ValueError, match="buffers are missing, or there are too many"):
        compiled.backward(
            example.x, example.delta, example.weight, example.bias, Step(rule, 0.1, **buffers)
        )
