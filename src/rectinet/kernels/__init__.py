"""The arithmetic of layers on arrays: compiled kernels that skip inactive inputs, BLAS, reference.

`reference` says what each kernel means. `Kernels` chooses, per call, who does it.
"""

from rectinet.kernels.blas import input_gradient
from rectinet.kernels.dispatch import MODES, Kernels
from rectinet.kernels.packed import LayerArrays, PackedLayers
from rectinet.kernels.step import (
    ADAM,
    CROSS_ENTROPY,
    GRADIENT,
    LINEAR,
    MOMENTUM,
    RECTIFIER,
    SGD,
    SOFTPLUS,
    Cost,
    Pairs,
    Step,
)

__all__ = [
    "ADAM",
    "CROSS_ENTROPY",
    "GRADIENT",
    "LINEAR",
    "MODES",
    "MOMENTUM",
    "RECTIFIER",
    "SGD",
    "SOFTPLUS",
    "Cost",
    "Kernels",
    "LayerArrays",
    "PackedLayers",
    "Pairs",
    "Step",
    "input_gradient",
]
