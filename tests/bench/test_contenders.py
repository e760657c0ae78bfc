"""All contenders that are installed compute the same function, and learn it in the same way."""

import dataclasses
import importlib

import numpy as np
import pytest

from rectinet.bench.contenders import KERNELS, MEMORY, PEERS, RECTINET, peers
from rectinet.bench.drawn import draw_network
from rectinet.bench.jobs import inference_job, training_job
from rectinet.bench.kernel_runners import KernelJob
from rectinet.bench.workers import Worker, WorkerError
from rectinet.errors import SettingError

SIZES = (30, 20, 15, 5)

# 0.1 moves the losses within ten steps; at the rate of the benchmark a wrong update would not show.
TRAINING = dataclasses.replace(training_job(draw_network(SIZES, 0.6), 6), rate=0.1)
INFERENCE = inference_job(draw_network(SIZES, 0.6), 3)

# Compiling takes half a minute; what is compiled is PyTorch's eager code, which is tested.
TOO_SLOW = {"torch-compile"}


def numbers(contender, task, job):
    """Return a contender's check numbers, computed in this process."""
    module, function = contender.builds[task].split(":")
    return getattr(importlib.import_module(module), function)(job, 1).check()


@pytest.mark.parametrize(
    ("peer", "task"),
    [
        pytest.param(peer, task, id=f"{peer.key} {task}")
        for peer in PEERS
        for task in peer.builds
        if peer.key not in TOO_SLOW
    ],
)
def test_peers_compute_what_rectinet_does(peer, task):
    if not peer.installed:
        pytest.skip(f"{peer.name} is not installed")
    job = {"training": TRAINING, "inference": INFERENCE}[task]
    expected = numbers(RECTINET, task, job)
    assert expected.std() > 0.01  # ten equal losses would agree with anything that stands still
    np.testing.assert_allclose(numbers(peer, task, job), expected, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("kernel", ["forward", "backward"])
def test_kernels_compute_the_same(kernel):
    pytest.importorskip("rectinet.kernels._native", reason="the kernels are not compiled")
    job = KernelJob(kernel, 4, 33, 17, 0.4)
    auto, native, blas = (numbers(contender, "kernels", job) for contender in KERNELS)
    assert auto.std() > 0.01
    np.testing.assert_allclose(native, blas, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(auto, blas, rtol=1e-4, atol=1e-5)


def test_a_worker_does_what_the_runner_does():
    worker = Worker(RECTINET.builds["training"], 1)
    try:
        worker.load(TRAINING)
        np.testing.assert_array_equal(worker.call("check"), numbers(RECTINET, "training", TRAINING))
        worker.steps = 5
        assert worker.block() > 0
        with pytest.raises(WorkerError, match=r"AttributeError.*fly") as caught:
            worker.call("fly")
        assert "\n" not in str(caught.value)
        worker.load(TRAINING)  # it lives on
    finally:
        worker.close()


def test_a_worker_that_dies_is_an_error_and_not_a_wait():
    worker = Worker("", 1, first="not_a_module")
    try:
        with pytest.raises(WorkerError, match="its process ended with code 1"):
            worker.load(TRAINING)
    finally:
        worker.close()


def test_a_peer_is_chosen_by_its_key(raises_one_line):
    assert [peer.key for peer in peers("training", ["sklearn"])] == ["sklearn"]
    assert {peer.key for peer in peers("inference")} == {"torch", "onnxruntime"}
    with raises_one_line(SettingError, "'tf' is unknown for training.*torch, torch-compile, jax"):
        peers("training", ["tf"])


def test_keys_and_names_are_unique():
    everybody = (RECTINET, *MEMORY, *PEERS)
    assert len({each.key for each in everybody}) == len(everybody)
    assert len({each.name for each in everybody}) == len(everybody)
