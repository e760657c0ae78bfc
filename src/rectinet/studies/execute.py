"""One run: from its spec to a finished folder."""

from __future__ import annotations

import functools
import math
import platform
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import issparse
from threadpoolctl import threadpool_limits

from rectinet.data import Dataset, describe, load_dataset
from rectinet.engine import DEFAULT_ENGINE, Predictor, batches, encode, forward, predict
from rectinet.errors import DivergedError, StudyError
from rectinet.files import write_json, write_tensors
from rectinet.nn import Array, Layer, Network, initialize_network, with_output
from rectinet.randomness import generator
from rectinet.studies.baselines import train_baseline
from rectinet.studies.folder import RunFolder, StudyFolder
from rectinet.studies.frozen_code import encoded
from rectinet.studies.ratings import expectation_rmse
from rectinet.studies.spec import BaselineSpec, ClassifierSpec, PretrainingSpec, Spec
from rectinet.training import EpochRecord, LayerOutcome, finetune, pretrain
from rectinet.training.objective import ActivityCount
from rectinet.version import __version__

Files = Mapping[str, bytes]
"""The files of one finished run, by name."""

_N_PICTURES = 10


def _dataset(spec: Spec, data_dir: Path | None) -> Dataset:
    # Loading MNIST takes a second; of figure 3's small networks every one has its own seed.
    seed = 0 if describe(spec.dataset).ignores_seed else spec.seed
    return _loaded(spec.dataset, data_dir, seed)


@functools.lru_cache(maxsize=2)
def _loaded(name: str, data_dir: Path | None, seed: int) -> Dataset:
    return load_dataset(name, data_dir=data_dir, seed=seed)


class _ProgressFile:
    """An `Observer` that says in a file how far the run is, for the process that watches.

    Args:
        path: the file.
        stages: how many there will be, each taken to last as long as any other.
    """

    def __init__(self, path: Path, stages: int = 1):
        self._path = path
        self._stages = stages
        self._before = -1
        self._epochs = 0

    def started(self, stage: str, epochs: int, done: int) -> None:
        self._before += 1
        self._epochs = epochs
        self._write(stage, done)

    def minibatch(self, done: int, total: int) -> None:
        pass

    def epoch(self, record: EpochRecord) -> None:
        self._write(record.stage, record.epoch)

    def _write(self, stage: str, epoch: int) -> None:
        share = (self._before + epoch / max(1, self._epochs)) / self._stages
        content = {"stage": stage, "epoch": epoch, "epochs": self._epochs, "share": share}
        write_json(self._path, content)


def execute(spec: Spec, study: Path, data_dir: Path | None) -> None:
    """Do one run and leave its finished folder; do nothing if it is finished already.

    A run that diverges is finished, too, with the reason instead of figures: it would diverge
    again, and the other runs of a study can do without it.

    Args:
        spec: the run.
        study: the study's folder.
        data_dir: where the data sets' files are; None: see `rectinet.data.locate`.

    Raises:
        KeyboardInterrupt: after Ctrl-C; the state is kept and the next call goes on from it.
    """
    store = StudyFolder(study)
    folder = store.run(spec)
    if folder.finished:
        return
    started = time.perf_counter()
    folder.begin(spec)
    data = _dataset(spec, data_dir)
    try:
        result = _train(spec, data, folder, store)
    except DivergedError as error:
        attributes = {name: getattr(error, name) for name in ("learning_rate", "layer", "epoch")}
        result = {"diverged": {"message": str(error), **attributes}}
    seconds = time.perf_counter() - started
    folder.finish({"dataset_checksum": data.checksum, **result, "seconds": seconds})


def execute_on_one_thread(spec: Spec, study: Path, data_dir: Path | None) -> None:
    """Do one run of a study on this machine; see `execute`.

    On one BLAS thread: two runs side by side finish sooner than one after the other on two
    threads, and a result then does not depend on the number of cores.
    """
    # Here and not by joblib's setting, which does nothing for a single job in this process.
    with threadpool_limits(1):
        execute(spec, study, data_dir)


