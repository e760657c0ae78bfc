from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from rectinet import errors
from rectinet.errors import DivergedError, InputError, RectinetError, SettingError

PUBLIC = [
    kind
    for name, kind in vars(errors).items()
    if inspect.isclass(kind) and kind.__module__ == errors.__name__ and not name.startswith("_")
]


def make(kind: type[RectinetError]) -> RectinetError:
    if kind is DivergedError:
        return DivergedError("why", learning_rate=(0.1, 0.2), layer="output layer", epoch=3)
    return kind("why")


@pytest.mark.parametrize("kind", PUBLIC)
def test_every_error_can_be_caught_as_one_and_crosses_processes(kind: type[RectinetError]) -> None:
    error = make(kind)
    assert isinstance(error, RectinetError)
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(other) is kind
        assert str(other) == "why"
        assert vars(other) == vars(error)


def test_there_are_errors_to_test() -> None:
    assert {RectinetError, DivergedError} < set(PUBLIC)


def test_wrong_values_are_value_errors_as_elsewhere_in_python() -> None:
    assert issubclass(SettingError, ValueError)
    assert issubclass(InputError, ValueError)


def test_divergence_carries_its_context() -> None:
    error = pickle.loads(pickle.dumps(make(DivergedError)))
    assert (error.learning_rate, error.layer, error.epoch) == ((0.1, 0.2), "output layer", 3)
