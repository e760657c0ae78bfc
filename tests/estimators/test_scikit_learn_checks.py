"""scikit-learn's own checks of the estimators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from rectinet.errors import InputError
from rectinet.estimators import (
    RectifierClassifier,
    RectifierRegressor,
    StackedDenoisingAutoencoder,
)

# Small and short: the checks ask for the conventions, some for a little accuracy.
_SMALL = {"hidden_layer_sizes": (10,), "max_iter": 20, "random_state": 0}

_ESTIMATORS = (
    RectifierClassifier(**_SMALL),
    RectifierRegressor(**_SMALL),
    # Every number of a continuous target is a value of its own: slower to learn.
    RectifierRegressor(output="expectation", **_SMALL | {"max_iter": 100}),
    StackedDenoisingAutoencoder(hidden_layer_sizes=(10, 5), max_iter=2),
)

# That weights do what repetition does holds for the sum over all examples, hence for steps that
# take all of them at once: minibatches of weighted and of repeated examples differ. scikit-learn
# checks its own networks with solver="lbfgs" for the same reason. In double precision, because
# rounding differs as well.
_WHOLE = {"hidden_layer_sizes": (10,), "max_iter": 30, "batch_size": 1000, "dtype": "float64"}
_ONE_STEP_AN_EPOCH = (
    RectifierClassifier(**_WHOLE),
    RectifierRegressor(**_WHOLE),
)


# The check takes -1 and 1 for a pair of classes. Here that has to be said: `classes=[-1, 1]`.
_DIFFERENT = {("RectifierClassifier", "check_classifiers_classes")}


def _is_of_weights(check: Any) -> bool:
    return "sample_weight_equivalence" in getattr(check, "func", check).__name__


def _pairs() -> Iterator[Any]:
    for estimators, of_weights in ((_ESTIMATORS, False), (_ONE_STEP_AN_EPOCH, True)):
        for number, prototype in enumerate(estimators):
            for estimator, check in estimator_checks_generator(prototype):
                if _is_of_weights(check) is of_weights:
                    name = getattr(check, "func", check).__name__
                    kind = type(prototype).__name__
                    differs = [pytest.mark.xfail(raises=InputError)] * ((kind, name) in _DIFFERENT)
                    yield pytest.param(
                        estimator, check, id=f"{kind}-{number}-{name}", marks=differs
                    )


@pytest.mark.parametrize(("estimator", "check"), list(_pairs()))
def test_conventions(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
