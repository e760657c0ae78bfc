"""Study folders made by hand: small numbers whose means and intervals can be checked on paper."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.files import write_tensors
from rectinet.nn import Activation, Gaussian, Masking, Rectifier, activation, reconstruction
from rectinet.studies import BaselineSpec, ClassifierSpec, PretrainingSpec
from rectinet.studies.folder import RunFolder, StudyFolder
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


def finish_stack(
    store: StudyFolder,
    spec: PretrainingSpec,
    *,
    records: Sequence[dict[str, Any]] = (),
    pictures: Mapping[str, np.ndarray] | None = None,
) -> RunFolder:
    """Write what a finished stack leaves."""
    folder = store.run(spec)
    folder.begin(spec)
    if pictures:
        write_tensors(folder.path / "pictures.safetensors", pictures)
    folder.finish(
        {
            "dataset_checksum": f"sum{spec.seed}",
            "learning_rates": [0.1, 0.1],
            "records": list(records),
            "seconds": 10.0,
        }
    )
    return folder


def finish_classifier(
    store: StudyFolder,
    spec: ClassifierSpec,
    error: float,
    *,
    zeros: Sequence[float] | None = None,
    wrong: np.ndarray | None = None,
    values: Mapping[str, float] | None = None,
) -> RunFolder:
    """Write what a finished classifier leaves, but for its weights."""
    folder = store.run(spec)
    folder.begin(spec)
    if wrong is not None:
        write_tensors(folder.path / "test.safetensors", {"wrong": wrong})
    usual, dead = _ZEROS.get(spec.activation.name, _ZEROS["tanh"])
    folder.finish(
        {
            "dataset_checksum": f"sum{spec.seed}",
            "n_labels": 10 * spec.labels_per_class if spec.labels_per_class else 700,
            "learning_rates": [0.1, 0.1, 0.1],
            "best_epoch": 1 + spec.seed,
            "validation_error": error,
            "n_validation": 100,
            "test_error": error,
            "n_test": 1000,
            "zeros": list(usual if zeros is None else zeros),
            "dead_units": dead[: len(spec.hidden_layer_sizes)],
            "records": [_record(1, 0.5), _record(2, error)],
            "seconds": 60.0,
            **(values or {}),
        }
    )
    return folder


def finish_baseline(store: StudyFolder, spec: BaselineSpec, values: Mapping[str, float]) -> None:
    """Write what a finished linear model leaves."""
    folder = store.run(spec)
    folder.begin(spec)
    folder.finish({"dataset_checksum": f"sum{spec.seed}", "seconds": 1.0, **values})


@pytest.fixture
def make_runs(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a study folder from classifiers and what came out of each."""

    def make(
        study: str,
        runs: Sequence[tuple[ClassifierSpec, dict[str, Any]]],
        *,
        dataset: str = "digits",
        stacks: Sequence[tuple[PretrainingSpec, dict[str, Any]]] = (),
        baselines: Sequence[tuple[BaselineSpec, dict[str, float]]] = (),
        name: str = "study",
    ) -> Path:
        store = StudyFolder(tmp_path / name)
        store.begin(study, dataset, "quick", [spec for spec, _ in (*stacks, *runs, *baselines)])
        for baseline, values in baselines:
            finish_baseline(store, baseline, values)
        for stack, outcome in stacks:
            finish_stack(store, stack, **outcome)
        for spec, outcome in runs:
            finish_classifier(store, spec, **outcome)
        return store.path

    return make


@pytest.fixture
def make_spec() -> Callable[..., ClassifierSpec]:
    """Return a function that makes a classifier's spec, with some settings of its own."""

    def make(
        kind: Activation | None = None,
        *,
        seed: int = 0,
        dataset: str = "digits",
        stack: PretrainingSettings | None = None,
        labels: int | None = None,
        flip: str = "none",
        **settings: Any,
    ) -> ClassifierSpec:
        network = (dataset, _SIZES, kind or Rectifier(), flip)
        pretraining = None if stack is None else PretrainingSpec(*network, stack, seed)
        settings = {"learning_rate": 0.1, "epochs": 2} | settings
        return ClassifierSpec(*network, pretraining, labels, FinetuningSettings(**settings), seed)

    return make


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
            images = {
                key: random.random((10, n_features), dtype=np.float32)
                for key in ("clean", "corrupted", "reconstructed")
            }
            finish_stack(store, stack, pictures=images)
        for spec, value in finished:
            folder = finish_classifier(store, spec, value)
            weight = random.standard_normal((n_features, _SIZES[0])).astype(np.float32)
            write_tensors(folder.path / "weights.safetensors", {"0.weight": weight})
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
