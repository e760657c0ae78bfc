"""A run of training is the same run whoever does the arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rectinet.kernels import native

STEPS = """
    import os
    import numpy as np
    from rectinet.engine import DEFAULT_ENGINE, backward_and_update, forward, new_update
    from rectinet.nn import Rectifier, initialize_network
    from rectinet.training import FinetuningSettings

    random = np.random.default_rng(0)
    X = np.maximum(random.standard_normal((200, 30)), 0).astype("f4")
    y = X[:, :3].argmax(axis=1)
    for solver in ("sgd", "momentum", "adam"):
        network = initialize_network(30, (40, 20), 3, Rectifier(), np.random.default_rng(1))
        settings = FinetuningSettings(
            solver=solver, weight_l1=1e-5, weight_l2=1e-4, activation_l1=1e-4
        )
        penalties = settings.penalties(2, 3)
        updates = [
            new_update(layer, settings.update(0.01, penalty))
            for layer, penalty in zip(network.layers, penalties, strict=True)
        ]
        for step in range(100):
            rows = np.arange(10) + 10 * (step % 20)
            values = forward(DEFAULT_ENGINE, network.layers, X[rows])
            loss, delta = DEFAULT_ENGINE.loss_and_gradient(network.loss, values[-1], y[rows])
            backward_and_update(DEFAULT_ENGINE, network.layers, values, delta, updates)
            print(loss)
    assert set(DEFAULT_ENGINE.kernels_used()) == {
        f"{name} {os.environ['RECTINET_KERNELS']}" for name in ("forward", "backward")
    }
"""


@pytest.mark.skipif(not native.AVAILABLE, reason="nothing to compare with: no C++ compiler")
def test_the_first_hundred_steps_are_the_same(run_python: Callable[..., Any]) -> None:
    losses = {}
    for mode in ("native", "blas"):
        done = run_python(STEPS, RECTINET_KERNELS=mode)
        assert done.returncode == 0, done.stderr
        losses[mode] = np.array(done.stdout.split(), float).reshape(3, 100)
    np.testing.assert_allclose(losses["native"], losses["blas"], rtol=1e-4)
    # They were steps that led somewhere.
    for run in losses["native"]:
        assert run[-20:].mean() < run[:20].mean()
