import numpy as np
import pytest

from rectinet.analysis import local_linear_model
from rectinet.engine import DEFAULT_ENGINE, encode
from rectinet.errors import InputError, SettingError
from rectinet.nn import Layer, Linear, Rectifier, Softplus, initialize_network
from rectinet.randomness import generator


def test_hand_worked():
    # Unit 1 sees 2 * 3 - 1 = 5 and is on, sign -1; unit 2 sees -3 and is off; output = 10 h1 + 7.
    hidden = Layer(
        np.array([[2.0, -1.0]]), np.array([-1.0, 0.0]), np.array([-1.0, 1.0]), Rectifier()
    )
    output = Layer(np.array([[10.0], [100.0]]), np.array([7.0]), np.array([1.0]), Linear())
    W, b = local_linear_model([hidden, output], np.array([3.0]))
    assert W.tolist() == [[-20.0]]
    assert b.tolist() == [17.0]  # 10 * -1 * -1 + 7


@pytest.mark.parametrize("sign_flip", ["half", "none"])
def test_it_is_the_network_at_that_point_and_near_it(sign_flip):
    drawn = initialize_network(
        8, (16, 16), 3, Rectifier(), generator(0, "weights"), sign_flip=sign_flip, dtype=np.float64
    )
    for x in generator(1, "inputs").normal(size=(20, 8)):
        W, b = local_linear_model(drawn.layers, x)
        near = x + 1e-9  # no unit is that close to its threshold in these draws
        for point in (x, near):
            expected = encode(DEFAULT_ENGINE, drawn.layers, point[None])[0]
            np.testing.assert_allclose(point @ W + b, expected, rtol=1e-9, atol=1e-12)


def test_refuses_other_activations_and_shapes():
    layers = initialize_network(8, (4,), 3, Softplus(), generator(0, "weights")).layers
    with pytest.raises(SettingError, match="'softplus'"):
        local_linear_model(layers, np.zeros(8))
    with pytest.raises(InputError, match=r"shape \(7,\).*\(8,\)"):
        local_linear_model(layers, np.zeros(7))
