"""What the classifier and the regressor are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.utils import check_random_state

from rectinet.errors import SettingError
from rectinet.nn import ReconstructionSampling

# What the layers are made by: settled once there are any.
OF_LAYERS = (
    "hidden_layer_sizes",
    "activation",
    "softplus_alpha",
    "sign_flip",
    "scaling",
    "dtype",
)


class NetworkParameters(BaseEstimator):
    """Stores the parameters; what they mean: see `RectifierClassifier`."""

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (200, 200),
        *,
        activation: str = "rectifier",
        softplus_alpha: float = 1.0,
        sign_flip: str = "half",
        solver: str = "auto",
        batch_size: int = 10,
        learning_rate_init: float | None = None,
        max_iter: int = 100,
        early_stopping: bool | str = "auto",
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        tol: float = 1e-3,
        activation_l1: float = 0.0,
        weight_l1: float = 0.0,
        weight_l2: float | str = "auto",
        input_dropout: float = 0.0,
        dropout: float = 0.0,
        scaling: str = "auto",
        pretraining: Any = "auto",
        corruption: str = "auto",
        corruption_level: float | Sequence[float] | None = None,
        reconstruction: str = "auto",
        reconstruction_sampling: float | ReconstructionSampling | None = None,
        pretraining_iter: int = 20,
        self_training: int = 0,
        classes: Any = None,
        warm_start: bool = False,
        sparse_output: bool = True,
        dtype: str = "float32",
        random_state: Any = None,
        verbose: bool = False,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.softplus_alpha = softplus_alpha
        self.sign_flip = sign_flip
        self.solver = solver
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.activation_l1 = activation_l1
        self.weight_l1 = weight_l1
        self.weight_l2 = weight_l2
        self.input_dropout = input_dropout
        self.dropout = dropout
        self.scaling = scaling
        self.pretraining = pretraining
        self.corruption = corruption
        self.corruption_level = corruption_level
        self.reconstruction = reconstruction
        self.reconstruction_sampling = reconstruction_sampling
        self.pretraining_iter = pretraining_iter
        self.self_training = self_training
        self.classes = classes
        self.warm_start = warm_start
        self.sparse_output = sparse_output
        self.dtype = dtype
        self.random_state = random_state
        self.verbose = verbose


def check_flags(estimator: BaseEstimator, *names: str) -> None:
    """Refuse what is neither True nor False; ``"no"`` would count as true.

    Raises:
        SettingError: if one is.
    """
    for name in names:
        value = getattr(estimator, name)
        if not isinstance(value, bool | np.bool_):
            raise SettingError(f"{name} is {value!r}; give True or False")


def settled(estimator: BaseEstimator, names: Sequence[str] = OF_LAYERS) -> dict[str, Any]:
    """Return what the layers were made by, for `check_settled` later on."""
    return {name: clone(getattr(estimator, name), safe=False) for name in names}


def check_settled(estimator: BaseEstimator, settled: dict[str, Any]) -> None:
    """Refuse settings that have changed since the layers were made.

    Raises:
        SettingError: if one has.
    """
    for name, before in settled.items():
        now = getattr(estimator, name)
        if differ(now, before):
            raise SettingError(
                f"{name} is {now!r}, but the network to go on with was made with {before!r}; set "
                "it back, or train a new estimator"
            )


def differ(value: Any, other: Any) -> bool:
    """Return whether two settings differ; a list and a tuple of the same do not."""
    return bool(np.atleast_1d(value).tolist() != np.atleast_1d(other).tolist())


def drawn_seed(random_state: Any) -> int:
    """Draw a seed.

    Args:
        random_state: None, a whole number, or a generator of NumPy's, old or new.

    Raises:
        SettingError: if it is something else.
    """
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**31 - 1))
    try:
        return int(check_random_state(random_state).randint(2**31 - 1))
    except ValueError as error:
        raise SettingError(
            f"random_state is {random_state!r}; give a whole number from 0 to 2**32 - 1, None, or "
            "a generator of NumPy's"
        ) from error