def execute_elsewhere(
    number: int, spec: Spec, needed: Mapping[str, Files], data_dir: Path | None, version: str
) -> tuple[int, Files]:
    """Do one run on a machine that need not see the study's folder, on one BLAS thread.

    A run that is lost with its machine begins afresh on another, and ends with the same bits.

    Args:
        number: of the run among those that are sent; two studies may have equal runs.
        spec: the run.
        needed: the finished runs it starts from, by folder name; see `needed_by`.
        data_dir: where the data sets' files are on this machine; None: see
            `rectinet.data.locate`.
        version: rectinet's, where the study is.

    Returns:
        The run's number and its files.

    Raises:
        StudyError: if rectinet has another version here, which could give other numbers.
    """
    if version != __version__:
        raise StudyError(
            f"a worker on {platform.node()} has rectinet {__version__}, the study {version}; "
            "install the same version on all machines"
        )
    with tempfile.TemporaryDirectory(prefix="rectinet-") as scratch:
        store = StudyFolder(Path(scratch))
        for name, files in needed.items():
            store.run_named(name).receive(files)
        execute_on_one_thread(spec, store.path, data_dir)
        return number, store.run(spec).files()


def needed_by(spec: Spec, study: StudyFolder) -> dict[str, Files]:
    """Return the finished runs that a run starts from, by folder name."""
    stack = getattr(spec, "pretraining", None)
    if stack is None:
        return {}
    folder = study.run(stack)
    return {folder.path.name: folder.files()}


@functools.singledispatch
def _train(spec: Spec, data: Dataset, folder: RunFolder, store: StudyFolder) -> dict[str, Any]:
    """Train what the spec says, write its arrays into the folder, and return its figures."""
    raise TypeError(f"{type(spec).__name__} is not a kind of run")


@_train.register
def _(
    spec: PretrainingSpec, data: Dataset, folder: RunFolder, store: StudyFolder
) -> dict[str, Any]:
    outcome = pretrain(
        data.pretraining_inputs,
        spec.hidden_layer_sizes,
        activation=spec.activation,
        sign_flip=spec.sign_flip,
        X_validation=data.validation.X,
        settings=spec.settings,
        seed=spec.seed,
        observer=_ProgressFile(folder.progress, stages=len(spec.hidden_layer_sizes)),
        checkpoint=folder.checkpoint,
        redraw=data.redraw,
    )
    if outcome.interrupted:
        raise KeyboardInterrupt
    write_tensors(folder.path / "weights.safetensors", _layer_tensors(outcome.layers))
    if not issparse(data.train.X):
        pictures = _pictures(spec, outcome.stages[0], data)
        write_tensors(folder.path / "pictures.safetensors", pictures)
    return {
        "learning_rates": [stage.learning_rate for stage in outcome.stages],
        "records": [record.to_json() for record in outcome.records],
    }


@_train.register
def _(spec: ClassifierSpec, data: Dataset, folder: RunFolder, store: StudyFolder) -> dict[str, Any]:
    train, redraw = data.train, data.redraw
    if spec.labels_per_class is not None:
        # Few labels are drawn once: those of the first epoch, where examples never end.
        train, redraw = data.with_labels(spec.labels_per_class, spec.seed), None
    outcome = finetune(
        _initial_network(spec, store, data),
        train.X,
        train.y,
        data.validation.X,
        data.validation.y,
        settings=spec.settings,
        seed=spec.seed,
        observer=_ProgressFile(folder.progress),
        checkpoint=folder.checkpoint,
        redraw=redraw,
        class_values=data.class_values,
    )
    if outcome.interrupted:
        raise KeyboardInterrupt
    network = outcome.network
    wrong = predict(network, data.test.X) != data.test.y
    activity = ActivityCount(DEFAULT_ENGINE, network.hidden)
    for rows in batches(len(data.test.y)):
        activity.add(forward(DEFAULT_ENGINE, network.hidden, data.test.X[rows])[1:])
    rmse = outcome.evaluation.rmse if outcome.evaluation else None
    write_tensors(folder.path / "weights.safetensors", _layer_tensors(network.layers))
    write_tensors(folder.path / "test.safetensors", {"wrong": wrong})
    return {
        "n_labels": len(train.y),
        "learning_rates": list(outcome.learning_rate),
        "best_epoch": outcome.best_epoch,
        "validation_error": outcome.evaluation.error if outcome.evaluation else None,
        "n_validation": len(data.validation.y),
        "test_error": float(wrong.mean()),
        "n_test": len(data.test.y),
        "zeros": activity.zeros(),
        "dead_units": activity.dead_units(),
        **_of_ratings(data, Predictor(network), rmse),
        **_of_inputs(data),
        "records": [record.to_json() for record in outcome.records],
    }


