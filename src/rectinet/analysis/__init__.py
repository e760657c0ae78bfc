"""Looking into rectifier networks. Functions take layers as plain data and compute nothing else."""

from rectinet.analysis.linear_model import local_linear_model
from rectinet.analysis.rescaling import rescale

__all__ = ["local_linear_model", "rescale"]
