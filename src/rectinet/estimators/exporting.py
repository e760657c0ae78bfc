"""What the estimators have in common when other programs are to run them."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sklearn.utils.validation import check_is_fitted

from rectinet.estimators.scaling import InputScaling
from rectinet.export import to_onnx
from rectinet.nn import Array, Layer


class Exported(NamedTuple):
    """What `rectinet.export.to_onnx` is told of an estimator, its input scaling apart.

    Attributes:
        layers: bottom to top.
        output: ``"softmax"``, ``"linear"`` or ``"expectation"``.
        class_values: of ``"expectation"``, shape (n_outputs,).
        classes: of ``"softmax"``, what the outputs stand for.
    """

    layers: Sequence[Layer]
    output: str
    class_values: Array | None = None
    classes: Array | None = None


class Exportable(ABC):
    """An estimator that can be written as an ONNX file."""

    scaling_: InputScaling

    def to_onnx(self, path: Path | str) -> Path:
        """Write the fitted estimator as an ONNX model, input scaling included.

        Its input is ``X``, float32, shape (n, n_features), not scaled. Its output is, for a
        classifier, ``probabilities``, shape (n, n_classes), and ``label``, the position in
        `classes_` of the most probable one, shape (n,), with `classes_` as a JSON list in the
        file's metadata under ``classes``; for a regressor ``values``, as `predict`
        gives them, shape (n, n_targets); for an auto-encoder ``values``, its code, dense. It
        computes in single precision. Needs the package onnx (``pip install rectinet[onnx]``).

        Returns:
            The path.

        Raises:
            NotFittedError: if the estimator is not fitted.
            SettingError: if onnx is missing, or the weights take more than 2 GB.
            InputError: if a number is beyond single precision.
            StorageError: if the file cannot be written.
        """
        check_is_fitted(self)
        layers, output, class_values, classes = self._exported()
        metadata = {}
        if classes is not None:  # dates and the like as text
            metadata["classes"] = json.dumps(classes.tolist(), default=str)
        scaled = self.scaling_.kind != "none"
        return to_onnx(
            layers,
            output=output,
            shift=self.scaling_.shift if scaled else None,
            scale=self.scaling_.scale if scaled else None,
            limit=self.scaling_.limit,
            class_values=class_values,
            metadata=metadata,
            path=path,
        )

    @abstractmethod
    def _exported(self) -> Exported:
        """Return the layers, and what is made of the last one's values."""
