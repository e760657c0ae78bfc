"""The forward pass: every kernel computes ``sign * max(0, x @ weight + bias)``."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rectinet.kernels import Kernels, reference

EXAMPLES = (0, 1, 3, 4, 5, 10, 33, 40)
UNITS = (1, 2, 3, 7, 8, 9, 31, 33, 64, 65, 130, 520)
SHAPES = [
    *((n, 7, n_out) for n in EXAMPLES for n_out in UNITS),
    # Inputs in several blocks, for every width of vectors; examples in several groups or parts.
    *((n, n_in, n_out) for n in (1, 5, 40) for n_in in (1, 65, 1100) for n_out in (1, 33, 130)),
    (40, 1100, 520),
    (5, 2100, 33),
    # More examples than are listed at a time.
    (520, 9, 33),
]
SHARES = (0.0, 0.2, 1.0)
DTYPES = ("float32", "float64")


@pytest.fixture
def assert_forward(
    gamma: Callable[..., float], assert_within: Callable[..., None]
) -> Callable[..., None]:
    """Return a check of both kinds of units on one input."""

    def check(kernels: Kernels, x: Any, example: Any, name: object) -> None:
        exact, dtype, terms = example.astype(np.float64), example.weight.dtype, x.shape[1] + 1
        size = np.abs(exact.x) @ np.abs(exact.weight) + np.abs(exact.bias)
        for rectify in (True, False):
            layer = example.weight, example.bias, example.sign, rectify
            result = kernels.forward(x, *layer)
            oracle = reference.forward(exact.x, exact.weight, exact.bias, exact.sign, rectify)
            assert result.dtype == dtype
            assert_within(result, oracle, gamma(terms, dtype) * size, terms, (name, rectify))

    return check


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_forward_is_its_formula(
    shape: tuple[int, int, int],
    kernels: Kernels,
    draw: Callable[..., Any],
    as_kind: Callable[..., Any],
    assert_forward: Callable[..., None],
) -> None:
    for dtype, share in itertools.product(DTYPES, SHARES):
        example = draw(shape, share=share, dtype=dtype)
        for kind in ("dense", "csr"):
            assert_forward(kernels, as_kind(example.x, kind), example, (dtype, share, kind))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", ["denormal", "huge"])
def test_numbers_of_extreme_size(
    scale: str,
    dtype: str,
    kernels: Kernels,
    draw: Callable[..., Any],
    as_kind: Callable[..., Any],
    assert_forward: Callable[..., None],
) -> None:
    example = draw((5, 65, 33), share=0.7, dtype=dtype)
    # A thousand steps above 0: far below the smallest number of full precision.
    tiny = float(np.finfo(dtype).smallest_subnormal) * 1000
    factor = {"denormal": tiny, "huge": 1e30}[scale]
    for array in (example.x, example.bias):
        array *= factor
    assert example.x.any()
    for kind in ("dense", "csr"):
        assert_forward(kernels, as_kind(example.x, kind), example, kind)


@pytest.mark.parametrize("share", SHARES)
def test_a_negative_zero_is_a_zero(
    share: float, kernels: Kernels, draw: Callable[..., Any]
) -> None:
    example = draw((5, 65, 33), share=share)
    layer = example.weight, example.bias, example.sign, True
    negative = np.where(example.x == 0, -0.0, example.x)
    assert np.signbit(negative).any()
    np.testing.assert_array_equal(
        kernels.forward(negative, *layer), kernels.forward(example.x, *layer)
    )


@pytest.mark.parametrize("kind", ["dense", "csr"])
@pytest.mark.parametrize("share", [0.2, 1.0])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_goes_through(
    value: float,
    share: float,
    kind: str,
    kernels: Kernels,
    draw: Callable[..., Any],
    as_kind: Callable[..., Any],
) -> None:
    # The bad one is in the group of the first four examples where these are done together.
    example, bad = draw((5, 65, 33), share=share, dtype="float32"), 2
    example.x[bad, 30] = value
    example.weight[example.weight == 0] = 1  # infinity times 0 would be NaN
    for rectify in (True, False):
        layer = example.weight, example.bias, example.sign, rectify
        result = kernels.forward(as_kind(example.x, kind), *layer)
        oracle = reference.forward(example.x, *layer)
        np.testing.assert_array_equal(np.isnan(result), np.isnan(oracle))
        infinite = np.isinf(oracle)
        np.testing.assert_array_equal(result[infinite], oracle[infinite])
        assert np.isnan(oracle).any() == np.isnan(value)
        assert not np.isfinite(oracle[bad]).all()
        assert np.isfinite(np.delete(result, bad, axis=0)).all()


def test_the_rectifier_keeps_nan(kernels: Kernels) -> None:
    one = np.ones(1)
    for x in (np.array([[np.nan]]), np.array([[np.inf, -np.inf]])):
        weight = np.ones((x.shape[1], 1))
        assert np.isnan(kernels.forward(x, weight, 0 * one, one, True)).all()
