"""Threads: the same bits for every number of them, as many as allowed, any number of callers."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from rectinet.kernels import (
    ADAM,
    GRADIENT,
    MOMENTUM,
    SGD,
    Kernels,
    LayerArrays,
    PackedLayers,
    Step,
    native,
)

# Much more than the little work that one thread does alone, in dense and in CSR.
SHAPES = [(1, 1100, 150), (10, 130, 520), (130, 130, 33)]


def all_results(kernels: Kernels, example: Any, x: Any) -> list[np.ndarray]:
    """Return everything that the kernels compute of one minibatch."""
    layer = LayerArrays(example.weight, example.bias, example.sign, True)
    results = [kernels.forward(x, *layer), kernels.weight_gradient(x, example.delta)]
    packed = PackedLayers([layer], softmax=True)(x)
    assert packed is not None
    results += [packed.values, kernels.softmax_nll(example.delta, example.target)[1]]
    for rule in (SGD, MOMENTUM, ADAM, GRADIENT):
        for below_sign in (None, example.below_sign):
            weight, bias = example.weight.copy(), example.bias.copy()
            names = {SGD: (), ADAM: ("first", "second")}.get(rule, ("first",))
            buffers = {name: np.ones_like(weight) for name in names}
            buffers |= {f"{name}_bias": np.ones_like(bias) for name in names}
            step = Step(rule, 0.1, 0.9, **buffers)
            below = kernels.backward(x, example.delta, weight, bias, step, below_sign, 0.3)
            results += [weight, bias, *buffers.values()]
            results += [] if below is None else [below]
    return results


@pytest.mark.parametrize("kind", ["dense", "csr"])
@pytest.mark.parametrize("share", [0.2, 1.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_one_and_two_threads_give_the_same_bits(
    shape: tuple[int, int, int],
    dtype: str,
    share: float,
    kind: str,
    compiled: Kernels,
    two_threads: Callable[[int], Any],
    draw: Callable[..., Any],
    as_kind: Callable[..., Any],
) -> None:
    example = draw(shape, share=share, dtype=dtype)
    x, results = as_kind(example.x, kind), []
    for count in (1, 2):
        with two_threads(count):
            assert native.threads() == count
            results.append(all_results(compiled, example, x))
    for one, two in zip(*results, strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("kind", ["dense", "csr"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [2, 4, 5, 9, 33, 70])
def test_an_output_does_not_depend_on_the_rest_of_the_minibatch(
    n: int,
    dtype: str,
    kind: str,
    compiled: Kernels,
    draw: Callable[..., Any],
    as_kind: Callable[..., Any],
    random: np.random.Generator,
) -> None:
    # Some groups of four nearly all on, some nearly all off, some in between.
    example = draw((n, 1100, 75), share=1.0, dtype=dtype)
    shares = np.repeat(random.permutation(np.linspace(0, 1, n // 4 + 1)), 4)[:n, None]
    example.x[random.random(example.x.shape) >= shares] = 0
    layer = LayerArrays(example.weight, example.bias, example.sign, True)
    packed = PackedLayers([layer, layer._replace(weight=example.weight[:75])], softmax=True)
    for call in (lambda x: compiled.forward(x, *layer), lambda x: packed(x).values):
        together = call(as_kind(example.x, kind))
        alone = [call(as_kind(example.x[i : i + 1], kind)) for i in range(n)]
        np.testing.assert_array_equal(together, np.concatenate(alone))
        some = random.permutation(n)[: n // 2 + 1]
        np.testing.assert_array_equal(call(as_kind(example.x[some], kind)), together[some])


def test_many_callers_at_once(
    two_threads: Callable[[int], Any], draw: Callable[..., Any], compiled: Kernels
) -> None:
    example = draw((20, 300, 130), dtype="float32")
    layer = LayerArrays(example.weight, example.bias, example.sign, True)
    packed, batches = PackedLayers([layer], softmax=True), [example.x[i:] for i in range(20)]

    def work(x: np.ndarray) -> list[np.ndarray]:
        weight, bias, delta = example.weight.copy(), example.bias.copy(), example.delta[: len(x)]
        below = compiled.backward(x, delta, weight, bias, Step(SGD, 0.1), example.below_sign, 0.1)
        return [packed(x).values, compiled.forward(x, *layer), weight, below]

    expected = [work(x) for x in batches]
    compiled.chosen()
    with two_threads(2), ThreadPoolExecutor(4) as pool:
        for results, right in zip(pool.map(work, batches * 5), expected * 5, strict=True):
            for result, wanted in zip(results, right, strict=True):
                np.testing.assert_array_equal(result, wanted)
    counted = {"backward native": 5 * len(batches), "forward native": 5 * len(batches)}
    assert compiled.chosen() == counted


DIGEST = """
    import hashlib
    import numpy as np
    from rectinet.kernels import Kernels, Step, native

    random = np.random.default_rng(0)
    x = np.maximum(random.standard_normal((40, 300)), 0)
    W, delta = random.standard_normal((300, 200)), random.standard_normal((40, 200))
    bias, sign = np.zeros(200), np.ones(200)
    kernels = Kernels("native")
    h = kernels.forward(x, W, bias, sign, True)
    below = kernels.backward(x, delta, W, bias, Step(0, 0.1), np.ones(300), 0.1)
    print(native.threads(), hashlib.sha256(b"".join(map(bytes, (h, below, W, bias)))).hexdigest())
"""


def test_the_environment_sets_the_number_of_threads_and_changes_no_bit(
    two_threads: Callable[[int], Any],
    run_python: Callable[..., Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = run_python(DIGEST, OMP_NUM_THREADS="1")  # two: see the next test
    assert done.returncode == 0, done.stderr
    with two_threads(2):
        exec(textwrap.dedent(DIGEST), {})
    (one, digest), (two, same) = done.stdout.split(), capsys.readouterr().out.split()
    assert (one, two) == ("1", "2")
    assert digest == same


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no CPU affinity here")
def test_no_more_threads_than_cpus_given(
    two_threads: object, run_python: Callable[..., Any]
) -> None:
    done = run_python(
        """
        import os
        cpus = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, cpus[:1])
        from rectinet.kernels import native
        print(native.threads())
        os.sched_setaffinity(0, cpus[:2])
        print(native.threads())
        os.sched_setaffinity(0, cpus[:1])
        print(native.threads())
        os.sched_setaffinity(0, cpus)
        print(native.threads())
        """,
        OMP_NUM_THREADS="2",
    )
    assert done.stdout.split() == ["1", "2", "1", "2"], done.stderr
