"""Study folders made by hand: small numbers whose means and intervals can be checked on paper."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.files import write_tensors
from rectinet.nn import Gaussian, Masking, activation, reconstruction
from rectinet.studies import ClassifierSpec, PretrainingSpec
from rectinet.studies.folder import StudyFolder
from rectinet.training import EpochRecord, FinetuningSettings, PretrainingSettings
from rectinet.training.records import Evaluation

Cell = tuple[str, bool, int | None]
MakeStudy = Callable[..., Path]

# Of 0.01, 0.02, 0.03: mean 0.02, deviation 0.01, t(0.975, 2) = 4.3027, so
# the half-width is 4.3027 * 0.01 / sqrt(3) = 0.02484; the same for HIGH and MIDDLE.
# Seed by seed, HIGH - LOW is 0.09, 0.10, 0.08: mean 0.09, deviation 0.01, half-width 0.02484;
# MIDDLE - LOW is 0.04, 0.01, 0.01: mean 0.02, deviation sqrt(0.0003), half-width 0.04303;
# MIDDLE - HIGH is -0.05, -0.09, -0.07: mean -0.07, deviation 0.02, half-width 0.04968.
LOW, HIGH, MIDDLE = (0.01, 0.02, 0.03), (0.10, 0.12, 0.11), (0.05, 0.03, 0.04)

FULL: dict[Cell, Sequence[float]] = {
    ("rectifier", False, None): LOW,
    ("tanh", False, None): HIGH,
    ("rectifier", True, None): LOW,
    ("tanh", True, None): MIDDLE,
    ("rectifier", False, 2): HIGH,
    ("rectifier", True, 2): LOW,
}

_SIZES = (3, 2)
_ZEROS = {"rectifier": ([0.9, 0.5], [2, 1]), "tanh": ([0.0, 0.0], [0, 0])}


def _pretraining(cell: Cell) -> PretrainingSettings:
    return PretrainingSettings(epochs=2)


def _finetuning(cell: Cell) -> FinetuningSettings:
    return FinetuningSettings(learning_rate=0.1, epochs=2 if cell[2] is None else 9)


def _record(epoch: int, error: float) -> dict[str, Any]:
    evaluation = Evaluation(0.1, error, (0.5, 0.5), (0, 0))
    return EpochRecord(
        "fine-tuning", epoch, (0.1,) * 3, 0.2, 0.1, evaluation, "validation", 1.0
    ).to_json()


@pytest.fixture
def make_study(write_study: MakeStudy, tmp_path: Path) -> MakeStudy:
    """Return a function that writes a study folder from test errors by cell and seed."""
    return functools.partial(write_study, tmp_path)


@pytest.fixture(scope="session")
def write_study() -> MakeStudy:
    """Return what `make_study` does, into a folder that is given."""

    def make(
        where: Path,
        errors: Mapping[Cell, Sequence[float]] = FULL,
        *,
        dataset: str = "digits",
        name: str = "study",
        protocol: str = "quick",
        n_features: int = 4,
        unfinished: Sequence[Cell] = (),
        pretraining: Callable[[Cell], PretrainingSettings] = _pretraining,
        finetuning: Callable[[Cell], FinetuningSettings] = _finetuning,
    ) -> Path:
        store = StudyFolder(where / name)
        random = np.random.default_rng(0)
        finished, stacks, specs = [], {}, []
        for cell, values in errors.items():
            kind, pretrained, labels = cell
            network = (dataset, _SIZES, activation(kind), "none")
            for seed, value in enumerate(values):
                stack = PretrainingSpec(*network, pretraining(cell), seed) if pretrained else None
                spec = ClassifierSpec(*network, stack, labels, finetuning(cell), seed)
                specs.append(spec)
                if stack is not None:
                    stacks[stack] = None
                if cell not in unfinished:
                    finished.append((spec, value))
        store.begin("image-table", dataset, protocol, [*stacks, *specs])
        for stack in stacks:
            folder = store.run(stack)
            folder.begin(stack)
            images = {
                key: random.random((10, n_features), dtype=np.float32)
                for key in ("clean", "corrupted", "reconstructed")
            }
            write_tensors(folder.path / "pictures.safetensors", images)
            folder.finish(
                {
                    "dataset_checksum": f"sum{stack.seed}",
                    "learning_rates": [0.1, 0.1],
                    "records": [],
                    "seconds": 10.0,
                }
            )
        for spec, value in finished:
            folder = store.run(spec)
            folder.begin(spec)
            weight = random.standard_normal((n_features, _SIZES[0])).astype(np.float32)
            write_tensors(folder.path / "weights.safetensors", {"0.weight": weight})
            zeros, dead = _ZEROS[spec.activation.name]
            folder.finish(
                {
                    "dataset_checksum": f"sum{spec.seed}",
                    "n_labels": 20 if spec.labels_per_class else 700,
                    "learning_rates": [0.1, 0.1, 0.1],
                    "best_epoch": 1 + spec.seed,
                    "validation_error": value,
                    "n_validation": 100,
                    "test_error": value,
                    "n_test": 1000,
                    "zeros": zeros,
                    "dead_units": dead,
                    "records": [_record(1, 0.5), _record(2, value)],
                    "seconds": 60.0,
                }
            )
        return store.path

    return make


@pytest.fixture
def layered_study(make_study: MakeStudy) -> Path:
    """Return a study whose settings differ from layer to layer."""
    noise = (Gaussian(0.3), Masking(0.25))
    sparse = PretrainingSettings(
        corruption=noise, reconstruction=reconstruction("sigmoid", scaling="unit")
    )
    plain = PretrainingSettings(corruption=noise, reconstruction=reconstruction("sigmoid"))

    def finetuning(cell: Cell) -> FinetuningSettings:
        slow = cell[1] and cell[2] is not None
        return FinetuningSettings(learning_rate=(0.01, 0.01, 0.1) if slow else 0.1)

    return make_study(
        FULL | {("rectifier", True, 5): LOW},
        pretraining=lambda cell: sparse if cell[0] == "rectifier" else plain,
        finetuning=finetuning,
    )


@pytest.fixture
def one_seed() -> Mapping[Cell, Sequence[float]]:
    return {cell: values[:1] for cell, values in FULL.items()}
