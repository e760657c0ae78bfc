"""Who does a call: the native kernels, which skip inactive inputs, or BLAS, which does not."""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from scipy.sparse import csr_array, issparse

from rectinet.errors import SettingError
from rectinet.kernels import blas, native, reference
from rectinet.kernels.step import GRADIENT, Array, Cost, Pairs, Step
from rectinet.kernels.thresholds import Thresholds, load_thresholds

MODES = ("auto", "native", "blas", "reference")
VARIABLE = "RECTINET_KERNELS"

# The share of active inputs is measured on about so many numbers, of the first examples.
_SAMPLE = 4000


class KernelSet(Protocol):
    """What native, blas and reference have in common; see `rectinet.kernels.reference`."""

    @property
    def forward(self) -> Callable[..., Array]:
        """Returns a layer's output."""
        ...

    @property
    def backward(self) -> Callable[..., Array | None]:
        """Moves a layer and passes the gradient down."""
        ...


_KERNELS: Mapping[str, KernelSet] = {"native": native, "blas": blas, "reference": reference}


class Kernels:
    """The arithmetic of layers, done by whichever kernel is faster; counts what it chose.

    Args:
        mode: ``"auto"`` chooses per call from the shape and the measured share of active inputs;
            ``"native"``, ``"blas"`` and ``"reference"`` always take that one. None: what the
            environment variable RECTINET_KERNELS says, otherwise ``"auto"``.
        thresholds: up to which share of active inputs the native kernels are faster; None: this
            user's calibration, or the figures that rectinet comes with.

    Raises:
        SettingError: if there is no such mode, or it is ``"native"`` and nothing was compiled.
            With None, when the first kernel is used.
    """

    def __init__(self, mode: str | None = None, thresholds: Thresholds | None = None):
        self._wanted = None if mode is None else check_mode(mode, "kernels")
        self._thresholds = thresholds
        self._most_active: dict[tuple[str, int, int], float] = {}
        self._chosen: Counter[str] = Counter()

    # Not in the constructor: a wrong variable would end the import instead of the command.
    @functools.cached_property
    def mode(self) -> str:
        """One of `MODES`; without compiled kernels, ``"auto"`` becomes ``"blas"``."""
        mode = self._wanted or check_mode(os.environ.get(VARIABLE, "auto"), VARIABLE)
        if mode == "auto" and not native.AVAILABLE:
            native.warn_if_missing()
            return "blas"
        return mode

    @functools.cached_property
    def thresholds(self) -> Thresholds:
        """Those in use."""
        return self._thresholds or load_thresholds()

    def chosen(self) -> dict[str, int]:
        """Return how many calls each kernel did since the last time this was asked."""
        counts, self._chosen = self._chosen, Counter()
        return dict(sorted(counts.items()))

    def forward(
        self, x: Array | csr_array, weight: Array, bias: Array, sign: Array, rectify: bool
    ) -> Array:
        """See `rectinet.kernels.reference.forward`."""
        if not weight.flags.c_contiguous and self.mode != "reference":
            # A decoder's that is kept output by output, or is its encoder's, transposed.
            return blas.forward(x, weight, bias, sign, rectify)
        return self._choose("forward", x, weight).forward(x, weight, bias, sign, rectify)

    def backward(
        self,
        x: Array | csr_array,
        delta: Array,
        weight: Array,
        bias: Array,
        step: Step,
        below_sign: Array | None = None,
        below_l1: float = 0.0,
    ) -> Array | None:
        """See `rectinet.kernels.reference.backward`."""
        # A kernel would update a copy of anything else, and the layer would silently stay as it is.
        if not weight.flags.c_contiguous:
            raise AssertionError("a layer's weight must be C-contiguous")
        chosen = self._choose("backward", x, weight)
        return chosen.backward(x, delta, weight, bias, step, below_sign, below_l1)

    def weight_gradient(self, x: Array | csr_array, delta: Array) -> Array:
        """Return ``x.T @ delta``, shape (n_in, n_out)."""
        shape = (x.shape[1], delta.shape[1])
        gradient, bias = np.empty(shape, delta.dtype), np.empty(shape[1], delta.dtype)
        # With this rule the layer is not looked at, and the gradient may stand in its place.
        step = Step(GRADIENT, first=gradient, first_bias=bias)
        self._choose("backward", x, gradient).backward(x, delta, gradient, bias, step)
        return gradient

    def softmax_nll(self, z: Array, target: Array) -> tuple[float, Array]:
        """See `rectinet.kernels.reference.softmax_nll`."""
        if self.mode in ("auto", "native"):
            return native.softmax_nll(z, target)
        return reference.softmax_nll(z, target)

    def decoder_step(
        self, code: Array, pairs: Pairs, weight: Array, bias: Array, rate: float, cost: Cost
    ) -> tuple[float, Array]:
        """See `rectinet.kernels.reference.decoder_step`."""
        if not weight.flags.c_contiguous:
            raise AssertionError("a decoder's weight must be C-contiguous, output by output")
        arguments = (code, pairs, weight, bias, rate, cost)
        if self.mode in ("auto", "native"):
            self._chosen["decoder native"] += 1
            return native.decoder_step(*arguments)
        self._chosen["decoder reference"] += 1
        return reference.decoder_step(*arguments)

    def most_active(self, kernel: str, examples: int, units: int) -> float:
        """Return the share of active inputs up to which the native kernel is taken.

        Args:
            kernel: ``"forward"``, ``"backward"``, or ``"prediction"``: all layers in one call.
            examples: of the minibatch.
            units: of the layer; of the widest, where there are several.
        """
        key = kernel, examples, units
        known = self._most_active.get(key)
        if known is None:
            fixed = {"native": 1.0, "blas": 0.0, "reference": 0.0}
            share = fixed.get(self.mode)
            if kernel == "prediction":
                kernel = "forward"
                # Handing over to BLAS half-way wakes a second pool of threads, which costs more
                # than the dense tiles of AVX-512 lose against BLAS.
                if share is None and not self._thresholds and native.instruction_set() == "avx512":
                    share = 1.0
            known = self.thresholds.share(kernel, examples, units) if share is None else share
            self._most_active[key] = known
        return known

    def _choose(self, kernel: str, x: Array | csr_array, weight: Array) -> KernelSet:
        mode = self.mode
        if mode == "auto":
            native_is_faster = self._is_sparse_enough(kernel, x, weight.shape[1])
            mode = "native" if native_is_faster else "blas"
        self._chosen[f"{kernel} {mode}"] += 1  # of several threads, one in a million may be lost
        return _KERNELS[mode]

    def _is_sparse_enough(self, kernel: str, x: Array | csr_array, units: int) -> bool:
        most = self.most_active(kernel, x.shape[0], units)
        if most >= 1 or issparse(x):
            return True
        if most <= 0:  # measuring takes some microseconds
            return False
        sample = x[: 1 + _SAMPLE // max(1, x.shape[1])]
        # Counting booleans: np.count_nonzero of floats takes five times as long.
        return bool(np.count_nonzero(sample != 0) <= most * sample.size)


def check_mode(mode: str, name: str) -> str:
    """Return `mode` if it can be used.

    Raises:
        SettingError: otherwise.
    """
    if mode not in MODES:
        raise SettingError(f"{name} is {mode!r}; use one of {', '.join(MODES)}")
    if mode == "native" and not native.AVAILABLE:
        raise SettingError(
            f"{name} is 'native', but rectinet was installed without a C++ compiler; install GCC "
            "or Clang and reinstall rectinet, or use 'auto'"
        )
    return mode
