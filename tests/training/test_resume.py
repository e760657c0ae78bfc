"""Runs that are killed, interrupted or out of disk, and go on with the same bits.

This file is also the program that is killed: ``python test_resume.py FOLDER`` has a process for
each scenario, which trains with a checkpoint in ``FOLDER/SCENARIO`` and sends itself SIGKILL in
the middle of the scenario's fourth epoch.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rectinet.data import Split
from rectinet.errors import StorageError
from rectinet.nn import Layer, Rectifier, SaltAndPepper, initialize_network, reconstruction
from rectinet.training import (
    EpochRecord,
    FinetuningSettings,
    Observer,
    PretrainingSettings,
    Silent,
    finetune,
    pretrain,
)

# Epochs of the whole run: 2 + 3 in pre-training, 5 in fine-tuning. The fourth is under way when
# the run ends: in pre-training it is the second one of the second layer.
EPOCHS = (2, 3)
CUT_IN_EPOCH = 4

Result = tuple[tuple[Layer, ...], tuple[EpochRecord, ...]]


def binary_inputs() -> np.ndarray:
    return (np.random.default_rng(0).random((60, 7)) < 0.4).astype(np.float32)


def redraw(epoch: int) -> Split:
    """Return the examples of an epoch where they never end."""
    X = (np.random.default_rng(epoch).random((40, 7)) < 0.4).astype(np.float32)
    return Split(X, X[:, :3].sum(axis=1).astype(int) % 3)


def run_pretraining(
    solver: str, tied: bool, folder: Path | None, observer: Observer, endless: bool = False
) -> Result:
    settings = PretrainingSettings(
        learning_rate=0.01,
        solver=solver,
        corruption=SaltAndPepper(0.5, 0.1),
        reconstruction=reconstruction("sigmoid"),
        tied=tied,
        epochs=EPOCHS,
    )
    outcome = pretrain(
        redraw(1).X if endless else binary_inputs(),
        (6, 5),
        settings=settings,
        seed=1,
        observer=observer,
        checkpoint=folder,
        redraw=redraw if endless else None,
    )
    decoders = tuple(stage.decoder for stage in outcome.stages)
    return (*outcome.layers, *decoders), outcome.records


def run_finetuning(
    solver: str, folder: Path | None, observer: Observer, endless: bool = False
) -> Result:
    X = binary_inputs()
    y = X[:, :3].sum(axis=1).astype(int) % 3
    network = initialize_network(7, (6, 5), 3, Rectifier(), np.random.default_rng(1))
    settings = FinetuningSettings(
        learning_rate=(0.05, 0.02, 0.01), solver=solver, activation_l1=0.001, epochs=sum(EPOCHS)
    )
    outcome = finetune(
        network,
        X[:40],
        y[:40],
        X[40:],
        y[40:],
        settings=settings,
        seed=1,
        observer=observer,
        checkpoint=folder,
        redraw=redraw if endless else None,
    )
    return outcome.network.layers, outcome.records


SCENARIOS: dict[str, Callable[[Path | None, Observer], Result]] = {
    "pretraining untied": lambda *where: run_pretraining("sgd", False, *where),
    "pretraining tied": lambda *where: run_pretraining("sgd", True, *where),
    "pretraining tied adam": lambda *where: run_pretraining("adam", True, *where),
    "pretraining redrawn": lambda *where: run_pretraining("sgd", False, *where, endless=True),
    "finetuning redrawn": lambda *where: run_finetuning("sgd", *where, endless=True),
    "finetuning sgd": lambda *where: run_finetuning("sgd", *where),
    "finetuning momentum": lambda *where: run_finetuning("momentum", *where),
    "finetuning adam": lambda *where: run_finetuning("adam", *where),
}
every_scenario = pytest.mark.parametrize("scenario", SCENARIOS)


class Cut(Silent):
    """Does something drastic in the middle of an epoch, counted over all stages."""

    def __init__(self, action: Callable[[], None]):
        self._finished, self._action = 0, action

    def minibatch(self, done: int, total: int) -> None:
        if self._finished == CUT_IN_EPOCH - 1 and done == 2:
            self._action()

    def epoch(self, record: EpochRecord) -> None:
        self._finished += 1


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def interrupt() -> None:
    raise KeyboardInterrupt


class Stages(Silent):
    """Notes how many epochs were done when each stage began."""

    def __init__(self) -> None:
        self.done: list[int] = []

    def started(self, stage: str, epochs: int, done: int) -> None:
        self.done.append(done)


def assert_same_bits(result: Result, expected: Result) -> None:
    for ours, theirs in zip(result[0], expected[0], strict=True):
        for name in ("weight", "bias", "sign"):
            assert getattr(ours, name).tobytes() == getattr(theirs, name).tobytes()
    for ours, theirs in zip(result[1], expected[1], strict=True):
        without_time = (record.to_json() | {"seconds": 0} for record in (ours, theirs))
        assert next(without_time) == next(without_time)


def assert_resumes(scenario: str, folder: Path) -> None:
    """Go on in `folder` and compare with a run that nothing befell."""
    stages = Stages()
    resumed = SCENARIOS[scenario](folder, stages)
    assert stages.done == ([2, 1] if scenario.startswith("pre") else [CUT_IN_EPOCH - 1])
    assert_same_bits(resumed, SCENARIOS[scenario](None, Silent()))


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of all scenarios' killed runs; one program, for importing takes longest."""
    folder = tmp_path_factory.mktemp("killed")
    finished = subprocess.run(
        [sys.executable, __file__, folder], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.split() == [str(-signal.SIGKILL)] * len(SCENARIOS), finished.stderr
    return folder


@every_scenario
def test_a_killed_run_goes_on_with_the_same_bits(scenario: str, killed: Path) -> None:
    assert_resumes(scenario, killed / scenario)


@every_scenario
def test_an_interrupted_run_goes_on_with_the_same_bits(scenario: str, tmp_path: Path) -> None:
    _, records = SCENARIOS[scenario](tmp_path, Cut(interrupt))
    assert len(records) == CUT_IN_EPOCH - 1
    assert_resumes(scenario, tmp_path)


@every_scenario
def test_a_run_that_filled_the_disk_goes_on_once_there_is_space(
    scenario: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    raises_one_line: Callable,
) -> None:
    def fsync(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch, raises_one_line(StorageError, "the disk is full"):
        SCENARIOS[scenario](tmp_path, Cut(lambda: patch.setattr(os, "fsync", fsync)))
    assert_resumes(scenario, tmp_path)


@every_scenario
def test_a_finished_run_is_not_trained_again(scenario: str, tmp_path: Path) -> None:
    first = SCENARIOS[scenario](tmp_path, Silent())
    # Trained again, it would end in the fourth epoch.
    assert_same_bits(SCENARIOS[scenario](tmp_path, Cut(interrupt)), first)


if __name__ == "__main__":
    for name, run in SCENARIOS.items():
        child = os.fork()
        if child == 0:
            run(Path(sys.argv[1]) / name, Cut(kill))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
