"""Other processes: forked from one that had threads, and joblib's."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pytest

from rectinet.kernels import native

# Half a million multiply-adds: two threads, wherever there are two.
SETUP = """
    import multiprocessing, os, sys
    import numpy as np
    from rectinet.kernels import Kernels, LayerArrays, PackedLayers, Step, native

    random = np.random.default_rng(0)
    x = np.maximum(random.standard_normal((20, 300)), 0)
    weight, delta = random.standard_normal((300, 200)), random.standard_normal((20, 200))
    layer = LayerArrays(weight, np.zeros(200), np.ones(200), True)
    packed, kernels = PackedLayers([layer], softmax=True), Kernels("native")

    def work(_=None):
        moved, bias = weight.copy(), np.zeros(200)
        below = kernels.backward(x, delta, moved, bias, Step(0, 0.1), np.ones(300), 0.1)
        return [kernels.forward(x, *layer), below, moved, bias, packed(x).values]

    def same(left, right):
        return all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))

    expected = work()
"""

FORKS = {
    "os.fork": """
    child = os.fork()
    if child == 0:
        os._exit(0 if same(work(), expected) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    """,
    "multiprocessing": """
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for result in pool.map(work, range(6)):
            assert same(result, expected)
    """,
    "a fork of a fork": """
    child = os.fork()
    if child == 0:
        assert same(work(), expected)
        grandchild = os.fork()
        if grandchild == 0:
            os._exit(0 if same(work(), expected) else 1)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1]))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    """,
}


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="processes cannot be forked here"
)
def test_a_forked_child_computes_the_same(
    two_threads: object, run_python: Callable[..., Any]
) -> None:
    # One process forks in all ways; it goes on with its own threads after each.
    again = "\n    assert same(work(), expected)\n    print({!r}, flush=True)\n"
    script = SETUP + "".join(fork + again.format(way) for way, fork in FORKS.items())
    done = run_python(script, OMP_NUM_THREADS="2")
    assert (done.returncode, done.stdout.splitlines()) == (0, list(FORKS)), done.stderr


def test_joblib_workers_compute_the_same(two_threads: object, draw: Callable[..., Any]) -> None:
    example = draw((20, 300, 200), dtype="float32")
    layer = example.weight, example.bias, example.sign, True
    jobs = [joblib.delayed(native.forward)(example.x[i:], *layer) for i in range(4)]
    here, there = (joblib.Parallel(n_jobs)(jobs) for n_jobs in (1, 2))
    for left, right in zip(here, there, strict=True):
        np.testing.assert_array_equal(left, right)
