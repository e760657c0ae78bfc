"""Parameters out of range: one line that names the parameter as the user wrote it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rectinet.errors import SettingError
from rectinet.estimators import (
    RectifierClassifier,
    RectifierRegressor,
    StackedDenoisingAutoencoder,
)

Data = tuple[np.ndarray, np.ndarray]

_SHARED: list[tuple[str, Any]] = [
    ("hidden_layer_sizes", (5, 0)),
    ("hidden_layer_sizes", (2.5,)),
    ("hidden_layer_sizes", "abc"),
    ("hidden_layer_sizes", None),
    ("hidden_layer_sizes", -3),
    ("activation", "relu"),
    ("sign_flip", "all"),
    ("batch_size", 0),
    ("batch_size", 2.5),
    ("learning_rate_init", 0),
    ("learning_rate_init", "fast"),
    ("learning_rate_init", (0.1, 0.1, 0.1)),
    ("max_iter", -1),
    ("max_iter", 1.5),
    ("activation_l1", -1),
    ("weight_l1", float("nan")),
    ("weight_l2", "much"),
    ("scaling", "minmax"),
    ("dtype", "float16"),
    ("softplus_alpha", "a"),
    ("softplus_alpha", -1),
    ("verbose", "x"),
    ("random_state", "a"),
    ("random_state", -1),
]
_NETWORKS: list[tuple[str, Any]] = [
    ("solver", "lbfgs"),
    ("early_stopping", "always"),
    ("early_stopping", 3),
    ("n_iter_no_change", 0),
    ("tol", -0.1),
    ("tol", (0.1, 0.1)),
    ("input_dropout", 1.0),
    ("input_dropout", (0.1, 0.1)),
    ("dropout", -0.1),
    ("dropout", ()),
    ("dropout", (0.1, 0.1)),
    ("pretraining", "always"),
    ("pretraining", 5),
    ("warm_start", "no"),
    ("sparse_output", 1),
    # Without pre-training, and with too few labels to set any aside, these are not used.
    ("corruption", "rain"),
    ("corruption_level", "much"),
    ("reconstruction", "perfect"),
    ("reconstruction_sampling", 2.0),
    ("validation_fraction", 0.0),
]
_CASES = [
    *((RectifierClassifier, *case) for case in _SHARED + _NETWORKS),
    *((RectifierRegressor, *case) for case in [*_SHARED, ("output", "softmax")]),
    *((StackedDenoisingAutoencoder, *case) for case in _SHARED),
    (StackedDenoisingAutoencoder, "corruption", "rain"),
    (StackedDenoisingAutoencoder, "reconstruction_sampling", 2.0),
    (StackedDenoisingAutoencoder, "reconstruction_sampling", 0.1),  # of dense inputs
    (StackedDenoisingAutoencoder, "corruption_level", "much"),
    (StackedDenoisingAutoencoder, "reconstruction", "perfect"),
]


@pytest.mark.parametrize(("kind", "name", "value"), _CASES)
def test_a_wrong_parameter_is_named(
    kind: Any, name: str, value: Any, digits: Data, raises_one_line: Callable
) -> None:
    model = kind(**{"hidden_layer_sizes": (4,), "max_iter": 1, name: value})
    with raises_one_line(SettingError, f"^(the )?{name}\\b"):
        model.fit(*digits)


@pytest.mark.parametrize("fraction", [0, 1, 0.0, 1.0, -0.1, 5, None, "tenth"])
def test_the_share_to_validate_on(fraction: Any, digits: Data, raises_one_line: Callable) -> None:
    model = RectifierClassifier((4,), early_stopping=True, validation_fraction=fraction)
    with raises_one_line(SettingError, "validation_fraction is"):
        model.fit(*digits)


def test_epochs_of_pretraining_have_their_own_name(digits: Data, raises_one_line: Callable) -> None:
    model = RectifierClassifier((4,), pretraining="denoising", pretraining_iter=-1)
    with raises_one_line(SettingError, "^pretraining_iter is -1; give a whole number"):
        model.fit(*digits)


@pytest.mark.parametrize("name", ["tol", "input_dropout"])
def test_what_is_one_number_is_not_said_to_be_one_per_layer(name: str, digits: Data) -> None:
    with pytest.raises(SettingError, match=r"give one number of at least 0$"):
        RectifierClassifier((4,), **{name: -1}).fit(*digits)


def test_generators_old_and_new_are_random_states(digits: Data) -> None:
    for generator in (np.random.default_rng, np.random.RandomState):
        first, second = (
            RectifierClassifier((4,), max_iter=1, random_state=generator(0)).fit(*digits)
            for _ in range(2)
        )
        assert first.loss_ == second.loss_


def test_a_constructor_checks_nothing() -> None:
    """As scikit-learn wants it: a grid search sets parameters one at a time."""
    assert RectifierClassifier(max_iter=-1).set_params(max_iter=1).max_iter == 1


@pytest.mark.parametrize(
    "name", ["activation", "corruption", "reconstruction", "solver", "sign_flip", "scaling"]
)
@pytest.mark.parametrize("value", [["rectifier"], {"none": 1}, 3, None, np.array(["a", "b"])])
def test_what_is_not_a_name_is_refused_like_an_unknown_one(
    name: str, value: Any, digits: tuple[np.ndarray, np.ndarray]
) -> None:
    model = RectifierClassifier((4,), pretraining="denoising", pretraining_iter=1, max_iter=1)
    with pytest.raises(SettingError, match=name):
        model.set_params(**{name: value}).fit(*digits)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_layer_sizes", (5, 4)),
        ("activation", "tanh"),
        ("softplus_alpha", 2.0),
        ("sign_flip", "none"),
        ("scaling", "standard"),
        ("dtype", "float64"),
    ],
)
def test_settings_that_contradict_the_stack_that_is_handed_over_are_refused(
    name: str, value: Any, digits: tuple[np.ndarray, np.ndarray]
) -> None:
    X, y = digits
    stack = StackedDenoisingAutoencoder([5], max_iter=1, random_state=0).fit(X)
    with pytest.raises(SettingError, match=f"{name} is .* auto-encoder .* leave it out"):
        RectifierClassifier(pretraining=stack, **{name: value}).fit(X, y)
    agreeing = stack.get_params()[name]
    model = RectifierClassifier(pretraining=stack, max_iter=1, **{name: agreeing}).fit(X, y)
    assert [layer.n_out for layer in model.network_.hidden] == [5]
