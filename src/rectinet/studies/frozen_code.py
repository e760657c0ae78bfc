"""What a pre-trained stack makes of a data set, for models that leave the stack as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rectinet.data import Dataset, Split
from rectinet.engine import DEFAULT_ENGINE, batches, forward
from rectinet.nn import Layer


def encoded(data: Dataset, layers: Sequence[Layer]) -> Dataset:
    """Return the data with the code of a stack in place of the inputs.

    The code is the outputs of all layers, side by side: with the last layer's alone, linear models
    had higher validation errors with 100, 1,000 and 10,000 labels (docs/deviations.md, number 21).

    Args:
        data: `unlabeled` is left out.
        layers: of the stack, from the first.
    """

    def code(split: Split) -> Split:
        parts = [
            np.concatenate(forward(DEFAULT_ENGINE, layers, split.X[rows])[1:], axis=1)
            for rows in batches(len(split.y))
        ]
        return Split(np.concatenate(parts), split.y)

    return replace(
        data,
        train=code(data.train),
        validation=code(data.validation),
        test=code(data.test),
        unlabeled=None,
        image_shape=None,
        feature_names=(),
        redraw=None,
    )
