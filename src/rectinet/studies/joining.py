"""One study whose runs were done in several places: other seeds, other machines."""

from __future__ import annotations

from collections.abc import Sequence

from rectinet.errors import StudyError
from rectinet.studies.results import StudyResults, collect


def join(parts: Sequence[StudyResults]) -> StudyResults:
    """Return the runs of all parts as one study, in the order of the parts.

    Args:
        parts: at least one. A run that several of them have is taken from the first; one that any
            of them has finished is not unfinished.

    Raises:
        StudyError: if they are not all of the same study, data set and protocol.
    """
    first, *others = parts
    commands = list(first.description.get("commands", ()))
    for other in others:
        for name in ("study", "dataset", "protocol"):
            here, there = first.description[name], other.description[name]
            if here != there:
                raise StudyError(
                    f"{other.folder} has the {name} {there!r}, {first.folder} {here!r}; join "
                    "folders of one study"
                )
        commands += [each for each in other.description.get("commands", ()) if each not in commands]
    # The first part's last, so that its runs stay; then in the order of the parts.
    found = {run.name: run for part in reversed(parts) for run in part.runs}
    names = dict.fromkeys(run.name for part in parts for run in part.runs)

    def missing(lists: Sequence[tuple[str, ...]]) -> list[str]:
        return [name for name in dict.fromkeys(sum(lists, ())) if name not in found]

    return collect(
        first.folder,
        {**first.description, "commands": commands},
        [found[name] for name in names],
        missing([part.unfinished_runs for part in parts]),
        missing([part.damaged_runs for part in parts]),
    )
