import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.analysis import active_unit_counts, dead_units, sparsity_profile
from rectinet.engine import DEFAULT_ENGINE, forward
from rectinet.nn import Sigmoid, Softplus, Tanh


def test_hand_worked(by_hand):
    layers, X = by_hand
    profile = sparsity_profile(layers, X)
    assert profile.n_examples == 4
    assert profile.active[0].tolist() == [3, 2, 0]
    assert profile.unit_zeros[0].tolist() == [0.25, 0.5, 1.0]
    assert profile.zeros == (pytest.approx(7 / 12),)
    assert active_unit_counts(layers, X).tolist() == [[1], [2], [1], [1]]
    assert [units.tolist() for units in dead_units(layers, X)] == [[2]]


@pytest.mark.parametrize("batch_size", [1, 5, 23, 1000])
@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_it_counts_the_engines_zeros_whatever_the_batch(drawn, inputs, form, batch_size):
    hidden = drawn().hidden
    codes = forward(DEFAULT_ENGINE, hidden, inputs)[1:]
    profile = sparsity_profile(hidden, form(inputs), batch_size=batch_size)
    counts = active_unit_counts(hidden, form(inputs), batch_size=batch_size)
    for index, code in enumerate(codes):
        np.testing.assert_array_equal(profile.active[index], (code != 0).sum(axis=0))
        np.testing.assert_array_equal(counts[:, index], (code != 0).sum(axis=1))
    assert profile.mean_zeros == pytest.approx(np.mean([(code == 0).mean() for code in codes]))


@pytest.mark.parametrize("activation", [Tanh(), Softplus(), Sigmoid()])
def test_smooth_units_are_never_off(drawn, inputs, activation):
    hidden = drawn(activation).hidden
    assert sparsity_profile(hidden, inputs).zeros == (0.0, 0.0)
    assert active_unit_counts(hidden, inputs).tolist() == [[9, 5]] * len(inputs)
    assert not any(units.size for units in dead_units(hidden, inputs))
