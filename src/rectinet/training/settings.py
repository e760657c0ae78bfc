"""Settings of the two stages of training: plain frozen data, checked when made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import numpy as np

from rectinet.engine import Update
from rectinet.errors import SettingError
from rectinet.nn import (
    Corruption,
    Gaussian,
    Masking,
    Penalties,
    Reconstruction,
    ReconstructionSampling,
    check_choice,
    reconstruction,
)

SOLVERS = ("sgd", "momentum", "adam")

PAPER_GRID = (0.1, 0.01, 0.001, 0.0001)
"""The learning rates that the paper chooses from (PAPER section 1)."""

GRID = "grid"
"""As a learning rate: choose from `PAPER_GRID` on evaluation data."""

T = TypeVar("T")


def per_layer(value: T | Sequence[T], n_layers: int, name: str) -> tuple[T, ...]:
    """Return one value per layer: the same for all, or those of a tuple or list.

    Raises:
        SettingError: if there are several values, but not one per layer.
    """
    if not isinstance(value, tuple | list | np.ndarray):
        return (value,) * n_layers  # type: ignore[return-value]
    if len(value) != n_layers:
        raise SettingError(
            f"{name} has {len(value)} values for {n_layers} layers; give one value for all or "
            "one per layer"
        )
    return tuple(value)


def check_numbers(
    value: object, name: str, *, above: float = -math.inf, at_least: float = -math.inf
) -> None:
    """Refuse what is not one finite number within bounds, or several, one per layer.

    Raises:
        SettingError: naming the setting and the value received.
    """
    try:
        numbers = np.atleast_1d(np.asarray(value, np.float64))
    except (TypeError, ValueError):
        numbers = np.array([np.nan])
    if numbers.ndim != 1 or not all(
        above < number < math.inf and number >= at_least for number in numbers
    ):
        bound = f"above {above:g}" if above > -math.inf else f"of at least {at_least:g}"
        raise SettingError(
            f"{name} is {value!r}; give a finite number {bound}, or one such number per layer"
        )


def check_number(value: object, name: str, *, at_least: float) -> None:
    """Refuse what is not one finite number of at least `at_least`.

    Raises:
        SettingError: naming the setting and the value received.
    """
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if np.ndim(value) > 0 or not at_least <= number < math.inf:  # type: ignore[arg-type]
        raise SettingError(f"{name} is {value!r}; give one number of at least {at_least:g}")


def check_shares(value: object, name: str) -> None:
    """Refuse what is not a number from 0 to below 1, or several.

    Raises:
        SettingError: naming the setting and the value received.
    """
    check_numbers(value, name, at_least=0)
    if np.max(np.asarray(value), initial=0) >= 1:
        raise SettingError(f"{name} is {value!r}; give a share from 0 to below 1, such as 0.5")


def check_whole(value: object, name: str, *, at_least: int) -> None:
    """Refuse what is not a whole number of at least `at_least`.

    Raises:
        SettingError: naming the setting and the value received.
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < at_least:  # type: ignore[operator]
        raise SettingError(f"{name} is {value!r}; give a whole number of at least {at_least}")


def check_kind(value: object, kind: type, name: str, example: str) -> None:
    """Refuse what is not of a kind, or a sequence of it.

    Raises:
        SettingError: naming the setting and the value received.
    """
    several = value if isinstance(value, tuple | list) else (value,)
    if not all(isinstance(each, kind) for each in several):
        # Arrays have a long repr of many lines; their type says enough.
        shown = f"a {type(value).__name__}" if "\n" in repr(value) else repr(value)
        raise SettingError(f"{name} is {shown}; give a {kind.__name__}, such as rectinet.{example}")


