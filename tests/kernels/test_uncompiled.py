"""Without a C++ compiler everything works, says so once, and means the same."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rectinet.kernels import native

WITHOUT = """
    import sys
    sys.modules["rectinet.kernels._native"] = None
"""
WORK = """
    import json, warnings
    import numpy as np
    import rectinet
    from rectinet.engine import CpuEngine
    from scipy.sparse import csr_array

    random = np.random.default_rng(0)
    X = np.maximum(random.standard_normal((60, 7)), 0).astype("f4")
    y = (X[:, 0] > X[:, 1]).astype(int)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        network = rectinet.initialize_network(
            7, (9, 8), 2, rectinet.activation("rectifier"), random
        )
        settings = rectinet.FinetuningSettings(epochs=3, learning_rate=0.1)
        outcome = rectinet.finetune(network, X, y, settings=settings)
        predictor = rectinet.Predictor(outcome.network)
        results = {
            "losses": [record.training_loss for record in outcome.records],
            "probabilities": rectinet.predict_probabilities(outcome.network, X).tolist(),
            "few": predictor(X[:5]).tolist(),
            "csr": predictor(csr_array(X)).tolist(),
            "fresh": predictor.predict(X).tolist(),
            "another engine": rectinet.predict(outcome.network, X, CpuEngine()).tolist(),
        }
    kernels = [*outcome.records[0].evaluation.kernels]
    said = [[each.category.__name__, str(each.message)] for each in caught]
    print(json.dumps([results, kernels, said]))
"""


ASK = """
    import os

    os.environ["RECTINET_KERNELS"] = "native"
    warnings.simplefilter("error")
    from rectinet.kernels import Kernels
    for make in (lambda: Kernels("native"), lambda: Kernels().mode):
        try:
            make()
        except rectinet.SettingError as error:
            print(error)
"""


@pytest.fixture(scope="module")
def without(run_python: Callable[..., Any]) -> list[str]:
    """Return the lines of a process without compiled kernels: of work the first, then of asking."""
    done = run_python(WITHOUT + WORK + ASK)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.skipif(not native.AVAILABLE, reason="nothing to compare with: no C++ compiler")
def test_it_warns_once_and_computes_the_same(
    without: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    slow, slow_kernels, slow_said = json.loads(without[0])
    exec(textwrap.dedent(WORK), {})  # in this process, which has the kernels
    fast, _, fast_said = json.loads(capsys.readouterr().out)
    assert fast_said == []
    ((kind, message),) = slow_said
    assert kind == "RuntimeWarning"
    assert "no C++ compiler" in message
    assert "install GCC or Clang and reinstall rectinet" in message
    assert all(name.endswith("blas") for name in slow_kernels)
    # Eighteen updates of single precision.
    for name, values in fast.items():
        np.testing.assert_allclose(slow[name], values, rtol=1e-4, atol=1e-5, err_msg=name)


def test_asking_for_what_is_not_there_names_the_cure(without: list[str]) -> None:
    lines = without[1:]
    assert [line.split()[0] for line in lines] == ["kernels", "RECTINET_KERNELS"]
    for line in lines:
        assert "install GCC or Clang and reinstall rectinet, or use 'auto'" in line
