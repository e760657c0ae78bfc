"""The paper's experiments as data, run once each and read back from their folders."""

from rectinet.studies.amazon import amazon
from rectinet.studies.catalog import STUDIES
from rectinet.studies.experiment import Experiment
from rectinet.studies.image_table import ACTIVATIONS, image_table
from rectinet.studies.joining import join
from rectinet.studies.labels import labels
from rectinet.studies.reading import find_studies, read_study
from rectinet.studies.recipes import PROTOCOLS
from rectinet.studies.results import (
    BaselineResult,
    ClassifierResult,
    DivergedResult,
    PretrainingResult,
    RunResult,
    StudyResults,
    Summary,
    cell,
)
from rectinet.studies.run import run_studies, run_study
from rectinet.studies.saved import save_study
from rectinet.studies.softplus import softplus
from rectinet.studies.sparsity import sparsity
from rectinet.studies.spec import BaselineSpec, ClassifierSpec, PretrainingSpec
from rectinet.studies.strategies import strategies
from rectinet.studies.study import Study
from rectinet.studies.text_table import text_table

__all__ = [
    "ACTIVATIONS",
    "PROTOCOLS",
    "STUDIES",
    "BaselineResult",
    "BaselineSpec",
    "ClassifierResult",
    "ClassifierSpec",
    "DivergedResult",
    "Experiment",
    "PretrainingResult",
    "PretrainingSpec",
    "RunResult",
    "Study",
    "StudyResults",
    "Summary",
    "amazon",
    "cell",
    "find_studies",
    "image_table",
    "join",
    "labels",
    "read_study",
    "run_studies",
    "run_study",
    "save_study",
    "softplus",
    "sparsity",
    "strategies",
    "text_table",
]
