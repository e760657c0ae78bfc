"""Estimators from model folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rectinet.errors import StorageError
from rectinet.estimators.autoencoder import StackedDenoisingAutoencoder
from rectinet.estimators.classifier import RectifierClassifier
from rectinet.estimators.regressor import RectifierRegressor
from rectinet.nn import Array
from rectinet.storage import load_model

Estimator = RectifierClassifier | RectifierRegressor | StackedDenoisingAutoencoder

_KINDS: dict[str, type[Estimator]] = {
    kind.__name__: kind
    for kind in (RectifierClassifier, RectifierRegressor, StackedDenoisingAutoencoder)
}


def load(path: Path | str) -> Estimator:
    """Return a fitted estimator from the folder that its `save` wrote; runs no code from it.

    Raises:
        StorageError: if the folder is missing, damaged, altered, of another format, or of an
            estimator that this version does not know.
    """
    return load_with_extra(path)[0]


def load_with_extra(path: Path | str) -> tuple[Estimator, dict[str, Any], dict[str, Array]]:
    """Return the estimator and what was stored beside it: values and arrays.

    Raises:
        StorageError: see `load`.
    """
    stored = load_model(path)
    if stored.kind not in _KINDS:
        raise StorageError(
            f"{path} holds a {stored.kind!r}; this version reads {', '.join(_KINDS)}"
        )
    extra = stored.values.get("extra", {})
    if not isinstance(extra, dict):
        raise StorageError(f"{path} is damaged: 'extra' is not an object; save the model again")
    prefix = "extra_"
    arrays = {
        name.removeprefix(prefix): array
        for name, array in stored.arrays.items()
        if name.startswith(prefix)
    }
    try:
        return _KINDS[stored.kind].from_stored(stored), extra, arrays
    except StorageError as error:
        raise StorageError(f"cannot load {path}: {error}") from error
