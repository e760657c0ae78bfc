"""The experiments by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rectinet.errors import StudyError
from rectinet.studies.amazon import amazon
from rectinet.studies.experiment import Experiment
from rectinet.studies.image_table import image_table
from rectinet.studies.labels import labels
from rectinet.studies.softplus import softplus
from rectinet.studies.sparsity import sparsity
from rectinet.studies.strategies import strategies
from rectinet.studies.text_table import text_table

STUDIES: Mapping[str, Experiment[Any]] = {
    experiment.name: experiment
    for experiment in (image_table, text_table, amazon, sparsity, softplus, labels, strategies)
}
"""The experiments by name; each is called with data set, protocol and number of seeds."""


def check_name(study: str, where: object) -> None:
    """Check that results are those of a study that there is.

    Args:
        study: its name.
        where: the results, for the message.

    Raises:
        StudyError: if there is none of that name.
    """
    if study not in STUDIES:
        raise StudyError(
            f"{where} has results of a study {study!r}; the known ones are {', '.join(STUDIES)}: "
            "give another folder, or use the version of rectinet that made them"
        )
