"""Whether two means differ by more than chance, as far as their intervals tell."""

from __future__ import annotations

from dataclasses import dataclass

from rectinet.studies import Summary


@dataclass(frozen=True)
class Comparison:
    """Two means beside each other.

    Attributes:
        difference: second mean minus first.
        distinguishable: whether the two 95% intervals are apart; None where one of the means has
            no interval, because it comes from a single run.
    """

    difference: float
    distinguishable: bool | None

    @classmethod
    def of(cls, first: Summary, second: Summary) -> Comparison:
        """Compare two means by their intervals."""
        difference = second.mean - first.mean
        if first.half_width is None or second.half_width is None:
            return cls(difference, None)
        return cls(difference, abs(difference) > first.half_width + second.half_width)


def inside(value: float, summary: Summary) -> bool | None:
    """Return whether `value` lies in the 95% interval of a mean; None if there is no interval."""
    if summary.half_width is None:
        return None
    return abs(value - summary.mean) <= summary.half_width
