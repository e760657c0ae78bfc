"""The strategies A-D: ranges, targets and scaling (paper 3.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rectinet.engine import DEFAULT_ENGINE, forward
from rectinet.errors import InputError, SettingError
from rectinet.nn import (
    Activation,
    CodeTarget,
    CrossEntropy,
    Layer,
    Linear,
    Rectifier,
    Sigmoid,
    Softplus,
    SquaredError,
    Tanh,
    initialize_network,
    reconstruction,
    reconstruction_names,
)

# PAPER section 2: the decoder, its cost, and what it can say.
TABLE = {
    "softplus": ("A", SquaredError(Softplus()), 0, np.inf),
    "sigmoid": ("B", CrossEntropy(), 0, 1),
    "linear": ("C", SquaredError(Linear()), -np.inf, np.inf),
    "linear-preactivation": ("C", SquaredError(Linear()), -np.inf, np.inf),
    "rectifier": ("D", SquaredError(Rectifier()), 0, np.inf),
}
RESCALING = [name for name in TABLE if name != "softplus"]  # A takes codes as they are


def stack_of(activation: Activation, random: np.random.Generator) -> tuple[Layer, Layer]:
    """Two layers of 7, 6 and 4 units, the first unit of the lower one dead."""
    layers = initialize_network(7, (6,), 4, activation, random, dtype=np.float64).layers
    layers[0].bias[0] = -100
    return layers


def largest_outputs(layer: Layer, x: np.ndarray) -> np.ndarray:
    return np.maximum(0, DEFAULT_ENGINE.forward(layer, x) * layer.sign).max(axis=0)


@pytest.fixture
def x(random: np.random.Generator) -> np.ndarray:
    return random.standard_normal((50, 7))


def test_the_strategies_are_those_of_the_paper() -> None:
    assert set(reconstruction_names()) == set(TABLE)
    for name, (letter, loss, lower, upper) in TABLE.items():
        strategy = reconstruction(name)
        assert (strategy.letter, strategy.loss) == (letter, loss)
        assert (strategy.lower, strategy.upper) == (lower, upper)
        assert strategy.preactivation == (name == "linear-preactivation")


@pytest.mark.parametrize("name", RESCALING)
@pytest.mark.parametrize("scaling", ["layer", "unit"])
def test_rescaled_codes_fill_the_unit_interval(
    name: str, scaling: str, x: np.ndarray, random: np.random.Generator
) -> None:
    below, _ = stack_of(Rectifier(), random)
    largest = largest_outputs(below, x)
    rescaled, target = reconstruction(name, scaling=scaling).prepare(below, largest)
    codes = largest_outputs(rescaled, x)
    assert target(codes) is codes  # the weights have changed, the codes are the targets
    np.testing.assert_array_equal(rescaled.weight, below.weight / target.divisor)
    reached = largest_outputs(rescaled, x)
    # 1 up to the rounding of a division before the sum instead of after it.
    assert reached.max() == pytest.approx(1, rel=1e-14)
    assert reached[0] == 0  # dead before, dead after
    if scaling == "unit":
        np.testing.assert_allclose(reached[1:], 1, rtol=1e-14)
    else:
        np.testing.assert_allclose(reached, largest / largest.max(), rtol=1e-14)
    assert all(np.isfinite(each).all() for each in (rescaled.weight, rescaled.bias))


def test_rescaling_by_a_power_of_two_is_exact() -> None:
    below = Layer(np.array([[3.0, 4.0]]), np.array([1.0, 0.0]), np.array([1.0, -1.0]), Rectifier())
    largest = largest_outputs(below, np.array([[1.0]]))
    np.testing.assert_array_equal(largest, [4, 4])
    rescaled, _ = reconstruction("sigmoid").prepare(below, largest)
    np.testing.assert_array_equal(largest_outputs(rescaled, np.array([[1.0]])), [1, 1])
    np.testing.assert_array_equal(rescaled.weight, [[0.75, 1]])
    np.testing.assert_array_equal(rescaled.bias, [0.25, 0])
    np.testing.assert_array_equal(below.weight, [[3, 4]])  # the layer handed in is as it was


@pytest.mark.parametrize("scaling", ["layer", "unit"])
def test_rescaling_leaves_the_function_if_the_next_layer_makes_up_for_it(
    scaling: str, x: np.ndarray, random: np.random.Generator
) -> None:
    """Paper 3.1: only the path through the ill-conditioned directions is taken."""
    below, above = stack_of(Rectifier(), random)
    largest = largest_outputs(below, x)
    rescaled, _ = reconstruction("linear", scaling=scaling).prepare(below, largest)
    divisor = largest if scaling == "unit" else np.full(6, largest.max())
    divisor = np.where(divisor == 0, 1, divisor)
    restored = replace(above, weight=above.weight * divisor[:, None])
    before = forward(DEFAULT_ENGINE, (below, above), x)[-1]
    after = forward(DEFAULT_ENGINE, (rescaled, restored), x)[-1]
    np.testing.assert_allclose(after, before, rtol=1e-12, atol=1e-14)
    assert not np.allclose(rescaled.weight, below.weight)


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("scaling", ["layer", "unit"])
def test_a_layer_of_dead_units_stays_finite(name: str, scaling: str) -> None:
    below = Layer(np.ones((3, 2)), np.full(2, -9.0), np.ones(2), Rectifier())
    rescaled, target = reconstruction(name, scaling=scaling).prepare(below, np.zeros(2))
    np.testing.assert_array_equal(rescaled.weight, below.weight)
    np.testing.assert_array_equal(target(np.zeros((4, 2))), np.zeros((4, 2)))


@pytest.mark.parametrize("name", RESCALING)
def test_softplus_codes_have_their_targets_divided_and_weights_untouched(
    name: str, x: np.ndarray, random: np.random.Generator
) -> None:
    below, _ = stack_of(Softplus(), random)
    largest = largest_outputs(below, x)
    same, target = reconstruction(name).prepare(below, largest)
    assert same is below
    codes = DEFAULT_ENGINE.forward(below, x) * below.sign
    np.testing.assert_allclose(target(codes), codes / codes.max(), rtol=1e-14)


@pytest.mark.parametrize("scaling", ["none", "layer", "unit"])
@pytest.mark.parametrize("name", [name for name in TABLE if name != "linear-preactivation"])
def test_bounded_codes_are_mapped_by_their_bounds(name: str, scaling: str) -> None:
    strategy = reconstruction(name, scaling=scaling)
    for activation, expected in ((Tanh(), [0, 0.25, 1]), (Sigmoid(), [-1, -0.5, 1])):
        below = Layer(np.ones((1, 1)), np.zeros(1), np.ones(1), activation)
        same, target = strategy.prepare(below, np.array([0.5]))
        assert same is below
        # (a + 1) / 2 for tanh; a sigmoid's codes are in [0, 1] already.
        np.testing.assert_array_equal(target(np.array([-1, -0.5, 1])), expected)


def test_targets_keep_the_type() -> None:
    for target in (CodeTarget(), CodeTarget(-1, 2), CodeTarget(0, np.array([2.0, 4.0]))):
        for dtype in (np.float32, np.float64):
            assert target(np.ones((3, 2), dtype)).dtype == dtype


@pytest.mark.parametrize("name", ["softplus", "sigmoid", "rectifier"])
def test_negative_inputs_are_refused_where_the_decoder_has_none(
    name: str, raises_one_line: Callable
) -> None:
    with raises_one_line(InputError, f"from -0.25 to 1.*{name!r} reaches only 0 to"):
        reconstruction(name).check_inputs(-0.25, 1)


def test_inputs_above_one_are_refused_by_the_sigmoid_only(raises_one_line: Callable) -> None:
    with raises_one_line(InputError, "from 0 to 255.*reaches only 0 to 1"):
        reconstruction("sigmoid").check_inputs(0, 255)
    for name in set(TABLE) - {"sigmoid"}:
        reconstruction(name).check_inputs(0, 255)
    reconstruction("sigmoid").check_inputs(0, 1)


@pytest.mark.parametrize("name", ["linear", "linear-preactivation"])
def test_linear_decoders_take_any_input(name: str) -> None:
    reconstruction(name).check_inputs(-1e6, 1e6)


@pytest.mark.parametrize("name", ["softplus", "sigmoid", "rectifier"])
def test_unbounded_negative_codes_are_refused_by_decoders_without_them(
    name: str, random: np.random.Generator
) -> None:
    below, _ = stack_of(Linear(), random)
    with pytest.raises(SettingError, match="negative codes of the activation 'linear'"):
        reconstruction(name).prepare(below, np.ones(6))


def test_unscaled_codes_above_the_range_are_refused(random: np.random.Generator) -> None:
    below, _ = stack_of(Rectifier(), random)
    unscaled = reconstruction("sigmoid", scaling="none")
    with pytest.raises(SettingError, match=r"codes up to 1, and they reach 2\.5"):
        unscaled.prepare(below, np.full(6, 2.5))
    same, target = unscaled.prepare(below, np.full(6, 0.5))
    assert same is below
    assert target == CodeTarget()


def test_unknown_names_and_scalings_are_refused() -> None:
    with pytest.raises(SettingError, match="'quadratic' is unknown") as caught:
        reconstruction("quadratic")
    assert all(name in str(caught.value) for name in TABLE)
    with pytest.raises(SettingError, match=r"'row' is unknown.*'none', 'layer', 'unit'"):
        reconstruction("linear", scaling="row")
