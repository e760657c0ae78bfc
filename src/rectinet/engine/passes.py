"""Forward and backward passes through a stack of layers, written in engine operations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rectinet.engine.interface import Engine, Inputs
from rectinet.engine.updates import Update
from rectinet.nn import Array, Layer, Loss, Penalties

# Numbers that are dense at a time: 10 MB in single precision.
_DENSE = 2_500_000


def forward(engine: Engine, layers: Sequence[Layer], x: Inputs) -> list[Inputs]:
    """Return the input and the output of every layer: ``len(layers) + 1`` arrays."""
    values: list[Inputs] = [x]
    for layer in layers:
        values.append(engine.forward(layer, values[-1]))
    return values


def backward_and_update(
    engine: Engine,
    layers: Sequence[Layer],
    values: Sequence[Inputs],
    delta: Array,
    updates: Sequence[Update],
) -> None:
    """Walk down from the output, updating each layer in place.

    Args:
        engine: does the arithmetic.
        layers: bottom to top.
        values: what `forward` returned.
        delta: gradient with respect to the top layer's pre-activation.
        updates: one rule per layer; its penalty on activations acts on that layer's output.
    """
    for index in reversed(range(len(layers))):
        below = layers[index - 1] if index > 0 else None
        passed = engine.backward(
            layers[index],
            values[index],
            delta,
            updates[index],
            input_gradient=below is not None,
            below=below,
            activation_l1=updates[index - 1].penalties.activation_l1 if index > 0 else 0.0,
        )
        if passed is not None:
            delta = passed


def gradients(
    engine: Engine,
    layers: Sequence[Layer],
    values: Sequence[Inputs],
    delta: Array,
    penalties: Sequence[Penalties],
) -> list[tuple[Array, Array]]:
    """Return each layer's gradient (weight, bias) without changing anything.

    The arguments are those of `backward_and_update`; weight penalties are not included, the
    engine's `update` adds them.
    """
    collected: list[tuple[Array, Array]] = []
    for index in reversed(range(len(layers))):
        collected.append((engine.weight_gradient(values[index], delta), delta.sum(axis=0)))
        if index > 0:
            gradient = engine.input_gradient(layers[index], delta)
            h = np.asarray(values[index])
            l1 = penalties[index - 1].activation_l1
            delta = engine.activation_gradient(layers[index - 1], h, gradient, l1)
    return collected[::-1]


def cost(
    engine: Engine,
    layers: Sequence[Layer],
    loss: Loss,
    penalties: Sequence[Penalties],
    x: Inputs,
    target: Array,
) -> float:
    """Return the whole cost of a batch: mean loss plus every layer's penalties."""
    values = forward(engine, layers, x)
    total = engine.loss(loss, np.asarray(values[-1]), target)
    for layer, penalty, h in zip(layers, penalties, values[1:], strict=True):
        total += penalty.cost(layer, np.asarray(h))
    return total


def batches(n_examples: int, size: int = 500) -> Iterator[Array]:
    """Yield row numbers in order, `size` at a time, so that evaluation needs little memory."""
    for start in range(0, n_examples, size):
        yield np.arange(start, min(start + size, n_examples))


def dense_batches(shape: tuple[int, int]) -> Iterator[Array]:
    """Yield row numbers like `batches`, so few at a time that `shape`'s rows may be dense."""
    return batches(shape[0], max(1, min(500, _DENSE // shape[1])))


def encode(engine: Engine, layers: Sequence[Layer], X: Inputs) -> Array:
    """Return the code of the topmost of `layers` for all of `X`, shape (n, n_units)."""
    parts = [
        np.asarray(forward(engine, layers, engine.minibatch(X, rows))[-1])
        for rows in batches(X.shape[0])
    ]
    return np.concatenate(parts)
