"""An experiment: asked for a data set and an effort, it answers with a study."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from rectinet.errors import SettingError
from rectinet.studies.recipes import PROTOCOLS, Protocol
from rectinet.studies.spec import BaselineSpec, ClassifierSpec
from rectinet.studies.study import Study

T = TypeVar("T")


@dataclass(frozen=True)
class Experiment(Generic[T]):
    """One of the paper's experiments; call it to get its runs on a data set.

    Attributes:
        name: e.g. ``"image-table"``.
        settings: what the experiment alone decides, by (data set, protocol); each has recipes in
            `recipes`.
        plan: returns the runs, from the recipes, the experiment's settings and how many seeds
            were asked for, if any.
        recipes: by (data set, protocol).
    """

    name: str
    settings: Mapping[tuple[str, str], T]
    plan: Callable[[Protocol, T, int | None], Iterable[ClassifierSpec | BaselineSpec]]
    recipes: Mapping[tuple[str, str], Protocol] = field(default_factory=lambda: PROTOCOLS)

    def __call__(self, dataset: str, protocol: str, n_seeds: int | None = None) -> Study:
        """Return the study of one data set.

        Args:
            dataset: the data set's name.
            protocol: ``"quick"`` or ``"paper"``.
            n_seeds: runs per cell; None: the protocol's own numbers.

        Raises:
            SettingError: if there are no settings for that data set and protocol, or n_seeds < 1.
        """
        if (dataset, protocol) not in self.settings:
            efforts = [effort for name, effort in self.settings if name == dataset]
            names = self.datasets(protocol) or dict.fromkeys(name for name, _ in self.settings)
            known = f"its data sets are {', '.join(names)}"
            if efforts:
                known = f"it has them with protocol {' and '.join(efforts)}; otherwise {known}"
            raise SettingError(
                f"{self.name} has no settings for data set {dataset!r} and protocol {protocol!r}; "
                f"{known}"
            )
        if n_seeds is not None and n_seeds < 1:
            raise SettingError(f"the number of seeds is {n_seeds}; give 1 or more")
        settings = self.settings[dataset, protocol]
        runs = self.plan(self.recipes[dataset, protocol], settings, n_seeds)
        return Study(self.name, dataset, protocol, tuple(runs))

    def datasets(self, protocol: str) -> tuple[str, ...]:
        """Return the data sets that there are settings for at one effort."""
        return tuple(dataset for dataset, effort in self.settings if effort == protocol)
