"""What a report needs of a run's result: everything but the weights and the single epochs."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np

from rectinet.errors import StorageError
from rectinet.nn import Array
from rectinet.studies.folder import RunFolder


def classifier_values(run: RunFolder) -> dict[str, Any]:
    """Return a finished classifier's figures.

    Those of ``result.json``, with ``epochs`` (how many) and ``validation_errors`` (after each
    epoch; shares, empty without validation data) in place of the records, and ``wrong``: which
    test examples it gets wrong, (n_test,) bool, None where that was not kept.
    """
    result = run.result()
    records = result.pop("records")
    errors = [record["evaluation"]["error"] for record in records]
    return {
        **result,
        "seconds": _seconds(result, records),
        "epochs": len(records),
        "validation_errors": [error for error in errors if error is not None],
        "wrong": _wrong(run),
    }


def stack_values(run: RunFolder) -> dict[str, Any]:
    """Return a finished pre-trained stack's figures.

    Those of ``result.json``, with ``layers`` in place of the records: for each layer how many
    ``epochs``, and after the last one the ``loss`` on evaluation data, the share of exact
    ``zeros``, and the share of ``blocked`` gradients (see `rectinet.training.Evaluation`). And
    ``picture_errors``: squared error of the first layer's reconstruction, summed over the inputs,
    of each of the validation examples that were kept as pictures; empty where none were.
    """
    result = run.result()
    records = result.pop("records")
    layers = []
    for _, group in groupby(records, key=lambda record: record["stage"]):
        *_, last = epochs = list(group)
        evaluation = last["evaluation"]
        layers.append(
            {
                "epochs": len(epochs),
                "loss": evaluation["loss"],
                "zeros": evaluation["zeros"][0],
                "blocked": evaluation["blocked"],
            }
        )
    return {
        **result,
        "seconds": _seconds(result, records),
        "layers": layers,
        "picture_errors": _picture_errors(run),
    }


def _seconds(result: dict[str, Any], records: list[dict[str, Any]]) -> float:
    # A resumed run measures its last session; its epochs, of all sessions, may say more.
    epochs = sum(record["seconds"] for record in records)
    return float(max(result["seconds"], epochs))


def _wrong(run: RunFolder) -> Array | None:
    try:
        return run.tensors("test")["wrong"].astype(bool)
    except (StorageError, KeyError):
        return None


def _picture_errors(run: RunFolder) -> list[float]:
    try:
        pictures = run.tensors("pictures")
    except StorageError:
        return []
    wrong = np.square(pictures["reconstructed"] - pictures["clean"]).sum(axis=1)
    return [float(error) for error in wrong]
