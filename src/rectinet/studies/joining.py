"""One study whose runs were done in several places: other seeds, other machines."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from rectinet.errors import StudyError
from rectinet.studies.results import StudyResults, collect

_SEED = re.compile(r"-seed(\d+)-[0-9a-f]+$")
"""The seed in the name of a run's folder."""


def join(parts: Sequence[StudyResults]) -> StudyResults:
    """Return the runs of all parts as one study, in the order of the parts.

    Args:
        parts: at least one. A run that several of them have is taken from the first; one that any
            of them has finished is not unfinished.

    Raises:
        StudyError: if they are not all of the same study, data set and protocol, or plan other runs
            for the same seed: their settings differ.
    """
    first, *others = parts
    commands = list(first.description.get("commands", ()))
    for number, other in enumerate(others, start=1):
        for name in ("study", "dataset", "protocol"):
            here, there = first.description[name], other.description[name]
            if here != there:
                raise StudyError(
                    f"{other.folder} has the {name} {there!r}, {first.folder} {here!r}; join "
                    "folders of one study"
                )
        for before in parts[:number]:
            _check_settings(before, other)
        commands += [each for each in other.description.get("commands", ()) if each not in commands]
    # The first part's last, so that its runs stay; then in the order of the parts.
    found = {run.name: run for part in reversed(parts) for run in part.runs}
    names = dict.fromkeys(run.name for part in parts for run in part.runs)

    def missing(names: Iterable[str]) -> list[str]:
        return [name for name in dict.fromkeys(names) if name not in found]

    return collect(
        first.folder,
        {**first.description, "commands": commands},
        [found[name] for name in names],
        missing(name for part in parts for name in part.unfinished_runs),
        missing(name for part in parts for name in part.damaged_runs),
    )


def _check_settings(one: StudyResults, other: StudyResults) -> None:
    # A run's name ends with the hash of its settings.
    planned, there = _by_seed(one), _by_seed(other)
    for seed in sorted(planned.keys() & there.keys()):
        here, elsewhere = planned[seed], there[seed]
        # One may plan more: the number of seeds can be that of some cells alone.
        if not (here <= elsewhere or elsewhere <= here):
            raise StudyError(
                f"{other.folder} and {one.folder} have other runs for seed {seed}, such as "
                f"{min(here ^ elsewhere)}: their settings differ; join folders of the "
                "same version and settings"
            )


def _by_seed(part: StudyResults) -> dict[str, set[str]]:
    names = defaultdict(set)
    for name in (*(run.name for run in part.runs), *part.unfinished_runs):
        if found := _SEED.search(name):
            names[found[1]].add(name)
    return names
