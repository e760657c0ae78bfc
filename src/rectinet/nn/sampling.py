"""Reconstruction sampling: which outputs of a decoder are computed (Dauphin, Glorot, Bengio 2011).

A sparse input has few ones and tens of thousands of zeros, and nearly all the work of a dense
decoder is to say those zeros. Sampled are the outputs where something is to be learned, and a
random share of the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from rectinet.errors import SettingError
from rectinet.nn.entries import canonical, draw_absent, positions

Array = np.ndarray[Any, np.dtype[Any]]


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
    with probability `ratio`. With weights 1 / probability, the gradient's mean over the draws is
    the gradient of all outputs.

    Attributes:
        ratio: share of the other outputs, above 0 and up to 1.
        weighted: whether the cost of an output that was drawn counts 1 / ratio times; without (as
            in the first author's code) zeros count for less than they should, and a step deviates
            less from the next.

    Raises:
        SettingError: if a setting is out of range.
    """

    ratio: float = 0.01
    weighted: bool = True

    def __post_init__(self) -> None:
        number = isinstance(self.ratio, int | float) and not isinstance(self.ratio, bool)
        if not number or not 0 < self.ratio <= 1:
            raise SettingError(
                f"ratio is {self.ratio!r}; give a share of the outputs, above 0 and up to 1, such "
                "as 0.01"
            )
        if not isinstance(self.weighted, bool | np.bool_):
            raise SettingError(
                f"weighted is {self.weighted!r} in the reconstruction sampling; give True or False"
            )

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
        size = target.shape[0] * n_outputs
        wanted = positions(target)
        certain = np.union1d(wanted, positions(canonical(corrupted)))
        drawn = draw_absent(certain, size, self.ratio, random)
        position = np.concatenate([certain, drawn])
        pair_target = np.zeros(len(position), target.dtype)
        pair_target[np.searchsorted(certain, wanted)] = target.data
        weight = np.ones(len(position), target.dtype)
        if self.weighted:
            weight[len(certain) :] = 1 / self.ratio
        example, output = np.divmod(position, n_outputs)
        return SampledOutputs(int(n_outputs), example.astype(np.int32), output, pair_target, weight)
