"""Layers and networks as plain data; the arithmetic on them happens in the engine."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from rectinet.errors import SettingError
from rectinet.nn.activations import Activation, Linear
from rectinet.nn.choices import check_choice
from rectinet.nn.losses import Loss, SoftmaxNLL

Array = np.ndarray[Any, np.dtype[Any]]

SIGN_FLIPS = ("half", "random", "none")


def aligned(array: Array) -> Array:
    """Return a C-contiguous copy that begins with a cache line."""
    copy = empty_aligned(array.shape, array.dtype)
    copy[...] = array
    return copy


def empty_aligned(shape: Sequence[int], dtype: Any) -> Array:
    """Return a new C-contiguous array that begins with a cache line.

    NumPy aligns to 16 bytes, and then every other wide load of a row crosses two lines: at batch 1
    with all inputs active a layer took 1.6 times as long.
    """
    line, size = 64, math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.empty(size + line, np.uint8)
    start = -memory.ctypes.data % line
    array: Array = memory[start : start + size].view(dtype).reshape(shape)
    return array


@dataclass(frozen=True)
class Layer:
    """A fully connected layer: ``h = sign * activation(x @ weight + bias)``.

    Attributes:
        weight: shape (n_in, n_out), float32 (float64 in tests); row k is all that input k touches.
        bias: shape (n_out,).
        sign: shape (n_out,), +1 or -1 per unit; fixed, part of the model (paper section 3.1).
        activation: the non-linearity.
    """

    weight: Array
    bias: Array
    sign: Array
    activation: Activation

    @property
    def n_in(self) -> int:
        """Number of inputs."""
        return int(self.weight.shape[0])

    @property
    def n_out(self) -> int:
        """Number of units."""
        return int(self.weight.shape[1])

    def copy(self) -> Layer:
        """Return a layer with arrays of its own."""
        return replace(
            self, weight=aligned(self.weight), bias=aligned(self.bias), sign=aligned(self.sign)
        )


@dataclass(frozen=True)
class Network:
    """Hidden layers, a linear output layer, and the loss that owns the output's non-linearity.

    Attributes:
        layers: hidden layers first, output layer last.
        loss: the output's non-linearity and cost.
    """

    layers: tuple[Layer, ...]
    loss: Loss = field(default_factory=SoftmaxNLL)

    def __post_init__(self) -> None:
        for number, (below, above) in enumerate(itertools.pairwise(self.layers), start=1):
            if below.n_out != above.n_in:
                raise SettingError(
                    f"layer {number} has {below.n_out} units but layer {number + 1} takes "
                    f"{above.n_in} inputs; they must agree"
                )

    @property
    def hidden(self) -> tuple[Layer, ...]:
        """The layers below the output."""
        return self.layers[:-1]

    @property
    def output(self) -> Layer:
        """The output layer."""
        return self.layers[-1]

    def copy(self) -> Network:
        """Return a network with arrays of its own."""
        return replace(self, layers=tuple(layer.copy() for layer in self.layers))


def layer_sizes(hidden_layer_sizes: Sequence[int]) -> tuple[int, ...]:
    """Return the sizes as a tuple of integers.

    Raises:
        SettingError: if they are not a sequence of positive whole numbers.
    """
    is_sequence = isinstance(hidden_layer_sizes, Sequence | np.ndarray)
    sizes = tuple(hidden_layer_sizes) if is_sequence else (None,)
    if not all(isinstance(size, int | np.integer) and size > 0 for size in sizes):
        raise SettingError(
            f"hidden_layer_sizes is {hidden_layer_sizes!r}; give a tuple of positive whole "
            "numbers, such as (1000, 1000, 1000)"
        )
    return tuple(int(size) for size in sizes)  # type: ignore[arg-type]


def draw_signs(n_units: int, sign_flip: str, random: np.random.Generator) -> Array:
    """Draw the fixed signs of a layer's units.

    Args:
        n_units: how many.
        sign_flip: ``"half"`` flips exactly half of the units, rounded down (the paper);
            ``"random"`` flips each with p = 1/2 (the first author's code); ``"none"`` none.
        random: source of the choice.

    Returns:
        Shape (n_units,), float32, +1 or -1.

    Raises:
        SettingError: if `sign_flip` is unknown.
    """
    check_choice(sign_flip, "sign_flip", SIGN_FLIPS)
    sign = np.ones(n_units, np.float32)
    if sign_flip == "half":
        sign[random.permutation(n_units)[: n_units // 2]] = -1
    elif sign_flip == "random":
        sign[random.random(n_units) < 0.5] = -1
    return sign


def initialize_layer(
    n_in: int,
    n_out: int,
    activation: Activation,
    random: np.random.Generator,
    *,
    sign_flip: str = "none",
    dtype: Any = np.float32,
) -> Layer:
    """Draw a layer: weights from U(-r, r), r = sqrt(6 / (n_in + n_out)); biases 0 (PAPER 1).

    Raises:
        SettingError: if a size is not positive or `sign_flip` is unknown.
    """
    if n_in < 1 or n_out < 1:
        raise SettingError(f"a layer of {n_in} inputs and {n_out} units is empty; give at least 1")
    bound = math.sqrt(6 / (n_in + n_out))
    weight = empty_aligned((n_in, n_out), dtype)
    # Some rows at a time: the numbers are drawn in double precision, of 100,000 inputs 4 GB.
    at_once = max(1, 2**20 // n_out)
    for first in range(0, n_in, at_once):
        rows = weight[first : first + at_once]
        rows[...] = random.uniform(-bound, bound, rows.shape)
    return Layer(
        weight=weight,
        bias=np.zeros(n_out, dtype),
        sign=draw_signs(n_out, sign_flip, random).astype(dtype),
        activation=activation,
    )


def initialize_network(
    n_features: int,
    hidden_layer_sizes: Sequence[int],
    n_outputs: int,
    activation: Activation,
    random: np.random.Generator,
    *,
    sign_flip: str = "half",
    loss: Loss | None = None,
    dtype: Any = np.float32,
) -> Network:
    """Draw a network of the given sizes, all layers by `initialize_layer`.

    Args:
        n_features: number of inputs.
        hidden_layer_sizes: units per hidden layer; may be empty (a linear model).
        n_outputs: units of the output layer.
        activation: of every hidden layer.
        random: source of the weights and signs.
        sign_flip: see `draw_signs`; applied to hidden layers only.
        loss: of the output, softmax and log-likelihood by default.
        dtype: of all arrays.

    Raises:
        SettingError: if a size is not a positive whole number or `sign_flip` is unknown.
    """
    sizes = (n_features, *layer_sizes(hidden_layer_sizes))
    hidden = [
        initialize_layer(n_in, n_out, activation, random, sign_flip=sign_flip, dtype=dtype)
        for n_in, n_out in itertools.pairwise(sizes)
    ]
    output = initialize_layer(sizes[-1], n_outputs, Linear(), random, dtype=dtype)
    return Network((*hidden, output), loss or SoftmaxNLL())


def with_output(
    hidden: Sequence[Layer],
    n_outputs: int,
    random: np.random.Generator,
    *,
    loss: Loss | None = None,
) -> Network:
    """Put a freshly drawn output layer on pre-trained hidden layers.

    Args:
        hidden: bottom to top, at least one; not copied.
        n_outputs: units of the output layer.
        random: source of its weights.
        loss: of the output, softmax and log-likelihood by default.

    Raises:
        SettingError: if `hidden` holds no layers, or `random` is not a generator.
    """
    if not isinstance(hidden, Sequence) or not all(isinstance(each, Layer) for each in hidden):
        raise SettingError(
            f"hidden is a {type(hidden).__name__}; give layers, such as the `layers` of what "
            "rectinet.pretrain returned"
        )
    if not hidden:
        raise SettingError("hidden is empty; give at least one layer")
    if not isinstance(random, np.random.Generator):
        raise SettingError(f"random is {random!r}; give a generator, such as rectinet.generator(0)")
    top = hidden[-1]
    output = initialize_layer(top.n_out, n_outputs, Linear(), random, dtype=top.weight.dtype)
    return Network((*hidden, output), loss or SoftmaxNLL())
