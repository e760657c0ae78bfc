"""Whether two settings differ by more than chance, as far as intervals over seeds tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rectinet.studies import Summary


@dataclass(frozen=True)
class Comparison:
    """Two settings beside each other, over the seeds that both have.

    All runs of a seed share the split, the labels and the test examples, so the difference is
    taken within each seed: what makes a seed easy or hard for both drops out of it.

    Attributes:
        first, second: mean error of each, over the seeds that both have.
        difference: mean over these seeds of second minus first.
        half_width: of the 95% interval of that mean; None for a single seed.
        unpaired: seeds that only one of the two has.
    """

    first: Summary
    second: Summary
    difference: float
    half_width: float | None
    unpaired: int

    @classmethod
    def paired(cls, first: Mapping[int, float], second: Mapping[int, float]) -> Comparison | None:
        """Compare two settings by their errors by seed; None if they have no seed in common."""
        seeds = sorted(first.keys() & second.keys())
        if not seeds:
            return None
        differences = Summary.of(second[seed] - first[seed] for seed in seeds)
        return cls(
            first=Summary.of(first[seed] for seed in seeds),
            second=Summary.of(second[seed] for seed in seeds),
            # Errors are shares of whole examples: less than this is a tie and rounding.
            difference=round(differences.mean, 12),
            half_width=differences.half_width,
            unpaired=len(first.keys() ^ second.keys()),
        )

    @property
    def distinguishable(self) -> bool | None:
        """Whether the interval of the difference excludes zero; None where there is no interval."""
        return None if self.half_width is None else abs(self.difference) > self.half_width


def inside(value: float, summary: Summary) -> bool | None:
    """Return whether `value` lies in the 95% interval of a mean; None if there is no interval."""
    if summary.half_width is None:
        return None
    return abs(value - summary.mean) <= summary.half_width
