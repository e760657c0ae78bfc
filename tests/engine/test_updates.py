"""Update rules against torch's optimizers, and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rectinet.engine import DEFAULT_ENGINE, Update, new_update
from rectinet.engine.updates import BETA1, BETA2, EPSILON
from rectinet.nn import Linear, Penalties, initialize_layer

RATE = 0.05


def torch_optimizer(torch: Any, rule: Update, parameters: list[Any]) -> Any:
    if rule.adam:
        return torch.optim.Adam(parameters, lr=RATE, betas=(BETA1, BETA2))
    # v = m v + g; w -= lr v: the same steps as ours as long as the rate is constant.
    return torch.optim.SGD(parameters, lr=RATE, momentum=rule.momentum)


@pytest.mark.parametrize("weight_l2", [0.0, 0.1])
@pytest.mark.parametrize(
    "rule",
    [Update(RATE), Update(RATE, momentum=0.9), Update(RATE, adam=True)],
    ids=["sgd", "momentum", "adam"],
)
def test_steps_are_those_of_torch(
    rule: Update, weight_l2: float, random: np.random.Generator
) -> None:
    torch = pytest.importorskip(
        "torch", reason="PyTorch, the independent reference for updates, is not installed"
    )
    layer = initialize_layer(5, 3, Linear(), random, dtype=np.float64)
    update = new_update(
        layer, Update(RATE, rule.momentum, rule.adam, Penalties(weight_l2=weight_l2))
    )
    weight, bias = (torch.tensor(each, requires_grad=True) for each in (layer.weight, layer.bias))
    optimizer = torch_optimizer(torch, rule, [weight, bias])
    for step in range(1, 8):
        gradients = random.standard_normal((5, 3)), random.standard_normal(3)
        if rule.adam:
            # Ours is the order of computation at the end of section 2 of Kingma and Ba, where
            # epsilon is added before the correction of the square's bias.
            optimizer.param_groups[0]["eps"] = EPSILON / np.sqrt(1 - BETA2**step)
        weight.grad = torch.tensor(gradients[0]) + 2 * weight_l2 * weight.detach()
        bias.grad = torch.tensor(gradients[1])
        optimizer.step()
        DEFAULT_ENGINE.update(layer, *gradients, update)
        np.testing.assert_allclose(layer.weight, weight.detach().numpy(), rtol=1e-10)
        np.testing.assert_allclose(layer.bias, bias.detach().numpy(), rtol=1e-10)
    assert update.steps == 7


def test_momentum_by_hand() -> None:
    layer = initialize_layer(1, 1, Linear(), np.random.default_rng(0), dtype=np.float64)
    layer.weight[...] = 1
    update = new_update(layer, Update(0.1, momentum=0.5))
    # v: -0.1 * 2 = -0.2, then 0.5 * -0.2 - 0.1 * 4 = -0.5
    for gradient, expected in ((2.0, 0.8), (4.0, 0.3)):
        DEFAULT_ENGINE.update(layer, np.full((1, 1), gradient), np.zeros(1), update)
        assert layer.weight[0, 0] == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("rule", "buffers"),
    [
        (Update(0.1), set()),
        (Update(0.1, momentum=0.9), {"velocity.weight", "velocity.bias"}),
        (Update(0.1, adam=True), {"mean.weight", "mean.bias", "square.weight", "square.bias"}),
    ],
    ids=["sgd", "momentum", "adam"],
)
def test_buffers_are_what_the_rule_needs(
    rule: Update, buffers: set[str], random: np.random.Generator
) -> None:
    layer = initialize_layer(4, 2, Linear(), random)
    update = new_update(layer, rule)
    assert set(update.buffers) == buffers
    assert update.plain == (not buffers)
    for name, buffer in update.buffers.items():
        like = layer.weight if name.endswith("weight") else layer.bias
        assert (buffer.shape, buffer.dtype) == (like.shape, like.dtype)
        assert not buffer.any()
