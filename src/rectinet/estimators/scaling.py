"""How the estimators bring inputs near the range in which networks learn well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csc_array, csr_array, issparse

from rectinet.engine import batches, dense_batches
from rectinet.errors import InputError, SettingError
from rectinet.estimators.tails import (
    LIMIT,
    deviation_without_tail,
    has_tail,
    moments_without_tail,
    power_of_2,
)
from rectinet.nn import Array, check_choice

SCALINGS = ("auto", "standard", "max", "none")

# From so many zeros on, an input is taken for sparse: moving its columns would lose them.
_SPARSE_SHARE = 0.25

# Pixels and counts share a unit: three quarters of the columns reach a sixteenth of the largest
# value of all (in the digits' images: nine tenths). One number then keeps their proportions, and
# what is faint stays faint. Columns of a table have units of their own; one number would leave a
# column of 0 and 1 beside an income at next to nothing. Not half of the columns: one of three with
# a unit of its own is soon found.
_ONE_RANGE, _OF_COLUMNS = 16, 0.75

# Inputs within [0, 1] are left alone where their columns use that range. The margin of an image may
# be dark, for the ink is seldom there; a column that is at work in so large a share of the rows and
# spreads over less than a sixteenth is a number in another unit, which noise of unit size drowns.
_AT_WORK = 0.1

# Without the dark of images and the absent words, three quarters of the columns must use half of
# the range: iris in decimeters, spread over a third, was learnt 20 points worse than standardized.
_HALF = 0.5


# A deviation of so little beside the mean is what rounding leaves of a constant.
_ROUNDING = 8 * np.finfo(np.float64).eps

# Columns that a message names.
_NAMED = 5


@dataclass(frozen=True)
class InputScaling:
    """``(x - shift) / scale``, column by column, clipped at a limit; inputs become floats.

    Attributes:
        kind: ``"standard"`` (mean 0, standard deviation 1, without a heavy tail), ``"max"``
            (divided by the largest magnitude, of all columns or of each: `scale` says which) or
            ``"none"``.
        shift: shape (n_features,), float64; zeros but for ``"standard"``.
        scale: shape (n_features,), float64, above 0.
        dtype: of scaled inputs, ``"float32"`` or ``"float64"``.
        limit: scaled inputs are clipped at plus and minus this, in training and ever after;
            infinite with ``"none"``, and in models of earlier versions.
        clipped: how many training values of each column are clipped, shape (n_features,); None
            in a model that came back from a folder.
    """

    kind: str
    shift: Array
    scale: Array
    dtype: str = "float32"
    limit: float = np.inf
    clipped: Array | None = None

    def __str__(self) -> str:
        """See `describe`."""
        return self.describe()

    def describe(self, names: Sequence[str] | None = None) -> str:
        """Say what is done, and to how much of the training inputs.

        Args:
            names: of the columns; None: their numbers, from 0.
        """
        if self.clipped is None or not self.clipped.any():
            return f"scaling: {self.kind}"
        columns = np.flatnonzero(self.clipped)
        called = [str(each) if names is None else repr(names[each]) for each in columns[:_NAMED]]
        named = ", ".join([*called, *(["..."] if len(columns) > _NAMED else [])])
        return (
            f"scaling: {self.kind}; {self.clipped.sum():,} training values in {len(columns):,} of "
            f"{len(self.clipped):,} columns ({named}) are clipped at {self.limit:g} or "
            f"-{self.limit:g} once scaled"
        )

    @property
    def shifts(self) -> bool:
        """Whether zeros do not stay zeros, so that scaled CSR is dense."""
        return bool(self.shift.any())

    def parts(self, X: Any, size: int) -> Iterator[Any]:
        """Yield scaled rows, `size` at a time, and fewer of CSR that gets dense.

        Raises:
            InputError: see `__call__`.
        """
        gets_dense = issparse(X) and self.shifts
        for rows in dense_batches(X.shape) if gets_dense else batches(X.shape[0], size):
            yield self(X[rows])

    def __call__(self, X: Any) -> Any:
        """Return scaled inputs: dense, or CSR if X is CSR and zeros stay zeros.

        Raises:
            InputError: if they are too large for `dtype`.
        """
        with np.errstate(over="ignore"):  # what overflows is infinite, and refused here
            scaled = self._scaled(X)
        if not np.isfinite(scaled.data if issparse(scaled) else scaled).all():
            raise InputError(
                f"X has values that are too large for {self.dtype} once they are scaled "
                f"({self.kind}); correct or drop these rows, or bring X nearer to 1"
            )
        return scaled

    def _scaled(self, X: Any) -> Any:
        if issparse(X) and self.shifts:
            X = X.toarray()
        if issparse(X):
            X = _canonical(X)
            data = X.data if self.kind == "none" else self._clip(X.data / self.scale[X.indices])
            return csr_array((data.astype(self.dtype), X.indices, X.indptr), shape=X.shape)
        if self.kind == "none":
            return np.asarray(X, self.dtype)
        # In float64: a large shift would leave little of a single-precision input.
        return self._clip((X - self.shift) / self.scale).astype(self.dtype)

    def _clip(self, values: Array) -> Array:
        return values if self.limit == np.inf else np.clip(values, -self.limit, self.limit)


def fit_scaling(X: Any, scaling: str, dtype: str = "float32") -> InputScaling:
    """Learn the scaling from training inputs.

    ``"auto"`` leaves inputs in [0, 1], and CSR in [-1, 1], as they are if their columns use that
    range (images, bags of words): each that is above its smallest value in a tenth of the rows
    spreads over a sixteenth or more, and, where fewer than a quarter of the values are the smallest
    of their columns, three quarters of the columns spread over a half. It takes ``"max"`` for other
    CSR, and for other non-negative inputs of which a quarter or more are zeros and whose columns
    have much the same range without a heavy tail; and standardizes the columns of everything else.

    ``"max"`` divides by the largest magnitude, so that zeros stay zeros: in CSR each column by its
    own; in dense inputs all by one number where the columns have much the same range (three
    quarters of those that are not all zeros reach a sixteenth of the largest value: images,
    counts), otherwise each by its own.

    Of a column with a heavy tail the deviation is that of what is left once the tail is clipped
    (`moments_without_tail`), or one outlier would leave the others next to nothing: so it is
    standardized by that, or divided by ten times that of its non-zeros. What is further out than
    `LIMIT` once it is scaled is clipped there.

    Args:
        X: shape (n, n_features), dense or CSR, finite.
        scaling: one of `SCALINGS`.
        dtype: of scaled inputs, ``"float32"`` or ``"float64"``.

    Raises:
        InputError: if there are fewer than two examples.
        SettingError: if the scaling or dtype is unknown, or the scaling would make a sparse
            matrix dense.
    """
    check_choice(scaling, "scaling", SCALINGS)
    if dtype not in ("float32", "float64"):
        raise SettingError(f"dtype is {dtype!r}; use 'float32' or 'float64'")
    if X.shape[0] < 2:
        raise InputError(
            "X has one sample only (n_samples=1), from which nothing can be learnt; give several"
        )
    sparse = issparse(X)
    if scaling == "standard" and sparse:
        raise SettingError(
            "scaling is 'standard', which would make sparse inputs dense; use 'max' or 'none'"
        )
    X = _canonical(X) if sparse else X
    kind = _choose(X, sparse) if scaling == "auto" else scaling
    n_features = X.shape[1]
    if kind == "none":
        return InputScaling(kind, np.zeros(n_features), np.ones(n_features), dtype)
    shift, scale = _standard(X) if kind == "standard" else _by_largest(X, sparse)
    # A column that never changes says nothing; rounding may leave it a tiny deviation.
    constant = scale <= _ROUNDING * np.abs(shift)
    learnt = InputScaling(kind, shift, np.where(constant, 1.0, scale), dtype, LIMIT)
    return replace(learnt, clipped=_beyond(X, learnt))


def _standard(X: Any) -> tuple[Array, Array]:
    """Return the mean and standard deviation of each column, without heavy tails."""
    X = np.asarray(X, np.float64)
    unit = power_of_2(np.abs(X).max(axis=0))
    mean, deviation = (X / unit).mean(axis=0), (X / unit).std(axis=0)
    reach = np.maximum(X.max(axis=0) / unit - mean, mean - X.min(axis=0) / unit)
    varies = deviation > _ROUNDING * np.abs(mean)
    for column in np.flatnonzero(has_tail(X / unit, reach, deviation) & varies):
        mean[column], deviation[column] = moments_without_tail(X[:, column] / unit[column])
    # Not the mean of a constant column, which rounding may miss: what is left would be no 0.
    constant = (X[0] == X).all(axis=0)
    return np.where(constant, X[0], unit * mean), np.where(constant, 1.0, unit * deviation)


def _by_largest(X: Any, sparse: bool) -> tuple[Array, Array]:
    """Return zeros, and the largest magnitude of all columns or of each, without heavy tails."""
    largest = abs(X).max(axis=0)
    scale = np.asarray(largest.todense() if sparse else largest, np.float64).ravel()
    if not sparse and _same_range(scale):
        scale = np.full(len(scale), scale.max())
    else:
        columns = csc_array(X)
        for column in range(len(scale)):
            values = columns.data[columns.indptr[column] : columns.indptr[column + 1]]
            if len(values) > LIMIT**2:
                scale[column] = min(scale[column], LIMIT * deviation_without_tail(values))
    return np.zeros_like(scale), scale


def _beyond(X: Any, scaling: InputScaling) -> Array:
    """Return how many values of each column are clipped, shape (n_features,)."""
    with np.errstate(over="ignore"):
        if issparse(X):
            beyond = np.abs(X.data) > scaling.limit * scaling.scale[X.indices]
            return np.asarray(np.bincount(X.indices[beyond], minlength=X.shape[1]))
        beyond = np.abs(X - scaling.shift) > scaling.limit * scaling.scale
        return np.asarray(np.count_nonzero(beyond, axis=0))


def _same_range(largest: Array) -> bool:
    """Return whether columns seem to be of one unit, by their largest magnitudes."""
    used = largest[largest > 0]
    if not used.size:
        return True
    reaching = np.count_nonzero(used >= used.max() / _ONE_RANGE)
    return bool(reaching >= _OF_COLUMNS * len(used))


def _canonical(X: Any) -> Any:
    """Return CSR with one entry for each place; what several add up to is what counts."""
    X = csr_array(X)
    if not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


def _choose(X: Any, sparse: bool) -> str:
    values = X.data if sparse else np.asarray(X)
    lowest, highest = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    within = lowest >= (-1 if sparse else 0) and highest <= 1
    if within and _uses_range(*_spreads(X, sparse)):
        return "none"
    if sparse:
        return "max"
    zeros = 1 - np.count_nonzero(values) / max(1, values.size)
    if lowest < 0 or zeros < _SPARSE_SHARE:
        return "standard"
    # Divided by their largest values, columns of a table with heavy tails (Spambase) are next to
    # nothing: with 100 labels 85.4% instead of 87.7 once they are standardized (means of three
    # draws on validation parts); with 1,000 both have 92.9 (two draws).
    X = np.asarray(X)
    largest, spread = X.max(axis=0), np.ptp(X, axis=0)
    # Seconds since 1970, divided by the last one, are all but 1.
    far_from_zero = (spread > 0) & (spread < largest / _ONE_RANGE)
    alike = _same_range(largest) and not far_from_zero.any()
    return "max" if alike and highest <= LIMIT * deviation_without_tail(X[X > 0]) else "standard"


def _spreads(X: Any, sparse: bool) -> tuple[Array, Array]:
    """Return each column's largest minus its smallest value, and its share of rows at work.

    At rest a column has its smallest value: the dark of an image. In CSR that is 0, which counts as
    a value of every column: columns without any zero are rare there.
    """
    if not sparse:
        smallest = X.min(axis=0)
        return X.max(axis=0) - smallest, np.count_nonzero(smallest != X, axis=0) / X.shape[0]
    largest, smallest = np.zeros((2, X.shape[1]), X.dtype)
    np.maximum.at(largest, X.indices, X.data)
    np.minimum.at(smallest, X.indices, X.data)
    return largest - smallest, np.bincount(X.indices, minlength=X.shape[1]) / X.shape[0]


def _uses_range(spread: Array, at_work: Array) -> bool:
    spread, at_work = spread[spread > 0], at_work[spread > 0]
    if not spread.size:
        return True
    if (spread[at_work >= _AT_WORK] < 1 / _ONE_RANGE).any():
        return False
    many_at_rest = at_work.mean() <= 1 - _SPARSE_SHARE
    return bool(many_at_rest or (spread >= _HALF).mean() >= _OF_COLUMNS)
