"""How long idle threads of the arithmetic libraries wait for work, awake, before they sleep.

A training step calls both the kernels, whose threads are OpenMP's, and BLAS, which has threads of
its own. Those of one spin on the cores that the other needs: OpenBLAS's for some 25 ms, GNU
OpenMP's for some milliseconds. Both read how long when they are loaded, so this module is imported
before anything else of rectinet. With 0.1 ms each, a training step of 3 x 1000 units on two cores,
batch 32, half of the units off, took 3.5 ms instead of 6.6; steps of BLAS alone took as long as
before.

Where SciPy's BLAS was loaded before rectinet, it waits as it did.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def read_while_loading(name: str, value: str, *, unless: tuple[str, ...] = ()) -> Iterator[None]:
    """Set an environment variable for a library that reads it while it is loaded.

    Args:
        name: of the variable; what a user set stays.
        value: what it is set to in the meantime.
        unless: other variables of the user's that say the same, and are left to say it.
    """
    theirs = {name, *unless} & os.environ.keys()
    if not theirs:
        os.environ[name] = value
    try:
        yield
    finally:
        if not theirs:
            del os.environ[name]


# 2 to the power of 18 clock ticks.
with read_while_loading("OPENBLAS_THREAD_TIMEOUT", "18"):
    import scipy.linalg.blas  # noqa: F401