@_train.register
def _(spec: BaselineSpec, data: Dataset, folder: RunFolder, store: StudyFolder) -> dict[str, Any]:
    if spec.pretraining is not None:
        data = encoded(data, _pretrained(spec.pretraining, store))
    figures, wrong = train_baseline(spec, data)
    write_tensors(folder.path / "test.safetensors", {"wrong": wrong})
    return figures


def _of_ratings(
    data: Dataset, probabilities: Callable[[Any], Array], validation_rmse: float | None
) -> dict[str, float | None]:
    """Return errors of the expected value, where classes are the values of a rating."""
    if data.class_values is None:
        return {}
    return {
        "validation_rmse": validation_rmse,
        "test_rmse": expectation_rmse(probabilities(data.test.X), data.test.y, data.class_values),
    }


def _of_inputs(data: Dataset) -> dict[str, float]:
    """Return the share of zeros in sparse test inputs, which those of the codes stand beside."""
    X = data.test.X
    return {"input_zeros": 1 - X.count_nonzero() / math.prod(X.shape)} if issparse(X) else {}


def _initial_network(spec: ClassifierSpec, study: StudyFolder, data: Dataset) -> Network:
    if spec.pretraining is None:
        return initialize_network(
            data.n_features,
            spec.hidden_layer_sizes,
            data.n_classes,
            spec.activation,
            generator(spec.seed, "initial weights"),
            sign_flip=spec.sign_flip,
        )
    hidden = _pretrained(spec.pretraining, study)
    return with_output(hidden, data.n_classes, generator(spec.seed, "initial output weights"))


def _pretrained(spec: PretrainingSpec, study: StudyFolder) -> list[Layer]:
    """Return the layers of a finished stack."""
    folder = study.run(spec)
    if not folder.finished:
        raise StudyError(f"{folder.path} is not finished; pre-training runs come first")
    if reason := folder.result().get("diverged"):
        raise DivergedError(
            **{**reason, "message": f"no weights to start from: {reason['message']}"}
        )
    tensors = folder.tensors("weights")
    return [
        Layer(
            weight=tensors[f"{index}.weight"],
            bias=tensors[f"{index}.bias"],
            sign=tensors[f"{index}.sign"],
            activation=spec.activation,
        )
        for index in range(len(spec.hidden_layer_sizes))
    ]


def _layer_tensors(layers: Sequence[Layer]) -> dict[str, Array]:
    return {
        f"{index}.{name}": getattr(layer, name)
        for index, layer in enumerate(layers)
        for name in ("weight", "bias", "sign")
    }


def _pictures(spec: PretrainingSpec, first: LayerOutcome, data: Dataset) -> dict[str, Array]:
    """Some validation inputs: clean, corrupted, and reconstructed by the first layer."""
    clean = np.asarray(data.validation.X[:_N_PICTURES])
    noise: Any = spec.settings.for_layers(len(spec.hidden_layer_sizes))[0].corruption
    corrupted = noise(clean, generator(spec.seed, "pictures"))
    z = encode(DEFAULT_ENGINE, (first.encoder, first.decoder), corrupted)
    reconstructed = first.reconstruction.loss.prediction(z)
    return {"clean": clean, "corrupted": corrupted, "reconstructed": reconstructed}
