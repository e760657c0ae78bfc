"""Published figures that ours stand beside (PAPER section 4).

`recalled` marks those that were not read from a stored copy of the paper.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """A test error of the paper, as a share, and how it is known."""

    test_error: float
    recalled: bool = False


N_TEST = {"mnist": 10_000, "cifar10": 5_000, "nistp": 20_000, "norb": 58_320}
"""Test examples, by data set; every figure of the paper is of one network."""

ZEROS = {"mnist": 0.834, "cifar10": 0.720, "nistp": 0.680, "norb": 0.738}
"""Mean share of exact zeros in the hidden layers of the rectifier nets."""

_ROWS = {
    ("rectifier", True): (0.0120, 0.4996, 0.3286, 0.1646),
    ("tanh", True): (0.0116, 0.5079, 0.3589, 0.1766),
    ("softplus", True): (0.0117, 0.4952, 0.3327, 0.1919),
    ("rectifier", False): (0.0143, 0.5086, 0.3264, 0.1640),
    ("tanh", False): (0.0157, 0.5262, 0.3646, 0.1929),
    ("softplus", False): (0.0177, 0.5320, 0.3548, 0.1768),
}


def _recalled(dataset: str, activation: str, pretrained: bool) -> bool:
    read = activation == "rectifier" or (dataset, activation) == ("norb", "tanh")
    return pretrained and not read


TABLE_1: dict[tuple[str, str, bool], Published] = {
    (dataset, activation, pretrained): Published(
        error, recalled=_recalled(dataset, activation, pretrained)
    )
    for (activation, pretrained), errors in _ROWS.items()
    for dataset, error in zip(N_TEST, errors, strict=True)
}
"""Test error by (data set, activation, pre-trained)."""

SOFTPLUS = {
    1.0: Published(0.1768),
    1.3: Published(0.1753, recalled=True),
    2.0: Published(0.1690, recalled=True),
    3.0: Published(0.1666),
    6.0: Published(0.1654),
    math.inf: Published(0.1640),
}
"""Test error on NORB without pre-training, by the sharpness alpha; infinite: the rectifier."""


@dataclass(frozen=True)
class PublishedRating:
    """A figure of table 2.

    Attributes:
        rmse: root mean squared error, in stars.
        half_width: what the paper gives after the plus-minus sign.
        zeros: share of zeros in the code; without hidden layer, in the input.
    """

    rmse: float
    half_width: float
    zeros: float


TABLE_2 = {
    ("linear", 0): PublishedRating(0.885, 0.006, 0.994),
    ("rectifier", 1): PublishedRating(0.807, 0.004, 0.289),
    ("rectifier", 3): PublishedRating(0.746, 0.004, 0.539),
    ("tanh", 3): PublishedRating(0.774, 0.008, 0.0),
}
"""OpenTable's reviews, with pre-training, by (units, number of hidden layers)."""

AMAZON_ACCURACY, AMAZON_BEFORE = 0.7895, 0.7372
"""Mean accuracy over Amazon's four domains: the paper's, and the best before it."""

SPARSITY_LIMIT = 0.85
"""Figure 3, on MNIST: up to about this share of zeros the test error does not suffer."""
