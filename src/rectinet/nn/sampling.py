"""Reconstruction sampling: which outputs of a decoder are computed (Dauphin, Glorot, Bengio 2011).

A sparse input has few ones and tens of thousands of zeros, and nearly all the work of a dense
decoder is to say those zeros. Sampled are the outputs where something is to be learned, and a
random share of the rest; more of the frequent ones, unlike in that paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from rectinet.errors import SettingError
from rectinet.nn.entries import canonical, distinct, draw_absent, positions

Array = np.ndarray[Any, np.dtype[Any]]

# Of an output that is drawn by frequency: certainty would take a rate that is not finite.
_LIKELIEST = 0.9


class SampledOutputs(NamedTuple):
    """Pairs of an example and an output that it sampled, none twice, in any order.

    Attributes:
        n_outputs: how many outputs there are.
        example: of each pair, shape (n_pairs,), int32.
        output: of each pair, shape (n_pairs,), int64.
        target: what the output should say, shape (n_pairs,).
        weight: factor of the pair's cost, shape (n_pairs,).
    """

    n_outputs: int
    example: Array
    output: Array
    target: Array
    weight: Array


@dataclass(frozen=True)
class ReconstructionSampling:
    """Which outputs of a decoder are computed, for sparse targets.

    Those where the target is not 0, those where the noise added something, and each of the others
    with some probability. With weights 1 / probability, the gradient's mean over the draws is the
    gradient of all outputs.

    Attributes:
        ratio: share of the other outputs, above 0 and up to 1.
        weighted: whether the cost of an output that was drawn counts 1 / probability times;
            without (as in the first author's code) zeros count for less than they should, and a
            step deviates less from the next.
        by_frequency: whether half of the share goes to frequent outputs, each in proportion to how
            often it is not 0; otherwise all have the same probability. A decoder soon knows that
            rare words are rare; what is left to learn of zeros is in the frequent ones.

    Raises:
        SettingError: if a setting is out of range.
    """

    ratio: float = 0.01
    weighted: bool = True
    by_frequency: bool = True

    def __post_init__(self) -> None:
        number = isinstance(self.ratio, int | float) and not isinstance(self.ratio, bool)
        if not number or not 0 < self.ratio <= 1:
            raise SettingError(
                f"ratio is {self.ratio!r}; give a share of the outputs, above 0 and up to 1, such "
                "as 0.01"
            )
        for name in ("weighted", "by_frequency"):
            if not isinstance(getattr(self, name), bool | np.bool_):
                raise SettingError(
                    f"{name} is {getattr(self, name)!r} in the reconstruction sampling; give True "
                    "or False"
                )

    def probabilities(self, frequency: Array) -> Array:
        """Return each output's probability where the draw decides, shape (n_outputs,).

        Args:
            frequency: in which share of the examples each output is not 0, shape (n_outputs,).
        """
        mean = float(frequency.mean())
        if not self.by_frequency or self.ratio == 1 or mean == 0:
            return np.full(len(frequency), float(self.ratio))
        half = self.ratio / 2
        return np.minimum(half + half / mean * frequency, _LIKELIEST)


class OutputSampler:
    """Draws the outputs of minibatches.

    Args:
        sampling: the settings.
        frequency: in which share of the training examples each output is not 0, (n_outputs,).
    """

    def __init__(self, sampling: ReconstructionSampling, frequency: Array):
        self._weighted = sampling.weighted
        self._probability = sampling.probabilities(frequency)
        self._alike = bool((self._probability == self._probability[0]).all())
        if not self._alike:
            self._until = np.cumsum(-np.log1p(-self._probability))

    def draw(
        self, target: csr_array, corrupted: csr_array, random: np.random.Generator
    ) -> SampledOutputs:
        """Choose outputs for a minibatch.

        Args:
            target: clean inputs, shape (n, n_outputs).
            corrupted: the same after the noise.
            random: source of the draws.
        """
        target = canonical(target)
        n_outputs = np.int64(target.shape[1])
        wanted = positions(target)
        certain = distinct(np.concatenate([wanted, positions(canonical(corrupted))]))
        drawn = self._draw_rest(certain, target.shape[0], random)
        example, output = np.divmod(np.concatenate([certain, drawn]), n_outputs)
        pair_target = np.zeros(len(output), target.dtype)
        pair_target[np.searchsorted(certain, wanted)] = target.data
        weight = np.ones(len(output), target.dtype)
        if self._weighted:
            weight[len(certain) :] = 1 / self._probability[output[len(certain) :]]
        return SampledOutputs(int(n_outputs), example.astype(np.int32), output, pair_target, weight)

    def _draw_rest(self, certain: Array, n: int, random: np.random.Generator) -> Array:
        """Return the positions of those that are drawn among the others."""
        n_outputs = len(self._probability)
        if self._alike:
            return draw_absent(certain, n * n_outputs, self._probability[0], random)
        # Events of a Poisson process hit a pair of the rate -log(1 - p) at least once with the
        # probability p, each pair independently of the others.
        total = self._until[-1]
        hits = np.sort(random.random(random.poisson(n * total)) * total)  # which are found faster
        output = np.minimum(np.searchsorted(self._until, hits, side="right"), n_outputs - 1)
        position = distinct(random.integers(n, size=len(hits)) * n_outputs + output)
        if not len(certain):
            return position
        at = np.minimum(np.searchsorted(certain, position), len(certain) - 1)
        return np.asarray(position[certain[at] != position])
