"""Where the numbers of a report come from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from rectinet.report.wording import plural
from rectinet.studies import StudyResults


@dataclass(frozen=True)
class Provenance:
    """What a reader needs to trust, or to repeat, a study.

    Attributes:
        study, dataset, protocol: which study.
        version: of rectinet, as the study folder has it.
        newest: day (UTC) on which the newest result was finished.
        n_classifiers, n_stacks, n_baselines: finished runs of each kind.
        n_diverged: runs that ended without figures.
        unfinished: names of the runs that are still to be done.
        seconds: computation of all finished runs together, each on one core.
        checksums: SHA-256 of the data, each with the seeds that saw it (where the split depends
            on the seed, so does the checksum).
        commands: those that ran the study.
        machines: processor, cores and versions in words, each with its number of runs.
    """

    study: str
    dataset: str
    protocol: str
    version: str
    newest: date
    n_classifiers: int
    n_stacks: int
    n_baselines: int
    n_diverged: int
    unfinished: tuple[str, ...]
    seconds: float
    checksums: tuple[tuple[str, tuple[int, ...]], ...]
    commands: tuple[str, ...]
    machines: tuple[tuple[str, int], ...]

    @property
    def n_finished(self) -> int:
        """Finished runs."""
        return self.n_classifiers + self.n_stacks + self.n_baselines + self.n_diverged

    @property
    def finished(self) -> str:
        """How many runs are finished, of which kinds, in words."""
        words = [
            plural(self.n_classifiers, "classifier"),
            plural(self.n_stacks, "pre-trained stack"),
        ]
        if self.n_baselines:
            words.append(plural(self.n_baselines, "linear model"))
        if self.n_diverged:
            words.append(f"{self.n_diverged} diverged")
        return f"{self.n_finished} of {self.n_runs} finished: {', '.join(words)}"

    @property
    def n_runs(self) -> int:
        """Runs of the study, finished or not."""
        return self.n_finished + len(self.unfinished)


def provenance(results: StudyResults) -> Provenance:
    """Collect it from the finished runs."""
    runs = results.runs
    seeds: dict[str, set[int]] = defaultdict(set)
    for run in runs:
        seeds[run.values["dataset_checksum"]].add(int(run.spec["seed"]))
    newest = max(datetime.fromisoformat(run.values["finished"]) for run in runs)
    machines = Counter(_machine(run.values.get("machine", {})) for run in runs)
    found = results.description
    return Provenance(
        study=str(found["study"]),
        dataset=results.dataset,
        protocol=str(found["protocol"]),
        version=str(found["rectinet"]),
        newest=newest.astimezone(UTC).date(),
        n_classifiers=len(results.classifiers),
        n_stacks=len(results.stacks),
        n_baselines=len(results.baselines),
        n_diverged=len(results.diverged),
        unfinished=results.unfinished_runs,
        seconds=sum(run.values["seconds"] for run in runs),
        checksums=tuple(
            sorted(
                ((checksum, tuple(sorted(those))) for checksum, those in seeds.items()),
                key=lambda entry: entry[1],
            )
        ),
        commands=tuple(found.get("commands", ())),
        machines=tuple((machine, n) for machine, n in machines.items() if machine),
    )


def _machine(values: Mapping[str, Any]) -> str:
    """Put what `rectinet.machine.describe` returned into words; empty for older results."""
    if not values:
        return ""
    return (
        f"{values['processor']}, {plural(values['cores'], 'core')}, {values['system']}; Python "
        f"{values['python']}, NumPy {values['numpy']}, rectinet {values['rectinet']}, "
        f"{values['kernels']} kernels ({values['instructions']})"
    )
