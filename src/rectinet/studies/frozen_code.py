"""What a pre-trained stack makes of a data set, for models that leave the stack as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rectinet.data import Dataset, Split
from rectinet.engine import DEFAULT_ENGINE, batches, forward
from rectinet.nn import Array, Layer


def encoded(data: Dataset, layers: Sequence[Layer]) -> Dataset:
    """Return the data with the code of a stack in place of the inputs.

    The code is the outputs of all layers, side by side: with the last layer's alone, linear models
    had higher validation errors with 1,000 labels and more (docs/deviations.md, number 21). Each
    output is standardized by its mean and standard deviation over all training inputs, labeled or
    not: on outputs as they are, a logistic regression of 1,000 reviews took up to a minute, and on
    some it did not converge. Standard deviations below a tenth of their mean count as that, or a
    unit that is on for one training input in thousands would speak loudest where it is on again.

    Args:
        data: `unlabeled` is left out.
        layers: of the stack, from the first.

    Returns:
        Dense splits, float32, with a column for each unit of all layers.
    """
    train = _code(layers, data.train)
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    scale = np.maximum(deviation, 0.1 * deviation.mean() or 1.0)

    def standardized(split: Split, code: Array) -> Split:
        code -= mean
        code /= scale
        return Split(code, split.y)

    return replace(
        data,
        train=standardized(data.train, train),
        validation=standardized(data.validation, _code(layers, data.validation)),
        test=standardized(data.test, _code(layers, data.test)),
        unlabeled=None,
        image_shape=None,
        feature_names=(),
        redraw=None,
    )


def _code(layers: Sequence[Layer], split: Split) -> Array:
    code = np.empty((len(split.y), sum(layer.n_out for layer in layers)), np.float32)
    for rows in batches(len(split.y)):
        outputs = forward(DEFAULT_ENGINE, layers, split.X[rows])[1:]
        code[rows] = np.concatenate(outputs, axis=1)
    return code
