"""A run of training is the same run whoever does the arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from rectinet.engine import CpuEngine, backward_and_update, forward, new_update
from rectinet.kernels import native
from rectinet.nn import Rectifier, initialize_network
from rectinet.training import FinetuningSettings


def losses_of(solver: str, engine: CpuEngine) -> np.ndarray:
    """Return the losses of a hundred steps."""
    random = np.random.default_rng(0)
    X = np.maximum(random.standard_normal((200, 30)), 0).astype("f4")
    y = X[:, :3].argmax(axis=1)
    network = initialize_network(30, (40, 20), 3, Rectifier(), np.random.default_rng(1))
    settings = FinetuningSettings(solver=solver, weight_l1=1e-5, weight_l2=1e-4, activation_l1=1e-4)
    updates = [
        new_update(layer, settings.update(0.01, penalty))
        for layer, penalty in zip(network.layers, settings.penalties(2, 3), strict=True)
    ]
    losses = []
    for step in range(100):
        rows = np.arange(10) + 10 * (step % 20)
        values = forward(engine, network.layers, X[rows])
        loss, delta = engine.loss_and_gradient(network.loss, values[-1], y[rows])
        backward_and_update(engine, network.layers, values, delta, updates)
        losses.append(loss)
    return np.array(losses)


@pytest.mark.skipif(not native.AVAILABLE, reason="nothing to compare with: no C++ compiler")
@pytest.mark.parametrize("solver", ["sgd", "momentum", "adam"])
def test_the_first_hundred_steps_are_the_same(solver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    losses = {}
    for mode in ("native", "blas"):
        monkeypatch.setenv("RECTINET_KERNELS", mode)
        engine = CpuEngine()  # as the default one, which waits for its first use to ask
        losses[mode] = losses_of(solver, engine)
        assert set(engine.kernels_used()) == {f"{name} {mode}" for name in ("forward", "backward")}
    np.testing.assert_allclose(losses["native"], losses["blas"], rtol=1e-4)
    # They were steps that led somewhere.
    assert losses["native"][-20:].mean() < losses["native"][:20].mean()