@dataclass(frozen=True)
class _Solver:
    """What both stages share. Values marked "per layer" are one number or one per layer.

    Attributes:
        learning_rate: per layer; or ``"grid"``, to choose from the paper's grid.
        solver: ``"sgd"`` (the paper: no momentum), ``"momentum"`` or ``"adam"``.
        momentum: of the solver ``"momentum"``.
        batch_size: examples per minibatch (paper: 10).
        activation_l1, weight_l1, weight_l2: per layer, see `Penalties`.
    """

    learning_rate: float | Sequence[float] | Literal["grid"] = 0.01
    solver: str = "sgd"
    momentum: float = 0.9
    batch_size: int = 10
    activation_l1: float | Sequence[float] = 0.0
    weight_l1: float | Sequence[float] = 0.0
    weight_l2: float | Sequence[float] = 0.0

    def __post_init__(self) -> None:
        check_choice(self.solver, "solver", SOLVERS)
        if not (isinstance(self.momentum, float) and 0 < self.momentum < 1):
            raise SettingError(f"momentum is {self.momentum!r}; give a number between 0 and 1")
        if not (isinstance(self.learning_rate, str) and self.learning_rate == GRID):
            check_numbers(self.learning_rate, "learning_rate", above=0)
        for name in ("activation_l1", "weight_l1", "weight_l2"):
            check_numbers(getattr(self, name), name, at_least=0)
        check_whole(self.batch_size, "batch_size", at_least=1)

    def update(self, learning_rate: float, penalties: Penalties) -> Update:
        """Return the update rule of one layer, without buffers."""
        momentum = self.momentum if self.solver == "momentum" else 0.0
        return Update(learning_rate, momentum, self.solver == "adam", penalties)

    def penalties(self, n_hidden: int, n_layers: int) -> tuple[Penalties, ...]:
        """Return the penalties of each layer; layers above the hidden ones pay for weights only."""
        activation_l1 = per_layer(self.activation_l1, n_hidden, "activation_l1")
        strengths = (
            (*activation_l1, *(0.0,) * (n_layers - n_hidden)),
            per_layer(self.weight_l1, n_layers, "weight_l1"),
            per_layer(self.weight_l2, n_layers, "weight_l2"),
        )
        return tuple(Penalties(*layer) for layer in zip(*strengths, strict=True))

    def rates(self, n_layers: int) -> tuple[tuple[float, ...], ...]:
        """Return the candidates: one learning rate per layer, or the paper's grid of them."""
        if isinstance(self.learning_rate, str):
            return tuple((rate,) * n_layers for rate in PAPER_GRID)
        rates = per_layer(self.learning_rate, n_layers, "learning_rate")
        return (tuple(float(rate) for rate in rates),)


@dataclass(frozen=True)
class LayerSettings:
    """How one layer is pre-trained.

    Attributes:
        corruption: the noise.
        reconstruction: the strategy.
        epochs: passes over the training examples.
        rates: candidates for the learning rate; one if it was given.
        penalties: on the encoder's activations and on both weight matrices.
        sampling: which outputs of the decoder are computed in training; None: all.
    """

    corruption: Corruption
    reconstruction: Reconstruction
    epochs: int
    rates: tuple[float, ...]
    penalties: Penalties
    sampling: ReconstructionSampling | None = None


