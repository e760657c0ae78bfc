"""How many linear models a rectifier network has in use (paper section 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from rectinet.analysis.codes import (
    BATCH_SIZE,
    Inputs,
    batched_outputs,
    check_layers,
    check_rectifiers,
    switches,
)

# 128 bits: among a million patterns, two that differ look alike with a chance below 1e-26.
_DIGEST_BYTES = 16


@dataclass(frozen=True)
class ActivationPatterns:
    """Distinct sets of active units.

    Attributes:
        n_examples: how many examples were looked at.
        per_layer: the distinct patterns of each layer, looked at alone.
        distinct: the distinct patterns of all layers together: the linear models in use.
        largest_group: how many examples share the most frequent of those.
    """

    n_examples: int
    per_layer: tuple[int, ...]
    distinct: int
    largest_group: int


def activation_patterns(
    layers: Sequence[Any], X: Inputs, *, batch_size: int = BATCH_SIZE
) -> ActivationPatterns:
    """Count the distinct activation patterns, each of which selects one linear model.

    Args:
        layers: rectifier and linear layers, bottom to top; a linear layer has one pattern.
        X: inputs, shape (n, n_features), dense or sparse.
        batch_size: how many examples at a time.

    Raises:
        InputError: if `X` or the layers' numbers cannot be used.
        SettingError: if a layer is neither a rectifier nor linear, the layers do not fit together,
            or `batch_size` is not positive.
    """
    check_layers(layers)
    check_rectifiers(layers, "only rectifiers switch between linear models")
    alone: list[set[bytes]] = [set() for _ in layers]
    together: dict[bytes, int] = {}
    n_examples = 0
    for rows, values in batched_outputs(layers, X, batch_size=batch_size):
        n_examples += len(rows)
        packed = [
            np.packbits(h != 0, axis=1) if switches(layer) else np.zeros((len(rows), 1), np.uint8)
            for layer, h in zip(layers, values[1:], strict=True)
        ]
        for patterns in zip(*packed, strict=True):
            whole = blake2b(digest_size=_DIGEST_BYTES)
            for seen, pattern in zip(alone, patterns, strict=True):
                bits = pattern.tobytes()
                seen.add(blake2b(bits, digest_size=_DIGEST_BYTES).digest())
                whole.update(bits)  # of fixed length per layer, so nothing runs together
            key = whole.digest()
            together[key] = together.get(key, 0) + 1
    return ActivationPatterns(
        n_examples,
        tuple(len(seen) for seen in alone),
        len(together),
        max(together.values()),
    )
