"""The operations in which all arithmetic happens, and the passes built from them."""

from rectinet.engine.cpu import CpuEngine
from rectinet.engine.interface import Engine, Inputs
from rectinet.engine.passes import (
    backward_and_update,
    batches,
    cost,
    dense_batches,
    encode,
    forward,
    gradients,
)
from rectinet.engine.prediction import (
    DEFAULT_ENGINE,
    Predictor,
    predict,
    predict_probabilities,
)
from rectinet.engine.updates import Update, new_update

__all__ = [
    "DEFAULT_ENGINE",
    "CpuEngine",
    "Engine",
    "Inputs",
    "Predictor",
    "Update",
    "backward_and_update",
    "batches",
    "cost",
    "dense_batches",
    "encode",
    "forward",
    "gradients",
    "new_update",
    "predict",
    "predict_probabilities",
]
