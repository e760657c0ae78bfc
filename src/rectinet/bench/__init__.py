"""Measurements of rectinet beside whichever peers are installed, interleaved in one run."""

from rectinet.bench.calibration import calibrate
from rectinet.bench.inference import InferenceSettings, measure_inference
from rectinet.bench.kernels import Grid, measure_kernels
from rectinet.bench.plot import check_suffix, draw
from rectinet.bench.results import Case, Measurement, Report
from rectinet.bench.tables import print_report, print_thresholds
from rectinet.bench.timing import Effort
from rectinet.bench.training import TrainingSettings, measure_training
from rectinet.bench.workers import WorkerError
from rectinet.machine import cores

__all__ = [
    "Case",
    "Effort",
    "Grid",
    "InferenceSettings",
    "Measurement",
    "Report",
    "TrainingSettings",
    "WorkerError",
    "calibrate",
    "check_suffix",
    "cores",
    "draw",
    "measure_inference",
    "measure_kernels",
    "measure_training",
    "print_report",
    "print_thresholds",
]
