"""Looking into rectifier networks. Functions take layers as plain data and compute nothing else."""

from rectinet.analysis.gradients import GradientNorms, gradient_norms
from rectinet.analysis.linear_model import local_linear_model
from rectinet.analysis.patterns import ActivationPatterns, activation_patterns
from rectinet.analysis.perturbation import PerturbationStability, perturbation_stability
from rectinet.analysis.rescaling import balance, rescale, weight_norms
from rectinet.analysis.separability import LinearSeparability, linear_separability
from rectinet.analysis.shares import UnitShares, unit_shares
from rectinet.analysis.sparsity import (
    SparsityProfile,
    active_unit_counts,
    dead_units,
    sparsity_profile,
)

__all__ = [
    "ActivationPatterns",
    "GradientNorms",
    "LinearSeparability",
    "PerturbationStability",
    "SparsityProfile",
    "UnitShares",
    "activation_patterns",
    "active_unit_counts",
    "balance",
    "dead_units",
    "gradient_norms",
    "linear_separability",
    "local_linear_model",
    "perturbation_stability",
    "rescale",
    "sparsity_profile",
    "unit_shares",
    "weight_norms",
]
