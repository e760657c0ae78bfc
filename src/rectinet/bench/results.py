"""What was measured, as plain data that goes to JSON and comes back."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from rectinet.bench.memory import Floor
from rectinet.bench.timing import median_ratio

FORMAT = 1


@dataclass(frozen=True)
class Measurement:
    """One contender's times in one case.

    Attributes:
        name, version: of the contender.
        threads: how many it used; the faster of one and all.
        seconds: per step or call, one entry per round.
        difference: largest difference of its check numbers from the first contender's, relative
            to the largest of these.
    """

    name: str
    version: str
    threads: int
    seconds: tuple[float, ...]
    difference: float = 0.0

    @property
    def median(self) -> float:
        """Median seconds per step or call."""
        return statistics.median(self.seconds)


@dataclass(frozen=True)
class Case:
    """All contenders on one task.

    Attributes:
        settings: what the task was, e.g. ``{"hidden": [1000, 1000, 1000], "batch": 10}``.
        zeros: measured share of zeros.
        measurements: the contender to which the others are compared comes first.
        absent: by name of a contender, why it did not take part.
        floor: the memory floor, in training.
    """

    settings: Mapping[str, Any]
    zeros: float
    measurements: tuple[Measurement, ...]
    absent: Mapping[str, str] = field(default_factory=dict)
    floor: Floor | None = None

    @property
    def ours(self) -> Measurement:
        """The first measurement."""
        return self.measurements[0]

    @property
    def ratios(self) -> dict[str, float]:
        """By name, how many times longer than ours the others took: median over rounds."""
        return {
            each.name: median_ratio(each.seconds, self.ours.seconds)
            for each in self.measurements[1:]
        }

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values: the raw times, and for readers the medians and ratios."""
        measurements = [asdict(each) | {"median": each.median} for each in self.measurements]
        return {
            "settings": dict(self.settings),
            "zeros": self.zeros,
            "measurements": measurements,
            "ratios": self.ratios,
            "absent": dict(self.absent),
            "floor": asdict(self.floor) if self.floor else None,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_json` returned."""
        names = ("name", "version", "threads", "difference")
        floor = values["floor"]
        return cls(
            settings=values["settings"],
            zeros=values["zeros"],
            measurements=tuple(
                Measurement(**{key: each[key] for key in names}, seconds=tuple(each["seconds"]))
                for each in values["measurements"]
            ),
            absent=values["absent"],
            floor=Floor(**floor) if floor else None,
        )


@dataclass(frozen=True)
class Report:
    """One run of the command.

    Attributes:
        task: training, inference or kernels.
        machine: where; see `machine.describe`.
        cases: what was measured.
        interrupted: whether Ctrl-C ended it.
    """

    task: str
    machine: Mapping[str, Any]
    cases: tuple[Case, ...]
    interrupted: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "format": FORMAT,
            "task": self.task,
            "machine": dict(self.machine),
            "interrupted": self.interrupted,
            "cases": [case.to_json() for case in self.cases],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_json` returned."""
        cases = tuple(Case.from_json(case) for case in values["cases"])
        return cls(values["task"], values["machine"], cases, values["interrupted"])
