"""Which outputs are sampled, and that the mean of the sampled gradient is the exact one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.errors import SettingError
from rectinet.kernels import CROSS_ENTROPY, LINEAR, RECTIFIER, SOFTPLUS, Cost, Pairs, reference
from rectinet.nn import OutputSampler, ReconstructionSampling, SampledOutputs

TARGET = np.array([[0.0, 0.7, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
# In the first row the 0.7 was dropped and a one was added; the rest is 5 of 8 outputs.
CORRUPTED = np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
CERTAIN = {(0, 1), (0, 2), (1, 0)}


def by_output(sampled: SampledOutputs) -> Pairs:
    order = np.lexsort((sampled.example, sampled.output))
    used, first = np.unique(sampled.output[order], return_index=True)
    arrays = (sampled.example[order], sampled.target[order], sampled.weight[order])
    return Pairs(used, np.append(first, len(order)), *arrays)


# Word 0 is in every second document, and the probability of drawing it is nearly certain.
FREQUENCY = np.array([0.5, 0.1, 0.2, 0.0])
UNIFORM = ReconstructionSampling(0.3, by_frequency=False)
BY_FREQUENCY = ReconstructionSampling(0.3)
REST = [(0, 0), (0, 3), (1, 1), (1, 2), (1, 3)]


class Hits:
    """A source of a Poisson process that hits the given pairs, each as often as it is given."""

    def __init__(self, pairs: list[tuple[int, int]], probability: np.ndarray):
        self._pairs = sorted(pairs, key=lambda pair: pair[1])  # hits are sorted
        rate = -np.log1p(-probability)
        self._middle = (np.cumsum(rate) - rate / 2) / rate.sum()

    def poisson(self, mean: float) -> int:
        return len(self._pairs)

    def random(self, size: int) -> np.ndarray:
        return np.array([self._middle[output] for _, output in self._pairs])

    def integers(self, n: int, size: int) -> np.ndarray:
        return np.array([example for example, _ in self._pairs], np.int64)


@pytest.fixture
def draw(successes: Callable[..., Any]) -> Callable[..., SampledOutputs]:
    """Return a function that samples the given of the remaining pairs."""

    def make(sampling: ReconstructionSampling, pairs: Sequence[tuple[int, int]]) -> SampledOutputs:
        sampler = OutputSampler(sampling, FREQUENCY)
        if sampling.by_frequency and sampling.ratio < 1:
            # Pairs that are hit twice, or sampled anyway, are there once.
            hits = [*pairs, *pairs[:1], *CERTAIN]
            source: Any = Hits(hits, sampling.probabilities(FREQUENCY))
        else:
            source = successes([REST.index(pair) for pair in pairs])
        return sampler.draw(csr_array(TARGET), csr_array(CORRUPTED), source)

    return make


def test_half_of_the_share_goes_by_frequency() -> None:
    # The mean frequency is 0.2: 0.15 to each, and 0.15 times 2.5, 0.5, 1 and 0.
    np.testing.assert_allclose(BY_FREQUENCY.probabilities(FREQUENCY), [0.525, 0.225, 0.3, 0.15])
    np.testing.assert_allclose(UNIFORM.probabilities(FREQUENCY), 0.3)
    for ratio in (0.001, 0.3, 0.9, 1.0):
        probability = ReconstructionSampling(ratio).probabilities(FREQUENCY)
        assert (probability > 0).all()
        assert (probability <= 1).all()
        assert probability.mean() <= ratio * (1 + 1e-12)
    nothing_known = ReconstructionSampling(0.3).probabilities(np.zeros(4))
    np.testing.assert_allclose(nothing_known, 0.3)


every_sampling = pytest.mark.parametrize(
    "sampling", [UNIFORM, BY_FREQUENCY], ids=["uniform", "by frequency"]
)


@every_sampling
@pytest.mark.parametrize("weighted", [True, False], ids=["weighted", "unweighted"])
def test_certain_outputs_and_those_drawn(
    weighted: bool, sampling: ReconstructionSampling, draw: Callable[..., SampledOutputs]
) -> None:
    drawn = [(0, 0), (1, 2)]
    sampled = draw(replace(sampling, weighted=weighted), drawn)
    found = {
        (int(e), int(o)): (float(t), float(w)) for e, o, t, w in zip(*sampled[1:], strict=True)
    }
    assert len(found) == len(sampled.output)
    assert found.keys() == CERTAIN | set(drawn)
    probability = sampling.probabilities(FREQUENCY)
    for pair, (target, weight) in found.items():
        assert target == TARGET[pair]
        assert weight == (1 / probability[pair[1]] if weighted and pair in drawn else 1)


@every_sampling
@pytest.mark.parametrize("cost", [CROSS_ENTROPY, LINEAR, SOFTPLUS, RECTIFIER])
def test_the_mean_of_the_sampled_step_is_the_exact_step(
    cost: int,
    sampling: ReconstructionSampling,
    draw: Callable[..., SampledOutputs],
    random: np.random.Generator,
) -> None:
    """Over all 2^5 samples, each with its probability: an expectation, not an estimate of it."""
    code = random.random((2, 3))
    weight, bias = random.standard_normal((4, 3)), random.standard_normal(4)

    def step(sampled: SampledOutputs) -> list[np.ndarray]:
        moved, moved_bias = weight.copy(), bias.copy()
        mean, gradient = reference.decoder_step(
            code, by_output(sampled), moved, moved_bias, 0.1, Cost(cost)
        )
        return [np.array(mean), gradient, moved, moved_bias]

    exact = step(draw(ReconstructionSampling(1.0), REST))
    expectation, total = [np.zeros_like(part) for part in exact], 0.0
    p = sampling.probabilities(FREQUENCY)
    for flags in itertools.product([False, True], repeat=len(REST)):
        pairs = list(itertools.compress(REST, flags))
        probability = math.prod(
            p[output] if flag else 1 - p[output]
            for (_, output), flag in zip(REST, flags, strict=True)
        )
        total += probability
        for part, value in zip(expectation, step(draw(sampling, pairs)), strict=True):
            part += probability * value
    assert total == pytest.approx(1)
    for mean, wanted in zip(expectation, exact, strict=True):
        np.testing.assert_allclose(mean, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "sampling",
    [UNIFORM, BY_FREQUENCY, ReconstructionSampling(0.02), ReconstructionSampling(1.0)],
    ids=str,
)
def test_each_of_the_rest_is_drawn_with_its_probability(sampling: ReconstructionSampling) -> None:
    random, repeats = np.random.default_rng(0), 3000
    counts = np.zeros(TARGET.shape)
    sampler = OutputSampler(sampling, FREQUENCY)
    for _ in range(repeats):
        sampled = sampler.draw(csr_array(TARGET), csr_array(CORRUPTED), random)
        np.add.at(counts, (sampled.example, sampled.output), 1)
    expected = np.tile(sampling.probabilities(FREQUENCY), (2, 1))
    expected[tuple(np.transpose(sorted(CERTAIN)))] = 1
    deviation = np.sqrt(expected * (1 - expected) / repeats)
    assert (np.abs(counts / repeats - expected) <= 5 * deviation).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_without_anything_and_types(dtype: str) -> None:
    empty = csr_array((3, 50), dtype=dtype)
    sampler = OutputSampler(ReconstructionSampling(0.5), np.zeros(50))
    sampled = sampler.draw(empty, empty, np.random.default_rng(0))
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


@pytest.mark.parametrize("name", ["weighted", "by_frequency"])
def test_flags_are_true_or_false(name: str) -> None:
    with pytest.raises(SettingError, match=f"{name} is 'no'"):
        ReconstructionSampling(**{name: "no"})  # type: ignore[arg-type]
