import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.analysis import linear_separability, rescale
from rectinet.errors import InputError, SettingError
from rectinet.nn import Layer, Rectifier, Tanh
from rectinet.randomness import generator


@pytest.fixture
def exclusive_or():
    """Return 400 points near the corners of a square, labeled by xor, and a layer that solves it.

    |x1 + x2| is large on one diagonal and small on the other: rectifiers of x1 + x2 and
    -(x1 + x2) make that linear.
    """
    random = generator(0, "xor")
    corners = random.integers(0, 2, (400, 2)) * 2 - 1
    layer = Layer(np.array([[1.0, -1.0], [1.0, -1.0]]), np.zeros(2), np.ones(2), Rectifier())
    X = corners + 0.2 * random.uniform(-1, 1, (400, 2))
    return [layer], X, (corners[:, 0] == corners[:, 1]).astype(int)


def test_a_layer_that_makes_it_linear(exclusive_or):
    found = linear_separability(*exclusive_or)
    assert (found.n_train, found.n_test) == (200, 200)
    assert found.train_accuracy[0] < 0.8  # a line cuts off one corner of four at best
    assert found.test_accuracy[1] == found.train_accuracy[1] == 1
    assert found.converged == (True, True)


def test_scale_and_form_do_not_count(exclusive_or):
    layers, X, y = exclusive_or
    found = linear_separability(layers, X, y)
    assert linear_separability(rescale(layers, [1e-3]), X, y) == found
    assert linear_separability(layers, csr_array(X), y, batch_size=7) == found


def test_examples_are_drawn_and_the_unlabeled_left_out(exclusive_or):
    layers, X, y = exclusive_or
    y = np.where(np.arange(len(y)) < 300, y, -1)
    X[300:] = np.nan  # nothing of the unlabeled is looked at
    found = linear_separability(layers, X, y)
    assert found.n_train + found.n_test == 300
    drawn = linear_separability(layers, X, y, max_examples=101)
    assert (drawn.n_train, drawn.n_test) == (51, 50)
    assert linear_separability(layers, X, y, max_examples=101) == drawn


def test_any_activation(drawn, inputs):
    y = (inputs[:, 0] > 0).astype(int)
    found = linear_separability(drawn(Tanh()).hidden, inputs, y)
    assert len(found.train_accuracy) == 3


def test_refusals(exclusive_or, raises_one_line):
    layers, X, y = exclusive_or
    for labels in (np.zeros(400), np.full(400, -1), np.where(np.arange(400) < 1, 0, -1)):
        with raises_one_line(InputError, "two classes or more"):
            linear_separability(layers, X, labels)
    with raises_one_line(InputError, r"y has shape \(399,\); expected \(400,\)"):
        linear_separability(layers, X, y[1:])
    with raises_one_line(InputError, "not made of whole numbers"):
        linear_separability(layers, X, y + 0.5)
    with raises_one_line(SettingError, "max_examples is 0"):
        linear_separability(layers, X, y, max_examples=0)
    with raises_one_line(SettingError, "regularization is 0"):
        linear_separability(layers, X, y, regularization=0)
