"""In which order the runs of a study, or of several, can be done."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from rectinet.errors import SettingError
from rectinet.studies.backends import Task
from rectinet.studies.folder import StudyFolder
from rectinet.studies.spec import Spec
from rectinet.studies.study import Study


@dataclass(frozen=True)
class Stages:
    """The runs of one study that are wanted now, by when they can begin."""

    study: Study
    store: StudyFolder
    stacks: list[Task]
    independent: list[Task]
    dependent: list[Task]

    @property
    def tasks(self) -> list[Task]:
        """All of them."""
        return [*self.stacks, *self.independent, *self.dependent]

    def check(self) -> None:
        """Refuse a folder that is another study's; see `StudyFolder.check`."""
        self.store.check(self.study.name, self.study.dataset, self.study.protocol)

    def begin(self) -> None:
        """Create the folder, or go on in it; see `StudyFolder.begin`."""
        everything = (*self.study.pretraining, *self.study.runs)
        self.store.begin(self.study.name, self.study.dataset, self.study.protocol, everything)


def stages_of(study: Study, store: StudyFolder, seeds: Collection[int] | None) -> Stages:
    """Sort the runs of the wanted seeds.

    Raises:
        SettingError: if no run has one of the seeds.
    """
    planned = {spec.seed for spec in (*study.pretraining, *study.runs)}
    wanted = planned if seeds is None else set(seeds)
    if unknown := wanted - planned:
        raise SettingError(
            f"there is no run with seed {min(unknown)}; the study has seeds up to {max(planned)}: "
            "ask for more seeds, or for others of them"
        )

    def tasks(specs: Iterable[Spec]) -> list[Task]:
        return [Task(spec, store) for spec in specs if spec.seed in wanted]

    return Stages(
        study,
        store,
        stacks=tasks(study.pretraining),
        independent=tasks(run for run in study.runs if run.pretraining is None),
        dependent=tasks(run for run in study.runs if run.pretraining is not None),
    )


def groups_of(todo: Iterable[Stages]) -> list[list[Stages]]:
    """Put each study that has no stacks to the one before it."""
    groups: list[list[Stages]] = []
    for stages in todo:
        if stages.stacks or not groups:
            groups.append([])
        groups[-1].append(stages)
    return groups
