"""Published figures that ours stand beside (PAPER section 4).

`recalled` marks those that were not read from a stored copy of the paper.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """A test error of the paper's table 1, as a share, and how it is known."""

    test_error: float
    recalled: bool = False


ZEROS = {"mnist": 0.834, "cifar10": 0.720, "nistp": 0.680, "norb": 0.738}
"""Mean share of exact zeros in the hidden layers of the rectifier nets."""

TABLE_1: dict[tuple[str, str, bool], Published] = {
    ("mnist", "rectifier", True): Published(0.0120),
    ("mnist", "tanh", True): Published(0.0116, recalled=True),
    ("mnist", "softplus", True): Published(0.0117, recalled=True),
    ("mnist", "rectifier", False): Published(0.0143),
    ("mnist", "tanh", False): Published(0.0157),
    ("mnist", "softplus", False): Published(0.0177),
}
"""Test error by (data set, activation, pre-trained)."""
