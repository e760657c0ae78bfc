"""The backward pass: what is passed down, and how every rule moves the layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rectinet.kernels import ADAM, GRADIENT, MOMENTUM, SGD, Kernels, Step, reference

# Every number of examples and of units of the forward pass's tests, rows in several chunks, units
# in several tiles, and up to and above the four examples in which one pass does everything. Of 87
# rows, those after the first chunk of 64 fill vectors of every width and a part of one more: for
# layers of up to 16 units, with which vectors run over rows; a shape for each type.
SHAPES = [
    (0, 7, 3),
    (1, 1, 1),
    (1, 7, 520),
    (3, 7, 2),
    (4, 65, 7),
    (4, 130, 33),
    (5, 7, 8),
    (5, 1, 31),
    (10, 65, 9),
    (10, 7, 520),
    (10, 1100, 33),
    (12, 87, 16),
    (33, 87, 11),
    (33, 65, 64),
    (40, 7, 65),
    (40, 65, 130),
]
PENALTIES = {"weight_l1": 0.02, "weight_l2": 0.03}
RULES = {
    "sgd": Step(SGD, 0.1),
    "sgd l1": Step(SGD, 0.1, weight_l1=0.02),
    "sgd l2": Step(SGD, 0.1, weight_l2=0.03),
    "sgd l1 l2": Step(SGD, 0.1, **PENALTIES),
    "momentum l1 l2": Step(MOMENTUM, 0.1, 0.9, **PENALTIES),
    "adam l1 l2": Step(ADAM, 0.1, **PENALTIES),
    # The gradient is that of the cost without penalties.
    "gradient": Step(GRADIENT, **PENALTIES),
}
# None: nothing is passed down.
BELOW_L1 = {"dense": (None, 0.3), "csr": (None, 0.0)}
SHARES = (0.0, 0.2, 1.0)
DTYPES = ("float32", "float64")
BUFFERS = ("first", "first_bias", "second", "second_bias")


def with_buffers(step: Step, example: Any, random: np.random.Generator) -> Step:
    """Give a step what its rule keeps, as if many steps had been done before."""
    weight, bias = example.weight, example.bias
    buffers = {}
    if step.rule != SGD:
        buffers["first"] = random.standard_normal(weight.shape).astype(weight.dtype)
        buffers["first_bias"] = random.standard_normal(bias.shape).astype(weight.dtype)
    if step.rule == ADAM:
        buffers["second"] = random.uniform(1, 2, weight.shape).astype(weight.dtype)
        buffers["second_bias"] = random.uniform(1, 2, bias.shape).astype(weight.dtype)
    return step._replace(**buffers)


def copied(step: Step, dtype: Any) -> Step:
    present = {name: getattr(step, name) for name in BUFFERS if getattr(step, name) is not None}
    return step._replace(**{name: buffer.astype(dtype) for name, buffer in present.items()})


def sizes(step: Step, parameter: np.ndarray, slope: np.ndarray, first: Any, second: Any) -> Any:
    """Return how large the terms are of which a moved parameter and its buffers consist.

    Args:
        step: the rule.
        parameter: before the step.
        slope: the sum of the sizes of the gradient's terms.
        first, second: the buffers before the step.

    Returns:
        Three arrays: for the parameter, `first` and `second`.
    """
    if step.rule == SGD:
        return np.abs(parameter) + step.rate * slope, None, None
    if step.rule == GRADIENT:
        return 0 * slope, slope, None
    if step.rule == MOMENTUM:
        velocity = step.momentum * np.abs(first) + step.rate * slope
        return np.abs(parameter) + velocity, velocity, None
    mean, square = np.abs(first) + slope, second + slope**2
    # An error e of the mean moves the parameter by rate e / root, one of the square by
    # rate mean e / (2 root^3); the root stays above 0.9, for the square was 1 or more.
    return np.abs(parameter) + step.rate * (2 * mean + mean * square), mean, square


@pytest.fixture
def assert_backward(
    gamma: Callable[..., float], assert_within: Callable[..., None], random: np.random.Generator
) -> Callable[..., None]:
    """Return a check of one step, and of what is passed down, on one input."""

    def check(
        kernels: Kernels, x: Any, example: Any, step: Step, below_l1: float | None, name: Any
    ) -> None:
        dtype, n, n_out = example.weight.dtype, x.shape[0], example.weight.shape[1]
        step = with_buffers(step, example, random)
        exact, exact_step = example.astype(np.float64), copied(step, np.float64)
        moved, moved_step = example.copy(), copied(step, dtype)
        before, before_step = exact.copy(), copied(exact_step, np.float64)
        passed = () if below_l1 is None else (example.below_sign, below_l1)
        below = kernels.backward(x, moved.delta, moved.weight, moved.bias, moved_step, *passed)
        oracle = reference.backward(
            exact.x, exact.delta, exact.weight, exact.bias, exact_step, *passed
        )

        if below_l1 is None:
            assert below is None
        else:
            assert below.dtype == dtype
            size = np.abs(exact.delta) @ np.abs(before.weight).T + below_l1
            allowed = np.where(exact.x != 0, gamma(n_out + 1, dtype) * size, 0)
            assert_within(below, oracle, allowed, n_out + 1, (name, "below"))

        # A dozen roundings besides the sum over the examples: penalties, rates, squares, the root.
        terms = n + 12
        slopes = {
            "weight": np.abs(exact.x).T @ np.abs(exact.delta),
            "bias": np.abs(exact.delta).sum(axis=0),
        }
        if step.rule != GRADIENT:
            slopes["weight"] += step.weight_l1 + 2 * step.weight_l2 * np.abs(before.weight)
        for which, suffix in (("weight", ""), ("bias", "_bias")):
            buffers = "first" + suffix, "second" + suffix
            former = [getattr(before_step, each) for each in buffers]
            allowed = sizes(step, getattr(before, which), slopes[which], *former)
            results = [getattr(moved, which), *(getattr(moved_step, each) for each in buffers)]
            oracles = [getattr(exact, which), *(getattr(exact_step, each) for each in buffers)]
            for part, result, right, size in zip(
                (which, *buffers), results, oracles, allowed, strict=True
            ):
                if size is not None:
                    # Squaring doubles the relative error.
                    bound = 2 * gamma(terms, dtype) * size
                    assert_within(result, right, bound, terms, (name, part))
        np.testing.assert_array_equal(moved.delta, example.delta)

    return check


# Every two of shape, rule and type meet, with each kind of kernels.
@pytest.mark.parametrize(
    ("shape", "rule", "dtype"),
    [
        pytest.param(shape, rule, DTYPES[(i + j) % 2], id=f"{shape}-{rule}-{DTYPES[(i + j) % 2]}")
        for i, shape in enumerate(SHAPES)
        for j, rule in enumerate(RULES)
    ],
)
def test_backward_is_its_formula(
    shape: tuple[int, int, int],
    rule: str,
    dtype: str,
    kernels: Kernels,
    draw: Callable[..., Any],
    as_kind: Callable[..., Any],
    assert_backward: Callable[..., None],
) -> None:
    for share in SHARES:
        example = draw(shape, share=share, dtype=dtype)
        for kind, strengths in BELOW_L1.items():
            x = as_kind(example.x, kind)
            for below_l1 in strengths:
                name = share, kind, below_l1
                assert_backward(kernels, x, example, RULES[rule], below_l1, name)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", ["sgd", "sgd l1 l2", "momentum l1 l2", "gradient"])
@pytest.mark.parametrize("scale", ["denormal", "huge"])
def test_numbers_of_extreme_size(
    scale: str,
    rule: str,
    dtype: str,
    kernels: Kernels,
    draw: Callable[..., Any],
    as_kind: Callable[..., Any],
    assert_backward: Callable[..., None],
) -> None:
    example = draw((5, 65, 33), share=0.7, dtype=dtype)
    tiny = float(np.finfo(dtype).smallest_subnormal) * 1000
    array = example.x if scale == "denormal" else example.delta
    array *= {"denormal": tiny, "huge": 1e30}[scale]
    for kind in ("dense", "csr"):
        assert_backward(kernels, as_kind(example.x, kind), example, RULES[rule], 0.3, kind)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_weight_gradient_is_its_formula(
    shape: tuple[int, int, int],
    dtype: str,
    kernels: Kernels,
    draw: Callable[..., Any],
    as_kind: Callable[..., Any],
    gamma: Callable[..., float],
    assert_within: Callable[..., None],
) -> None:
    for share in SHARES:
        example = draw(shape, share=share, dtype=dtype)
        exact = example.astype(np.float64)
        allowed = gamma(shape[0], dtype) * (np.abs(exact.x).T @ np.abs(exact.delta))
        for kind in ("dense", "csr"):
            gradient = kernels.weight_gradient(as_kind(example.x, kind), example.delta)
            assert gradient.dtype == dtype
            oracle = exact.x.T @ exact.delta
            assert_within(gradient, oracle, allowed, shape[0], (share, kind))


def test_the_rule_gradient_leaves_the_layer_alone(
    kernels: Kernels, draw: Callable[..., Any], random: np.random.Generator
) -> None:
    example = draw((5, 65, 33))
    moved, step = example.copy(), with_buffers(RULES["gradient"], example, random)
    kernels.backward(moved.x, moved.delta, moved.weight, moved.bias, step)
    np.testing.assert_array_equal(moved.weight, example.weight)
    np.testing.assert_array_equal(moved.bias, example.bias)


@pytest.mark.parametrize("kind", ["dense", "csr"])
def test_a_negative_zero_is_off(
    kind: str, kernels: Kernels, draw: Callable[..., Any], as_kind: Callable[..., Any]
) -> None:
    example = draw((5, 65, 33), share=0.3)
    results = []
    for x in (example.x, np.where(example.x == 0, -0.0, example.x)):
        layer = example.copy()
        below = kernels.backward(
            as_kind(x, kind), layer.delta, layer.weight, layer.bias, RULES["sgd"],
            example.below_sign, 0.3,
        )  # fmt: skip
        results.append((below, layer.weight))
    for plain, negative in zip(*results, strict=True):
        np.testing.assert_array_equal(plain, negative)


@pytest.mark.parametrize("kind", ["dense", "csr"])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_reaches_its_row_of_weights_and_no_other(
    value: float,
    rule: str,
    kind: str,
    kernels: Kernels,
    draw: Callable[..., Any],
    as_kind: Callable[..., Any],
    random: np.random.Generator,
) -> None:
    example, bad = draw((5, 65, 33), share=0.4, dtype="float32"), 30
    example.x[2, bad] = value
    step = with_buffers(RULES[rule], example, random)
    with np.errstate(invalid="ignore"):  # NumPy warns of inf / inf in Adam
        below = kernels.backward(
            as_kind(example.x, kind), example.delta, example.weight, example.bias, step,
            example.below_sign, 0.3,
        )  # fmt: skip
    written = step.first if step.rule == GRADIENT else example.weight
    assert not np.isfinite(written[bad]).any()
    assert np.isfinite(np.delete(written, bad, axis=0)).all()
    assert np.isfinite(example.bias).all()
    # That input is active, and so is passed what any active one is.
    assert np.isfinite(below).all()
    assert below[2, bad] != 0
