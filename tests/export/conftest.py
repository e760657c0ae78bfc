"""ONNX Runtime, the reader of what is exported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def run_onnx() -> Callable[[Path, np.ndarray], dict[str, np.ndarray]]:
    """Return a function that checks a file in full and runs it: outputs by name."""
    onnx = pytest.importorskip("onnx", reason="onnx, which writes the files, is not installed")
    runtime = pytest.importorskip(
        "onnxruntime", reason="ONNX Runtime, which reads the files, is not installed"
    )

    def run(path: Path, X: np.ndarray) -> dict[str, np.ndarray]:
        onnx.checker.check_model(str(path), full_check=True)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1
        session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(names, {"X": X}), strict=True))

    return run
