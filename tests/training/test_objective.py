from __future__ import annotations

import numpy as np

from rectinet.engine import DEFAULT_ENGINE
from rectinet.nn import Rectifier, initialize_layer
from rectinet.training.objective import ActivityCount


def test_activity_is_counted_over_batches(random: np.random.Generator) -> None:
    layers = [initialize_layer(3, n_units, Rectifier(), random) for n_units in (3, 2)]
    count = ActivityCount(DEFAULT_ENGINE, layers)
    # The first layer: one unit dead, one active once, one twice. The second: both active once.
    count.add([np.array([[0.0, 1, 2], [0, 0, -0.0]]), np.array([[1.0, 0], [0, 0]])])
    count.add([np.array([[-0.0, 0, -3]]), np.array([[0.0, -1]])])
    np.testing.assert_allclose(count.zeros(), [6 / 9, 4 / 6])
    assert count.dead_units() == (1, 0)


def test_a_linear_model_has_no_activity() -> None:
    count = ActivityCount(DEFAULT_ENGINE, [])
    count.add([])
    assert (count.zeros(), count.dead_units()) == ((), ())