@dataclass(frozen=True)
class PretrainingSettings(_Solver):
    """How a stack of denoising auto-encoders is trained (PAPER section 2).

    Everything that says "per layer" is one value for all hidden layers or one for each.

    Attributes:
        corruption: the noise, per layer (images in the paper: masking 0.25).
        reconstruction: the strategy, per layer.
        tied: whether a decoder's weight is its encoder's, transposed.
        epochs: per layer.
        sampling: which outputs of the first layer's decoder are computed in training, for sparse
            inputs; None: all. The layers above reconstruct dense codes, always wholly, and
            evaluations are of all outputs, too. Only plain gradient descent without penalties on
            weights leaves the other outputs' weights alone, so nothing else can be used with it.

    With sparse inputs, a step of that kind costs the encoder as much as there are active inputs;
    momentum, Adam and penalties on weights move all its weights at every step.
    """

    corruption: Corruption | Sequence[Corruption] = field(default_factory=Masking)
    reconstruction: Reconstruction | Sequence[Reconstruction] = field(
        default_factory=lambda: reconstruction("softplus")
    )
    tied: bool = False
    epochs: int | Sequence[int] = 30
    sampling: ReconstructionSampling | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for epochs in per_layer(self.epochs, int(np.size(self.epochs)), "epochs"):
            check_whole(epochs, "epochs", at_least=0)
        check_kind(self.corruption, Corruption, "corruption", "Masking(0.25)")
        check_kind(
            self.reconstruction, Reconstruction, "reconstruction", "reconstruction('linear')"
        )
        if self.sampling is not None:
            self._check_sampling()

    def _check_sampling(self) -> None:
        if not isinstance(self.sampling, ReconstructionSampling):
            raise SettingError(
                f"sampling is {self.sampling!r}; give rectinet.ReconstructionSampling(0.01) or None"
            )
        if self.solver != "sgd":
            raise SettingError(
                f"sampling cannot be used with the solver {self.solver!r}, which moves every "
                "weight at every step; use solver='sgd'"
            )
        for name in ("weight_l1", "weight_l2"):
            if np.ravel(getattr(self, name))[:1].any():
                raise SettingError(
                    f"sampling cannot be used with {name}, here {getattr(self, name)!r}, which "
                    f"moves every weight at every step; set the first layer's {name} to 0"
                )
        first = self.corruption if isinstance(self.corruption, Corruption) else self.corruption[0]
        if isinstance(first, Gaussian):
            raise SettingError(
                "sampling cannot be used with Gaussian noise, which reaches every input, so that "
                "every output would be sampled; use Masking or SaltAndPepper"
            )

    def moves_active_rows(self, layer: LayerSettings) -> bool:
        """Return whether a step leaves the weights of inactive inputs alone."""
        return self.solver == "sgd" and not layer.penalties.on_weights

    def for_layers(self, n_layers: int) -> tuple[LayerSettings, ...]:
        """Return the settings of each hidden layer.

        Raises:
            SettingError: if there are several values for a setting, but not one per layer.
        """
        candidates = zip(*self.rates(n_layers), strict=True)
        columns = (
            per_layer(self.corruption, n_layers, "corruption"),
            per_layer(self.reconstruction, n_layers, "reconstruction"),
            per_layer(self.epochs, n_layers, "epochs"),
            candidates,
            self.penalties(n_layers, n_layers),
            (self.sampling, *(None,) * (n_layers - 1)),
        )
        return tuple(LayerSettings(*values) for values in zip(*columns, strict=True))


@dataclass(frozen=True)
class FinetuningSettings(_Solver):
    """How a network is trained with labels.

    Learning rates and penalties on weights are per layer, the output layer included; the penalty
    on activations is per hidden layer.

    Attributes:
        epochs: at most.
        patience: stop after so many epochs without a better validation result; None: never.
        keep_best: end with the weights of the best validation epoch; otherwise with the last.
        tolerance: a loss counts as better if it is lower by more than this.
        input_dropout: share of the inputs that is set to 0 for a minibatch (Srivastava et al.
            2014); what is left is divided by 1 - share.
        dropout: the same for hidden units, per hidden layer.
    """

    epochs: int = 50
    patience: int | None = None
    keep_best: bool = True
    tolerance: float = 0.0
    input_dropout: float = 0.0
    dropout: float | Sequence[float] = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole(self.epochs, "epochs", at_least=0)
        if self.patience is not None:
            check_whole(self.patience, "patience", at_least=1)
        check_number(self.tolerance, "tolerance", at_least=0)
        check_number(self.input_dropout, "input_dropout", at_least=0)
        check_shares(self.input_dropout, "input_dropout")
        check_shares(self.dropout, "dropout")

    def dropout_shares(self, n_hidden: int) -> tuple[float, ...]:
        """Return the share dropped of the inputs and of each hidden layer's units."""
        shares = (self.input_dropout, *per_layer(self.dropout, n_hidden, "dropout"))
        # A NumPy number would lift single precision to double.
        return tuple(float(share) for share in shares)
