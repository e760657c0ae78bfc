"""Rectifier networks as plain mathematics and plain data."""

from rectinet.nn.activations import (
    Activation,
    Linear,
    Rectifier,
    Sigmoid,
    Softplus,
    Tanh,
    activation,
    activation_names,
)
from rectinet.nn.choices import check_choice
from rectinet.nn.corruption import (
    Corruption,
    Gaussian,
    Masking,
    Minibatch,
    NoCorruption,
    SaltAndPepper,
    corruption,
)
from rectinet.nn.losses import CrossEntropy, HuberLoss, Loss, SoftmaxNLL, SquaredError
from rectinet.nn.network import (
    SIGN_FLIPS,
    Array,
    Layer,
    Network,
    aligned,
    draw_signs,
    initialize_layer,
    initialize_network,
    layer_sizes,
    with_output,
)
from rectinet.nn.penalties import NO_PENALTIES, Penalties
from rectinet.nn.reconstruction import (
    CodeTarget,
    Reconstruction,
    reconstruction,
    reconstruction_names,
)
from rectinet.nn.sampling import OutputSampler, ReconstructionSampling, SampledOutputs

__all__ = [
    "NO_PENALTIES",
    "SIGN_FLIPS",
    "Activation",
    "Array",
    "CodeTarget",
    "Corruption",
    "CrossEntropy",
    "Gaussian",
    "HuberLoss",
    "Layer",
    "Linear",
    "Loss",
    "Masking",
    "Minibatch",
    "Network",
    "NoCorruption",
    "OutputSampler",
    "Penalties",
    "Reconstruction",
    "ReconstructionSampling",
    "Rectifier",
    "SaltAndPepper",
    "SampledOutputs",
    "Sigmoid",
    "SoftmaxNLL",
    "Softplus",
    "SquaredError",
    "Tanh",
    "activation",
    "activation_names",
    "aligned",
    "check_choice",
    "corruption",
    "draw_signs",
    "initialize_layer",
    "initialize_network",
    "layer_sizes",
    "reconstruction",
    "reconstruction_names",
    "with_output",
]
