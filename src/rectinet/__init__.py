"""Deep sparse rectifier networks, after Glorot, Bordes and Bengio (AISTATS 2011)."""

import rectinet.stopping
import rectinet.waiting  # noqa: F401

# isort: split
from rectinet.data import Dataset, load_dataset
from rectinet.engine import Predictor, predict, predict_probabilities
from rectinet.errors import (
    DataError,
    DivergedError,
    InputError,
    RectinetError,
    SettingError,
    StorageError,
    StudyError,
)
from rectinet.estimators import (
    RectifierClassifier,
    RectifierRegressor,
    StackedDenoisingAutoencoder,
    load,
)
from rectinet.nn import (
    Gaussian,
    Layer,
    Masking,
    Network,
    ReconstructionSampling,
    SaltAndPepper,
    activation,
    initialize_network,
    reconstruction,
    with_output,
)
from rectinet.randomness import generator
from rectinet.training import (
    EpochRecord,
    FinetuningOutcome,
    FinetuningSettings,
    PretrainingOutcome,
    PretrainingSettings,
    ProgressBars,
    finetune,
    pretrain,
)
from rectinet.version import __version__

__all__ = [
    "DataError",
    "Dataset",
    "DivergedError",
    "EpochRecord",
    "FinetuningOutcome",
    "FinetuningSettings",
    "Gaussian",
    "InputError",
    "Layer",
    "Masking",
    "Network",
    "Predictor",
    "PretrainingOutcome",
    "PretrainingSettings",
    "ProgressBars",
    "ReconstructionSampling",
    "RectifierClassifier",
    "RectifierRegressor",
    "RectinetError",
    "SaltAndPepper",
    "SettingError",
    "StackedDenoisingAutoencoder",
    "StorageError",
    "StudyError",
    "__version__",
    "activation",
    "finetune",
    "generator",
    "initialize_network",
    "load",
    "load_dataset",
    "predict",
    "predict_probabilities",
    "pretrain",
    "reconstruction",
    "with_output",
]
