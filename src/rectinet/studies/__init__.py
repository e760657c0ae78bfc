"""The paper's experiments as data, run once each and read back from their folders."""

from rectinet.studies.image_table import ACTIVATIONS, PROTOCOLS, image_table
from rectinet.studies.reading import find_studies, read_study
from rectinet.studies.results import (
    ClassifierResult,
    PretrainingResult,
    StudyResults,
    Summary,
    cell,
)
from rectinet.studies.run import Study, run_study
from rectinet.studies.saved import save_study
from rectinet.studies.spec import ClassifierSpec, PretrainingSpec

STUDIES = {"image-table": image_table}
"""The experiments by name: each a function of data set, protocol and number of seeds."""

__all__ = [
    "ACTIVATIONS",
    "PROTOCOLS",
    "STUDIES",
    "ClassifierResult",
    "ClassifierSpec",
    "PretrainingResult",
    "PretrainingSpec",
    "Study",
    "StudyResults",
    "Summary",
    "cell",
    "find_studies",
    "image_table",
    "read_study",
    "run_study",
    "save_study",
]
