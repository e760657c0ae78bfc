import numpy as np
import pytest
from scipy.sparse import csr_array

import rectinet.report.inspection
from rectinet import analysis
from rectinet.engine import predict
from rectinet.errors import InputError, SettingError
from rectinet.nn import Tanh, initialize_network
from rectinet.randomness import generator


def test_public_names():
    assert rectinet.report.inspection.__all__ == [
        "Inspection",
        "LayerFacts",
        "LocalModel",
        "inspect_network",
        "inspection_page",
        "print_inspection",
        "write_inspection",
    ]


def test_it_measures_what_the_analysis_room_does(inspect, network, examples):
    X, y = examples
    drawn, found = network(), inspect()
    assert found.accuracy == (predict(drawn, X) == y).mean()
    assert found.input_zeros == (X == 0).mean()
    assert found.sparsity.zeros == analysis.sparsity_profile(drawn.hidden, X).zeros
    assert found.patterns == analysis.activation_patterns(drawn.hidden, X)
    assert found.gradients == analysis.gradient_norms(drawn.layers, X, y)
    assert found.separability == analysis.linear_separability(drawn.hidden, X, y)
    np.testing.assert_array_equal(found.active_counts, analysis.active_unit_counts(drawn.hidden, X))
    names = [layer.name for layer in found.layers]
    assert names == ["layer 1", "layer 2", "output"]
    balanced = analysis.balance(drawn.layers)
    for layer, before, after in zip(found.layers, drawn.layers, balanced, strict=True):
        np.testing.assert_allclose(before.weight / layer.alpha, after.weight, rtol=1e-6)


def test_local_models_are_the_network_at_their_examples(inspect, examples):
    X, y = examples
    found = inspect()
    assert len(found.local_models) == 4
    for model in found.local_models:
        np.testing.assert_array_equal(model.inputs, X[model.example])
        assert model.label == y[model.example]
        best, second = model.columns
        assert model.outputs[best] == model.outputs.max()
        assert model.outputs[second] == np.sort(model.outputs)[-2]
        assert model.relative_error < 1e-5
        np.testing.assert_allclose(
            model.inputs @ model.weights + model.bias, model.outputs[[best, second]], atol=1e-5
        )
        lead = model.contributions.sum() + model.bias[0] - model.bias[1]
        assert lead == pytest.approx(model.outputs[best] - model.outputs[second], abs=1e-5)
    wrong = [model.label != model.columns[0] for model in found.local_models]
    assert wrong == [True, True, False, False] or sum(wrong) > 2  # wrong ones first


def test_dense_and_sparse_inputs_agree(inspect, words):
    dense = inspect()
    np.testing.assert_array_equal(dense.active_counts, words.active_counts)
    assert dense.accuracy == words.accuracy
    assert words.stability is not None
    assert words.stability.noise_on == "nonzero"


def test_a_large_set_is_sampled(inspect, examples):
    X, y = examples
    found = inspect(max_examples=40)
    assert (found.n_given, found.n_examples, found.n_labeled) == (90, 40, 40)
    for model in found.local_models:  # named by their rows in what was handed in
        np.testing.assert_array_equal(model.inputs, X[model.example])
        assert model.label == y[model.example]


def test_unlabeled_examples(inspect, examples):
    _, y = examples
    found = inspect(y=np.where(np.arange(len(y)) < 60, y, -1))
    assert found.n_labeled == 60
    assert found.gradients is not None
    assert found.gradients.n_examples == 60
    assert found.separability is not None
    assert found.separability.n_train == 30


def test_what_does_not_apply_is_left_out(inspect, network, examples):
    unlabeled = inspect(y=None)
    assert (unlabeled.accuracy, unlabeled.gradients, unlabeled.separability) == (None,) * 3
    assert unlabeled.local_models
    smooth = inspect(Tanh())
    assert (smooth.patterns, smooth.stability, smooth.local_models) == (None, None, ())
    assert smooth.gradients is not None
    assert all(layer.alpha is None for layer in smooth.layers)
    stack = inspect(layers=network().hidden, class_names=None)
    assert (stack.accuracy, stack.gradients, stack.local_models) == (None, None, ())
    assert stack.separability is not None
    few = inspect(y=np.where(np.arange(len(examples[1])) < 9, examples[1], -1))
    assert few.separability is None


def test_one_output(inspect, network):
    found = inspect(layers=network(n_outputs=1).layers, class_names=("stars",))
    assert (found.accuracy, found.gradients) == (None, None)
    model = found.local_models[0]
    assert model.columns == (0,)
    assert model.weights.shape == (9, 1)
    assert model.contributions.sum() + model.bias[0] == pytest.approx(model.outputs[0], abs=1e-5)


def test_refusals(inspect, network, examples, raises_one_line):
    X, y = examples
    linear = initialize_network(9, (), 3, Tanh(), generator(0, "weights"))
    for layers in (linear.layers, ()):
        with raises_one_line(SettingError, "no hidden one"):
            inspect(layers=layers)
    with raises_one_line(InputError, "X has 8 features; expected 9"):
        inspect(X=X[:, 1:])
    with raises_one_line(InputError, r"the label 3 at position 4.*expected 0\.\.2"):
        inspect(y=np.where(np.arange(len(y)) == 4, 3, y))
    with raises_one_line(InputError, r"y has shape \(89,\)"):
        inspect(y=y[1:])
    with raises_one_line(SettingError, "class_names has 2 names; give 3"):
        inspect(class_names=("a", "b"))
    for values in ((1, 2), (1, 2, np.nan), ("a", "b", "c")):
        with raises_one_line(SettingError, "class_values is .*give 3 finite numbers"):
            inspect(class_values=values)
    for shape in ((3, 4), (9,), (-3, -3)):
        with raises_one_line(SettingError, "give .height, width. or"):
            inspect(image_shape=shape)
    with raises_one_line(SettingError, "max_examples is 0; give a whole number of 1"):
        inspect(max_examples=0)
    with raises_one_line(SettingError, "n_local_models is -1"):
        inspect(n_local_models=-1)
    X[5, 5] = np.nan
    for form in (X, csr_array(X)):
        with raises_one_line(InputError, "NaN at row 5, column 5"):
            inspect(X=form)
