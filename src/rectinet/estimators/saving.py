"""What the estimators have in common when they become files and come back."""

from __future__ import annotations

import numbers
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from rectinet.errors import StorageError
from rectinet.estimators.scaling import InputScaling
from rectinet.nn import Array, ReconstructionSampling
from rectinet.storage import StoredModel, save_model

# Not parts of a finished model, or not JSON: they come back as the defaults.
_LEFT_OUT = ("random_state", "verbose", "pretraining")


class Savable(ABC):
    """An estimator that can be written to a model folder.

    Attributes:
        _kind: what the folder calls its class; set by each class that `rectinet.load` knows.
    """

    _kind: ClassVar[str]
    _seed: int
    _calls: int
    _sparse: bool | None

    def save(self, path: Path | str) -> Path:
        """Write the fitted estimator to a folder: weights as safetensors, the rest as JSON.

        `rectinet.load` brings it back; reading runs no code. An earlier model in that folder is
        replaced in one step. `random_state`, `verbose` and an auto-encoder given as `pretraining`
        are not kept, but what `partial_fit` goes on from is: to the bits of one that never stopped.

        Raises:
            NotFittedError: if it is not fitted.
            StorageError: if the folder cannot be written, or holds other things; or if this is a
                subclass, which `rectinet.load` would not know.
        """
        check_is_fitted(self)
        return save_model(self.to_stored(), path)

    def to_stored(
        self, extra: Mapping[str, Any] | None = None, arrays: Mapping[str, Array] | None = None
    ) -> StoredModel:
        """Return the fitted estimator as plain data, with further values and arrays beside it.

        Raises:
            StorageError: see `save`.
        """
        if "_kind" not in vars(type(self)):
            raise StorageError(
                f"a {type(self).__name__} cannot be saved: it is a subclass of {self._kind}, and "
                f"rectinet.load runs no code of others; fit a {self._kind}, or use joblib.dump"
            )
        stored = self._stored()
        parameters = self.get_params(deep=False)  # type: ignore[attr-defined]
        values = {
            "parameters": {
                name: _plain(value) for name, value in parameters.items() if name not in _LEFT_OUT
            },
            "n_features": int(self.n_features_in_),
            "feature_names": list(getattr(self, "feature_names_in_", [])),
            "scaling": self.scaling_.kind,
            # JSON has no infinity.
            "input_limit": None if self.scaling_.limit == np.inf else self.scaling_.limit,
            "seed": self._seed,
            "calls": self._calls,
            "sparse": self._sparse,
            **stored.values,
            "extra": dict(extra or {}),
        }
        scaling: InputScaling = self.scaling_
        kept = {"input_shift": scaling.shift, "input_scale": scaling.scale, **stored.arrays}
        kept |= {f"extra_{name}": array for name, array in (arrays or {}).items()}
        return replace(stored, values=values, arrays=kept)

    @classmethod
    def from_stored(cls, stored: StoredModel) -> Self:
        """Return the estimator that `to_stored` described.

        Raises:
            StorageError: if something is missing or of the wrong kind.
        """
        try:
            known = cls._get_param_names()  # type: ignore[attr-defined]
            unknown = stored.values["parameters"].keys() - known
            if unknown:
                raise ValueError(f"the parameter {min(unknown)!r} is unknown")
            parameters = {
                name: _restored(value) for name, value in stored.values["parameters"].items()
            }
            estimator = cls(**parameters)
            estimator._restore_inputs(stored)
            # Earlier versions kept neither.
            estimator._seed = whole(stored.values.get("seed", 0), "seed")
            estimator._calls = whole(stored.values.get("calls", 1), "calls")
            estimator._sparse = stored.values.get("sparse")
            if estimator._sparse not in (None, True, False):
                raise ValueError("whether training inputs were sparse is neither true nor false")
            estimator._restore(stored)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise StorageError(
                f"the model of kind {stored.kind!r} is damaged: {_problem(error)}; save it again"
            ) from error
        return estimator

    def _restore_inputs(self, stored: StoredModel) -> None:
        n_features = stored.values["n_features"]
        shift, scale = stored.arrays["input_shift"], stored.arrays["input_scale"]
        stack = next(iter(stored.layers.values()))
        fits = shift.shape == scale.shape == (n_features,) == (stack[0].n_in,)
        if not (fits and type(n_features) is int):
            raise ValueError("the input scaling does not fit the first layer")
        if not (np.isfinite(shift).all() and np.isfinite(scale).all() and (scale > 0).all()):
            raise ValueError("the input scaling is not finite, or not above 0")
        if stored.values["scaling"] not in ("none", "max", "standard"):
            raise ValueError(f"unknown scaling {stored.values['scaling']!r}")
        self.n_features_in_ = n_features
        names = stored.values["feature_names"]
        if names:
            text = isinstance(names, list) and all(isinstance(name, str) for name in names)
            if not text or len(names) != n_features:
                raise ValueError("the feature names do not fit the first layer")
            self.feature_names_in_ = np.asarray(names, object)
        dtype = str(stack[0].weight.dtype)
        limit = stored.values.get("input_limit")  # earlier versions clipped nothing
        if limit is not None and not (isinstance(limit, float) and 0 < limit < np.inf):
            raise ValueError("the limit of scaled inputs is not a number above 0")
        limit = np.inf if limit is None else limit
        self.scaling_ = InputScaling(stored.values["scaling"], shift, scale, dtype, limit)

    @abstractmethod
    def _stored(self) -> StoredModel:
        """Return what is special to this estimator."""

    @abstractmethod
    def _restore(self, stored: StoredModel) -> None:
        """Take up what `_stored` returned."""


def whole(value: Any, name: str) -> int:
    """Return a stored whole number of 0 or more.

    Raises:
        ValueError: if it is something else.
    """
    if type(value) is not int or value < 0:
        raise ValueError(f"{name} is not a whole number of 0 or more")
    return value


def _problem(error: Exception) -> str:
    """Return what is wrong with stored values, said without Python's own words."""
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return str(error) if isinstance(error, ValueError) else "a value is not of the kind expected"


def _plain(value: Any) -> Any:
    """Return a parameter as JSON has it."""
    for method in ("tolist", "to_list", "to_pylist"):  # of NumPy and pandas, polars, Arrow
        if hasattr(value, method):
            value = getattr(value, method)()
            break
    if isinstance(value, numbers.Number) and not isinstance(value, bool | int | float):
        return float(value)  # type: ignore[arg-type]
    if isinstance(value, ReconstructionSampling):
        return asdict(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(each) for each in value]
    return value


def _restored(value: Any) -> Any:
    """Undo `_plain`."""
    if isinstance(value, dict):
        return ReconstructionSampling(**value)
    return tuple(value) if isinstance(value, list) else value
