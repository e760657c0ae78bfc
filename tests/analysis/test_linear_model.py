import tracemalloc

import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix

from rectinet.analysis import local_linear_model
from rectinet.data import load_dataset
from rectinet.engine import DEFAULT_ENGINE, encode
from rectinet.errors import InputError, SettingError
from rectinet.nn import Layer, Linear, Rectifier, Softplus, initialize_network
from rectinet.randomness import generator
from rectinet.training import FinetuningSettings, finetune


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
    with pytest.raises(InputError, match=r"shape \(2, 8\).*a row of shape \(1, 8\)"):
        local_linear_model(layers, csr_array((2, 8)))
    with pytest.raises(InputError, match="1 values that are NaN or infinite"):
        local_linear_model(layers, np.append(np.zeros(7), np.nan))


def test_a_row_may_have_any_form(drawn, inputs):
    layers = drawn().layers
    W, b = local_linear_model(layers, inputs[3])
    for row in (inputs[3:4], csr_array(inputs)[[3]], csr_matrix(inputs)[3], inputs[3].tolist()):
        other = local_linear_model(layers, row)
        np.testing.assert_array_equal(other[0], W)
        np.testing.assert_array_equal(other[1], b)


def test_a_hidden_layer_on_top_and_a_single_one(drawn, inputs):
    hidden = drawn().hidden
    for stack in (hidden, hidden[:1]):
        W, b = local_linear_model(stack, inputs[0])
        code = encode(DEFAULT_ENGINE, stack, inputs[:1])[0]
        np.testing.assert_allclose(inputs[0] @ W + b, code, rtol=1e-12, atol=1e-15)
        assert not W[:, code == 0].any()
        assert not b[code == 0].any()


def test_long_inputs_need_no_square_matrix():
    n_in, n_hidden, n_out = 20_000, 50, 3
    layers = initialize_network(
        n_in, (n_hidden, n_hidden), n_out, Rectifier(), generator(0, "weights")
    ).layers
    words = generator(1, "words").permutation(n_in)[:100]
    x = csr_array((np.ones(100, np.float32), ([0] * 100, words)), shape=(1, n_in))
    tracemalloc.start()
    W, b = local_linear_model(layers, x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Room for the hidden layer's weights twice in double precision, for the rest once.
    assert peak < 8 * (2 * n_in * n_hidden + 4 * n_in * n_out)
    np.testing.assert_allclose(x @ W + b, encode(DEFAULT_ENGINE, layers, x), rtol=1e-4)


def test_a_thousand_mnist_images(real_files):
    folder = real_files("mnist")
    mnist = load_dataset("mnist", data_dir=folder)
    start = initialize_network(784, (200, 200, 200), 10, Rectifier(), generator(0, "weights"))
    network = finetune(
        start,
        mnist.train.X[:2000],
        mnist.train.y[:2000],
        settings=FinetuningSettings(learning_rate=0.05, epochs=2),
    ).network
    rows = generator(0, "images").permutation(len(mnist.test.y))[:1000]
    X = mnist.test.X[rows]
    outputs = encode(DEFAULT_ENGINE, network.layers, X)
    assert outputs.dtype == np.float32
    for x, expected in zip(X, outputs, strict=True):
        W, b = local_linear_model(network.layers, x)
        # Relative to the whole output: a single one may be near 0 by cancellation, where the
        # network's own single precision has no four digits.
        difference = np.linalg.norm(x @ W + b - expected)
        assert difference <= 1e-4 * np.linalg.norm(expected)
