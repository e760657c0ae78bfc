"""Which outputs are sampled, and that the mean of the sampled gradient is the exact one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.errors import SettingError
from rectinet.kernels import CROSS_ENTROPY, LINEAR, RECTIFIER, SOFTPLUS, Cost, Pairs, reference
from rectinet.nn import ReconstructionSampling, SampledOutputs

TARGET = np.array([[0.0, 0.7, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
# In the first row the 0.7 was dropped and a one was added; the rest is 5 of 8 outputs.
CORRUPTED = np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
CERTAIN = {(0, 1), (0, 2), (1, 0)}


def by_output(sampled: SampledOutputs) -> Pairs:
    order = np.lexsort((sampled.example, sampled.output))
    used, first = np.unique(sampled.output[order], return_index=True)
    arrays = (sampled.example[order], sampled.target[order], sampled.weight[order])
    return Pairs(used, np.append(first, len(order)), *arrays)


@pytest.fixture
def draw(successes: Callable[..., Any]) -> Callable[..., SampledOutputs]:
    """Return a function that samples, of the remaining outputs, those of the given ranks."""

    def make(sampling: ReconstructionSampling, ranks: tuple[int, ...]) -> SampledOutputs:
        return sampling.draw(csr_array(TARGET), csr_array(CORRUPTED), successes(ranks))

    return make


@pytest.mark.parametrize("weighted", [True, False], ids=["weighted", "unweighted"])
def test_certain_outputs_and_those_drawn(
    weighted: bool, draw: Callable[..., SampledOutputs]
) -> None:
    sampled = draw(ReconstructionSampling(0.2, weighted), (0, 3))
    found = {
        (int(e), int(o)): (float(t), float(w)) for e, o, t, w in zip(*sampled[1:], strict=True)
    }
    # The rest in order: (0, 0), (0, 3), (1, 1), (1, 2), (1, 3).
    drawn = {(0, 0), (1, 2)}
    assert len(found) == len(sampled.output)
    assert found.keys() == CERTAIN | drawn
    for pair, (target, weight) in found.items():
        assert target == TARGET[pair]
        assert weight == (5 if weighted and pair in drawn else 1)


@pytest.mark.parametrize("cost", [CROSS_ENTROPY, LINEAR, SOFTPLUS, RECTIFIER])
def test_the_mean_of_the_sampled_step_is_the_exact_step(
    cost: int, draw: Callable[..., SampledOutputs], random: np.random.Generator
) -> None:
    """Over all 2^5 samples, each with its probability: an expectation, not an estimate of it."""
    ratio, rest = 0.3, TARGET.size - len(CERTAIN)
    code = random.random((2, 3))
    weight, bias = random.standard_normal((4, 3)), random.standard_normal(4)

    def step(sampled: SampledOutputs) -> list[np.ndarray]:
        moved, moved_bias = weight.copy(), bias.copy()
        mean, gradient = reference.decoder_step(
            code, by_output(sampled), moved, moved_bias, 0.1, Cost(cost)
        )
        return [np.array(mean), gradient, moved, moved_bias]

    expectation = [np.zeros_like(part) for part in step(draw(ReconstructionSampling(1.0), ()))]
    total = 0.0
    for size in range(rest + 1):
        for ranks in itertools.combinations(range(rest), size):
            probability = ratio**size * (1 - ratio) ** (rest - size)
            total += probability
            sample = draw(ReconstructionSampling(ratio), ranks)
            for part, value in zip(expectation, step(sample), strict=True):
                part += probability * value
    assert total == pytest.approx(1)
    exact = step(draw(ReconstructionSampling(1.0), tuple(range(rest))))
    for mean, wanted in zip(expectation, exact, strict=True):
        np.testing.assert_allclose(mean, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("ratio", [0.05, 1.0])
def test_each_of_the_rest_is_drawn_with_the_ratio(ratio: float) -> None:
    random, repeats = np.random.default_rng(0), 2000
    counts = np.zeros(TARGET.shape)
    for _ in range(repeats):
        sampled = ReconstructionSampling(ratio).draw(
            csr_array(TARGET), csr_array(CORRUPTED), random
        )
        np.add.at(counts, (sampled.example, sampled.output), 1)
    expected = np.full(TARGET.shape, ratio)
    expected[tuple(np.transpose(sorted(CERTAIN)))] = 1
    deviation = np.sqrt(expected * (1 - expected) / repeats)
    assert (np.abs(counts / repeats - expected) <= 5 * deviation).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_without_anything_and_types(dtype: str) -> None:
    empty = csr_array((3, 50), dtype=dtype)
    sampled = ReconstructionSampling(0.5).draw(empty, empty, np.random.default_rng(0))
    assert sampled.n_outputs == 50
    assert (sampled.target == 0).all()
    assert (sampled.weight == 2).all()
    assert (sampled.example.dtype, sampled.target.dtype, sampled.weight.dtype) == (
        "int32",
        dtype,
        dtype,
    )


@pytest.mark.parametrize("ratio", [0, -0.1, 1.1, math.nan, "0.1", None, True])
def test_ratios_out_of_range_are_refused(ratio: object) -> None:
    with pytest.raises(SettingError, match=r"^ratio is .* above 0 and up to 1"):
        ReconstructionSampling(ratio)  # type: ignore[arg-type]


def test_weighted_is_a_flag() -> None:
    with pytest.raises(SettingError, match="weighted is 'no'"):
        ReconstructionSampling(weighted="no")  # type: ignore[arg-type]
