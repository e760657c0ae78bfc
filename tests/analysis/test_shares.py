import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from rectinet.analysis import rescale, unit_shares
from rectinet.analysis.shares import UnitShares
from rectinet.nn import Tanh


def test_hand_worked(by_hand):
    found = unit_shares(*by_hand)  # sums of |h|: 4, 3, 0
    np.testing.assert_allclose(found.shares[0], [4 / 7, 3 / 7, 0])


@pytest.mark.parametrize(
    ("shares", "effective", "evenness", "gini"),
    [
        ([0.25, 0.25, 0.25, 0.25], 4, 1, 0),
        ([0.5, 0, 0, 0.5], 2, 0.5, 0.5),
        ([0, 1, 0, 0], 1, 0, 0.75),
        ([0, 0, 0, 0], 0, 0, 0),
        ([1], 1, 1, 0),
        ([0], 0, 0, 0),
    ],
)
def test_known_distributions(shares, effective, evenness, gini):
    found = UnitShares(10, (np.array(shares, float),))
    assert found.effective_units == (pytest.approx(effective),)
    assert found.evenness == (pytest.approx(evenness),)
    assert found.gini == (pytest.approx(gini),)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=30).filter(lambda sums: sum(sums) > 1e-6))
def test_bounds(sums):
    found = UnitShares(1, (np.array(sums) / sum(sums),))
    assert 1 - 1e-9 <= found.effective_units[0] <= len(sums) * (1 + 1e-9)
    assert 0 <= found.evenness[0] <= 1
    assert 0 <= found.gini[0] < 1


@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_shares_add_up_to_one_and_scale_does_not_count(drawn, inputs, form):
    hidden = drawn().hidden
    found = unit_shares(hidden, form(inputs), batch_size=4)
    scaled = unit_shares(rescale(hidden, [0.01, 30]), inputs)
    for share, other in zip(found.shares, scaled.shares, strict=True):
        assert share.sum() == pytest.approx(1)
        np.testing.assert_allclose(share, other)


def test_negative_values_count_as_activity(drawn, inputs):
    assert all((share > 0).all() for share in unit_shares(drawn(Tanh()).hidden, inputs).shares)
