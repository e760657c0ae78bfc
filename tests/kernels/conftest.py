"""What the tests of the kernels share: layers to compute on, how far rounding goes, processes."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

import numpy as np
import pytest
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from rectinet.kernels import Kernels, native

NOT_COMPILED = pytest.mark.skipif(
    not native.AVAILABLE, reason="rectinet was installed without a C++ compiler"
)
INSTRUCTION_SETS = native.instruction_sets() if native.AVAILABLE else ("none",)


@dataclass(frozen=True)
class Example:
    """A layer of rectifiers, a minibatch for it, and the gradient that comes down to it.

    Attributes:
        x: shape (n, n_in), dense.
        delta: shape (n, n_out).
        weight, bias, sign: of the layer.
        below_sign: of the layer whose output x is, shape (n_in,).
        target: a class for each row, shape (n,).
    """

    x: np.ndarray
    delta: np.ndarray
    weight: np.ndarray
    bias: np.ndarray
    sign: np.ndarray
    below_sign: np.ndarray
    target: np.ndarray

    def astype(self, dtype: object) -> Example:
        """Return a copy in another precision."""
        arrays = {each.name: getattr(self, each.name).astype(dtype) for each in fields(self)}
        return Example(**{**arrays, "target": self.target})

    def copy(self) -> Example:
        return self.astype(self.weight.dtype)


@pytest.fixture(autouse=True, scope="module")
def _one_blas_thread() -> Iterator[None]:
    """Keep BLAS to one thread: the oracle's (NumPy's) and the kernels' (SciPy's) would both spin.

    With two workers on two cores the tests took four times as long.
    """
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture
def draw(random: np.random.Generator) -> Callable[..., Example]:
    """Return a function that draws an `Example` of (examples, inputs, units)."""

    def make(shape: tuple[int, int, int], *, share: float = 0.5, dtype: str = "float64") -> Example:
        n, n_in, n_out = shape
        example = Example(
            x=random.standard_normal((n, n_in)) * (random.random((n, n_in)) < share),
            delta=random.standard_normal((n, n_out)),
            # Some are 0, where the penalty on |w| has the slope 0.
            weight=random.standard_normal((n_in, n_out)) * (random.random((n_in, n_out)) < 0.9),
            bias=random.standard_normal(n_out),
            sign=random.choice([-1.0, 1.0], n_out),
            below_sign=random.choice([-1.0, 1.0], n_in),
            target=random.integers(0, max(n_out, 1), n),
        )
        return example.astype(dtype)

    return make


@pytest.fixture
def gamma() -> Callable[[int, object], float]:
    """Return the bound on the rounding of a sum of products, relative to the sum of their sizes.

    Whatever the order, and whether or not multiply and add are one instruction, a sum of n
    products is off by at most ``gamma_n sum |a| |b|``, with ``gamma_n = n u / (1 - n u)`` and u
    half the spacing of the numbers at 1 (Higham, Accuracy and Stability of Numerical Algorithms,
    section 3.1). Both sides of a comparison are rounded: the oracle, always in double precision,
    too. In double precision the largest sums of these tests get 1e-12.
    """

    def bound(terms: int, dtype: object) -> float:
        return sum(
            terms * u / (1 - terms * u)
            for u in (float(np.finfo(each).eps) / 2 for each in (dtype, np.float64))
        )

    return bound


@pytest.fixture
def assert_within() -> Callable[..., None]:
    """Return a check that every number of a result is as close as its own bound says.

    The smallest number, once for each of `terms`, is always allowed: that is what an underflow
    can take.
    """

    def check(
        result: np.ndarray, oracle: np.ndarray, allowed: np.ndarray, terms: int, name: object
    ) -> None:
        assert result.shape == oracle.shape, name
        allowed = allowed + terms * float(np.finfo(result.dtype).smallest_subnormal)
        off = np.abs(result.astype(np.float64) - oracle) - allowed
        # Written so that NaN, where the oracle has none, is an error as well.
        wrong = ~(off <= 0)
        assert not wrong.any(), (
            f"{name}: {np.count_nonzero(wrong)} of {wrong.size} are further off than rounding "
            f"explains; by {off[wrong].max()} at most; the first is at {np.argwhere(wrong)[0]}"
        )

    return check


@pytest.fixture(
    params=[
        *(pytest.param(f"native {name}", marks=NOT_COMPILED) for name in INSTRUCTION_SETS),
        "blas",
    ]
)
def kernels(request: pytest.FixtureRequest) -> Iterator[Kernels]:
    """Kernels of one kind: native, once for each instruction set of this processor, or BLAS."""
    mode, _, instructions = request.param.partition(" ")
    with _instruction_set(instructions):
        yield Kernels(mode)


@pytest.fixture(params=[pytest.param(name, marks=NOT_COMPILED) for name in INSTRUCTION_SETS])
def compiled(request: pytest.FixtureRequest) -> Iterator[Kernels]:
    """Native kernels, once for each instruction set of this processor."""
    with _instruction_set(request.param):
        yield Kernels("native")


@contextlib.contextmanager
def _instruction_set(name: str) -> Iterator[None]:
    if not name:
        yield
        return
    former = native.instruction_set()
    native.use_instruction_set(name)
    yield
    native.use_instruction_set(former)


@pytest.fixture
def as_kind() -> Callable[[np.ndarray, str], np.ndarray | csr_array]:
    """Return a function that gives an array as ``"dense"`` or ``"csr"``."""
    return lambda x, kind: csr_array(x) if kind == "csr" else x


@pytest.fixture
def two_threads() -> Callable[[int], threadpool_limits]:
    """Return a context manager for a number of OpenMP threads, where there are two to compare."""
    if not native.AVAILABLE:
        pytest.skip("rectinet was installed without a C++ compiler")
    with threadpool_limits(2, user_api="openmp"):
        if native.threads() < 2:
            pytest.skip("one CPU, or kernels without OpenMP: there is one number of threads only")
    return lambda count: threadpool_limits(count, user_api="openmp")


@pytest.fixture(scope="session")
def run_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs a script in a fresh interpreter with variables of its own.

    Hanging is an error, too: after `timeout` seconds, many times what any of these scripts needs.
    """

    def run(script: str, *, timeout: float = 60, **variables: str) -> subprocess.CompletedProcess:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in ("RECTINET_KERNELS", "OMP_NUM_THREADS")
        }
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            env={**inherited, **variables},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run
