import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.analysis import perturbation_stability, rescale
from rectinet.errors import SettingError
from rectinet.nn import Layer, Rectifier, Tanh


def detectors(*biases):
    """Return one rectifier per bias, all of which see the only input."""
    n = len(biases)
    return [Layer(np.ones((1, n)), np.array(biases), np.ones(n), Rectifier())]


def test_hand_worked():
    # In one dimension noise of strength 1/2 makes 2 either 1 or 3. Units with thresholds 0, 1.5
    # and 2.5 are on, on, off at 2; on, off, off at 1 (overlap 1/2); all on at 3 (overlap 2/3).
    found = perturbation_stability(
        detectors(0.0, -1.5, -2.5), np.full((4000, 1), 2.0), strengths=(0.0, 0.5), batch_size=999
    )
    assert found.overlap[0, 0] == 1
    assert found.switched[0, 0] == 0
    assert found.switched[0, 1] == pytest.approx(1 / 3)
    # Up and down are equally likely: the mean is 7/12, a single example's deviation 1/12.
    assert found.overlap[0, 1] == pytest.approx(7 / 12, abs=5 * (1 / 12) / np.sqrt(4000))
    assert found.between_examples.tolist() == [1.0]
    assert found.noise_on == "all"


def test_two_examples_that_share_nothing():
    X = np.array([[1.0], [-1.0]])
    layer = Layer(np.array([[1.0, -1.0]]), np.zeros(2), np.ones(2), Rectifier())
    assert perturbation_stability([layer], X).between_examples.tolist() == [0.0]


def test_off_before_and_after_is_no_change():
    found = perturbation_stability(detectors(-100.0), np.ones((3, 1)))
    assert (found.overlap == 1).all()
    assert (found.switched == 0).all()


def test_a_single_example_has_no_other():
    assert np.isnan(perturbation_stability(detectors(0.0), np.ones((1, 1))).between_examples).all()


def test_more_noise_leaves_less(drawn, inputs):
    found = perturbation_stability(
        drawn(sizes=(60, 60)).hidden, np.tile(inputs, (20, 1)), strengths=(0.01, 0.1, 1)
    )
    assert (np.diff(found.overlap, axis=1) < 0).all()
    assert (np.diff(found.switched, axis=1) > 0).all()


@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_same_seed_same_numbers_whatever_the_batch(drawn, inputs, form):
    hidden, X = drawn().hidden, form(inputs)
    first, second = (perturbation_stability(hidden, X, batch_size=n) for n in (4, 1000))
    np.testing.assert_allclose(first.overlap, second.overlap, rtol=1e-12)
    np.testing.assert_allclose(first.between_examples, second.between_examples, rtol=1e-12)
    other = perturbation_stability(hidden, X, seed=1)
    assert (other.overlap != first.overlap).any()


def test_scale_does_not_count(drawn, inputs):
    hidden = drawn().hidden
    found = perturbation_stability(hidden, inputs)
    # Powers of two, so that no rounding moves a unit.
    scaled = perturbation_stability(rescale(hidden, [0.25, 8]), inputs)
    np.testing.assert_array_equal(found.overlap, scaled.overlap)


@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_zeros_that_stay_zeros(form):
    # Unit 1 sees the input that is always 0; its bias is so small that any noise would switch it.
    layer = Layer(np.eye(2), np.array([1e-9, 0.0]), np.ones(2), Rectifier())
    X = np.array([[0.0, 1.0]] * 50)
    found = perturbation_stability([layer], form(X), strengths=(0.5,), noise_on="nonzero")
    assert found.overlap.tolist() == [[1.0]]
    assert found.noise_on == "nonzero"
    assert perturbation_stability([layer], X, strengths=(0.5,)).overlap[0, 0] < 1


def test_refusals(drawn, inputs, raises_one_line):
    hidden = drawn().hidden
    with raises_one_line(SettingError, "'all' but X is sparse"):
        perturbation_stability(hidden, csr_array(inputs), noise_on="all")
    with raises_one_line(SettingError, "noise_on is 'some'"):
        perturbation_stability(hidden, inputs, noise_on="some")
    for strengths in ([], [0.1, -1.0], [np.nan], 0.1, ["much"], None):
        with raises_one_line(SettingError, "at least one finite number of 0 or more"):
            perturbation_stability(hidden, inputs, strengths=strengths)
    with raises_one_line(SettingError, "layer 1 has the activation 'tanh'.*never off"):
        perturbation_stability(drawn(Tanh()).hidden, inputs)
    with raises_one_line(SettingError, "layer 3 has the activation 'linear'"):
        perturbation_stability(drawn().layers, inputs)
