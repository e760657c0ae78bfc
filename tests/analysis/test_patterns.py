import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.analysis import activation_patterns
from rectinet.engine import DEFAULT_ENGINE, forward
from rectinet.errors import SettingError
from rectinet.nn import Softplus


def test_hand_worked(by_hand):
    layers, X = by_hand
    found = activation_patterns(layers, X)  # {1}, {1, 2}, {2}, {1}
    assert (found.n_examples, found.per_layer, found.distinct) == (4, (3,), 3)
    assert found.largest_group == 2


@pytest.mark.parametrize("batch_size", [1, 6, 1000])
@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_it_is_the_number_of_distinct_masks(drawn, inputs, form, batch_size):
    X = np.concatenate([inputs, inputs[:5]])
    network = drawn()
    masks = [code != 0 for code in forward(DEFAULT_ENGINE, network.hidden, X)[1:]]
    found = activation_patterns(network.layers, form(X), batch_size=batch_size)
    alone = [len(np.unique(mask, axis=0)) for mask in masks]
    assert found.per_layer == (*alone, 1)  # the linear output is the same model for all
    groups = np.unique(np.concatenate(masks, axis=1), axis=0, return_counts=True)[1]
    assert (found.distinct, found.largest_group) == (len(groups), groups.max())


def test_smooth_units_switch_between_nothing(drawn, inputs):
    with pytest.raises(SettingError, match="layer 1 has the activation 'softplus'"):
        activation_patterns(drawn(Softplus()).layers, inputs)
