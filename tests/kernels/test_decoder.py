"""A decoder's step on some outputs: kernel against reference, any number of threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rectinet.kernels import (
    CROSS_ENTROPY,
    LINEAR,
    RECTIFIER,
    SOFTPLUS,
    Cost,
    Kernels,
    Pairs,
    native,
    reference,
)

COSTS = {
    "cross-entropy": Cost(CROSS_ENTROPY),
    "linear": Cost(LINEAR),
    "softplus": Cost(SOFTPLUS),
    "sharp softplus": Cost(SOFTPLUS, 3.0),
    "rectifier": Cost(RECTIFIER),
}
# (examples, hidden units, outputs): ones, odd ones, blocks of 16 outputs and tiles of columns that
# are full, or have one more or one less.
SHAPES = [(1, 1, 1), (3, 7, 5), (10, 130, 17), (5, 257, 33), (9, 640, 15), (2, 64, 300)]


def pairs_of(chosen: np.ndarray, dtype: str, random: np.random.Generator) -> Pairs:
    """Return pairs where `chosen`, shape (outputs, examples), says so, with drawn targets."""
    output, example = np.nonzero(chosen)
    used, first = np.unique(output, return_index=True)
    return Pairs(
        used,
        np.append(first, len(output)),
        example.astype(np.int32),
        (random.random(len(output)) * (random.random(len(output)) < 0.5)).astype(dtype),
        random.choice([1.0, 100.0], len(output)).astype(dtype),
    )


class Problem:
    """A code, half of it zeros, a decoder, and the pairs."""

    def __init__(
        self,
        shape: tuple[int, int, int],
        share: float,
        dtype: str,
        random: np.random.Generator,
    ):
        n, n_hidden, n_outputs = shape
        code = np.maximum(random.standard_normal((n, n_hidden)), 0) / np.sqrt(n_hidden)
        self.code = code.astype(dtype)
        self.weight = random.standard_normal((n_outputs, n_hidden)).astype(dtype)
        self.bias = random.standard_normal(n_outputs).astype(dtype)
        self.pairs = pairs_of(random.random((n_outputs, n)) < share, dtype, random)

    def step(self, kernels: Any, cost: Cost, rate: float = 0.1) -> tuple[Any, ...]:
        """Return the mean cost, the gradient, and weight and bias after the step."""
        weight, bias = self.weight.copy(), self.bias.copy()
        mean, gradient = kernels.decoder_step(self.code, self.pairs, weight, bias, rate, cost)
        return mean, gradient, weight, bias


@pytest.mark.parametrize("cost", COSTS.values(), ids=COSTS)
@pytest.mark.parametrize("share", [0.0, 0.1, 1.0], ids=["no pairs", "a tenth", "all pairs"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_kernel_does_what_the_reference_says(
    shape: tuple[int, int, int],
    share: float,
    cost: Cost,
    compiled: Kernels,
    random: np.random.Generator,
) -> None:
    problem = Problem(shape, share, "float64", random)
    for ours, oracle in zip(
        problem.step(compiled, cost), problem.step(reference, cost), strict=True
    ):
        # Sums of up to 640 products of numbers around 1, weighted by up to 100.
        np.testing.assert_allclose(ours, oracle, rtol=1e-11, atol=1e-11)


def test_single_precision_is_the_same_up_to_its_rounding(
    compiled: Kernels, random: np.random.Generator
) -> None:
    problem = Problem((10, 300, 70), 0.3, "float32", random)
    for ours, oracle in zip(
        problem.step(compiled, COSTS["cross-entropy"]),
        problem.step(reference, COSTS["cross-entropy"]),
        strict=True,
    ):
        np.testing.assert_allclose(ours, oracle, rtol=1e-4, atol=1e-4)


def test_the_order_of_examples_does_not_matter(
    compiled: Kernels, random: np.random.Generator
) -> None:
    problem = Problem((5, 70, 20), 1.0, "float64", random)
    in_order = problem.step(compiled, COSTS["linear"])
    order = np.concatenate([random.permutation(5) + 5 * k for k in range(20)])
    example, target, weight = (each[order] for each in problem.pairs[2:])
    problem.pairs = problem.pairs._replace(example=example, target=target, weight=weight)
    for ours, expected in zip(problem.step(compiled, COSTS["linear"]), in_order, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("cost", COSTS.values(), ids=COSTS)
def test_the_reference_goes_down_the_slope_of_its_cost(
    cost: Cost, assert_slopes: Callable[..., None], random: np.random.Generator
) -> None:
    problem = Problem((4, 9, 6), 0.5, "float64", random)
    rate = 0.1
    _, gradient, weight, bias = problem.step(reference, cost, rate)
    parameters = [problem.code, problem.weight, problem.bias]
    slopes = [gradient, (problem.weight - weight) / rate, (problem.bias - bias) / rate]
    assert_slopes(lambda: problem.step(reference, cost)[0], parameters, slopes, random)


def test_hand_worked(compiled: Kernels) -> None:
    """Two examples, two hidden units; output 0 is not sampled, output 1 by both examples."""
    code = np.array([[1.0, 2.0], [0.0, 1.0]])
    weight, bias = np.array([[5.0, 5.0], [1.0, -1.0]]), np.array([7.0, 0.5])
    one, two = np.ones(2), np.array([0, 1], np.int32)
    pairs = Pairs(np.array([1]), np.array([0, 2]), two, np.array([0.5, 0.0]), one)
    mean, gradient = compiled.decoder_step(code, pairs, weight, bias, 0.1, Cost(LINEAR))
    # z = 1 - 2 + 0.5 = -0.5 and -1 + 0.5 = -0.5; differences -1 and -0.5; costs 1 and 0.25.
    assert mean == pytest.approx(0.625)
    # The slopes, over two examples: -1 and -0.5.
    np.testing.assert_allclose(gradient, [[-1.0, 1.0], [-0.5, 0.5]])
    np.testing.assert_allclose(weight, [[5.0, 5.0], [1 + 0.1, -1 + 0.1 * (2 + 0.5)]])
    np.testing.assert_allclose(bias, [7.0, 0.5 + 0.15])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("share", [0.2, 1.0])
def test_one_and_two_threads_give_the_same_bits(
    share: float,
    dtype: str,
    compiled: Kernels,
    two_threads: Callable[[int], Any],
    random: np.random.Generator,
) -> None:
    problem, results = Problem((10, 300, 400), share, dtype, random), []
    for count in (1, 2):
        with two_threads(count):
            assert native.threads() == count
            results.append(problem.step(compiled, COSTS["cross-entropy"]))
    for one, two in zip(*results, strict=True):
        np.testing.assert_array_equal(one, two)


DAMAGES: dict[str, Callable[[Pairs], dict[str, Any]]] = {
    "output too large": lambda pairs: {"output": pairs.output + 1},
    "output below 0": lambda pairs: {"output": pairs.output - 1},
    "output twice": lambda pairs: {"output": pairs.output // 2},
    "start too late": lambda pairs: {"start": pairs.start + 1},
    "start descends": lambda pairs: {"start": np.array([0, 3, 2, *pairs.start[3:]])},
    "a start too few": lambda pairs: {"start": pairs.start[:-1]},
    "example too large": lambda pairs: {"example": pairs.example + 1},
    "example below 0": lambda pairs: {"example": pairs.example - 1},
    "too few targets": lambda pairs: {"target": pairs.target[1:]},
    "too few weights": lambda pairs: {"weight": pairs.weight[1:]},
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_pairs_that_are_none_are_refused(
    damage: Callable[[Pairs], dict[str, Any]], compiled: Kernels, random: np.random.Generator
) -> None:
    problem = Problem((2, 3, 5), 1.0, "float64", random)
    problem.pairs = problem.pairs._replace(**damage(problem.pairs))
    with pytest.raises(ValueError, match=r"is not one|start|entries where|ascend"):
        problem.step(compiled, COSTS["linear"])


def test_a_weight_that_would_be_copied_is_refused(
    compiled: Kernels, random: np.random.Generator
) -> None:
    problem = Problem((2, 3, 5), 1.0, "float64", random)
    weight = np.asfortranarray(problem.weight)
    with pytest.raises(AssertionError, match="C-contiguous"):
        compiled.decoder_step(
            problem.code, problem.pairs, weight, problem.bias, 0.1, COSTS["linear"]
        )
