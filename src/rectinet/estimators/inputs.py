"""What the estimators take: scikit-learn's checks, and rectinet's own where these say more."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from sklearn.utils.validation import validate_data

from rectinet.data import check_finite, check_sparse
from rectinet.data.check import is_sparse
from rectinet.errors import InputError, SettingError
from rectinet.nn import Array

# Of the weights in training: where it began, where it is, and at the last epoch.
_COPIES = 3


def checked_inputs(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Return inputs as floats, dense or CSR, all finite.

    Args:
        estimator: whose columns they must be.
        X: shape (n, n_features): an array, nested lists, a table, or sparse of any format.
        reset: whether the columns are learned anew.

    Raises:
        ValueError: if X is damaged, not finite, not numeric, empty, or has other columns.
    """
    if is_sparse(X):  # first of all: SciPy would crash on a damaged one
        check_sparse(X)
    elif np.ma.is_masked(X):
        n_masked = np.count_nonzero(np.ma.getmaskarray(X))
        raise InputError(
            f"X is masked in {n_masked} places, and what a mask hides is no number; fill them in: "
            "X.filled(...), or drop these rows"
        )
    else:
        _refuse_dates(X)
    try:
        checked = validate_data(
            estimator,
            X,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            ensure_all_finite=False,  # whose message has neither row nor column
            reset=reset,
        )
    except (TypeError, ValueError) as error:
        _refuse_column(X, error)
        raise
    check_finite(checked, names=getattr(estimator, "feature_names_in_", np.array([])).tolist())
    return checked


def finite_answers(values: Array) -> Array:
    """Return what a network says, if it is finite.

    Raises:
        InputError: if inputs were so large, though finite, that a sum in the network was not.
    """
    if not np.isfinite(values).all():
        raise InputError(
            "X has values that are too large for the network: what it computes from them is not "
            "finite; correct or drop these rows"
        )
    return values


def as_trained(X: Any, *, sparse: bool) -> Any:
    """Return scaled inputs, dense or CSR, in the form of those that training began with.

    Solver, noise and sampling are chosen by the form: the same rows must not be learned from in
    another way because they came in another.
    """
    if sparse == is_sparse(X):
        return X
    return csr_array(X) if sparse else X.toarray()


def check_varied(X: Any) -> None:
    """Refuse scaled training inputs that are all 0: no unit would ever be active.

    Raises:
        InputError: if they are.
    """
    if not (X.data if is_sparse(X) else X).any():
        raise InputError(
            "X is 0 in every training example once it is scaled: it holds zeros only, or the same "
            "row again and again, from which nothing can be learnt; give inputs that vary"
        )


def check_memory(n_features: int, sizes: Sequence[int], dtype: str) -> None:
    """Refuse layers that this machine could not hold; a stray column number asks for such.

    Raises:
        SettingError: if training would take more than the memory there is.
    """
    if not hasattr(os, "sysconf"):
        return
    weights = sum(below * above for below, above in itertools.pairwise((n_features, *sizes)))
    needed = _COPIES * weights * np.dtype(dtype).itemsize
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > memory:
        raise SettingError(
            f"hidden_layer_sizes is {tuple(sizes)}, which with {n_features:,} features takes "
            f"{needed / 2**30:,.0f} GiB, and this machine has {memory / 2**30:,.0f}; choose fewer "
            "units, or check X for a stray column number"
        )


def checked_weights(sample_weight: Any, n_examples: int) -> Array:
    """Return the weights of all examples, float64, the largest 1: only their ratios matter.

    Args:
        sample_weight: one number for each example, or one for all.
        n_examples: how many there are.

    Returns:
        Shape (n_examples,).

    Raises:
        InputError: if they are not finite numbers of 0 or more, one for each example and some
            above 0.
    """
    try:
        weight = np.ma.filled(np.ma.array(sample_weight, np.float64), np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"sample_weight is not numeric ({' '.join(str(error).split())}); give one number for "
            "each example"
        ) from error
    if weight.ndim == 0:
        weight = np.full(n_examples, weight)
    if weight.shape != (n_examples,):
        raise InputError(
            f"sample_weight has shape {weight.shape}; expected ({n_examples},): one number for "
            "each example of X"
        )
    for wrong, expected in ((~np.isfinite(weight), "finite numbers"), (weight < 0, "0 or more")):
        if wrong.any():
            first = int(np.argmax(wrong))
            raise InputError(
                f"sample_weight is {weight[first]} at row {first} ({np.count_nonzero(wrong)} such "
                f"values in all); give {expected}, 0 for examples that are not to count"
            )
    if not weight.any():
        raise InputError("sample_weight is zero for every example; give some a weight above 0")
    return np.asarray(weight / weight.max())


def _refuse_dates(X: Any) -> None:
    """Refuse dates and durations, which would pass for numbers, and what is missing for -9e18.

    Raises:
        InputError: if an array, or a column of a table, holds some.
    """
    dtypes = getattr(X, "dtypes", None)  # of a table of pandas or polars
    for number, dtype in enumerate([getattr(X, "dtype", None)] if dtypes is None else dtypes):
        temporal = getattr(dtype, "is_temporal", None)  # polars'
        if getattr(dtype, "kind", "") in ("M", "m") or (callable(temporal) and temporal()):
            where = "X" if dtypes is None else f"X, column {list(X.columns)[number]!r},"
            raise InputError(
                f"{where} holds dates or times ({dtype}); expected numbers: give days, or parts of "
                "dates"
            )


def _refuse_column(X: Any, error: Exception) -> None:
    """Name the column of a table that holds no numbers, if that is what is wrong.

    Raises:
        InputError: if a column is found.
    """
    for position, name in enumerate(getattr(X, "columns", ())):
        for row, value in enumerate(X.iloc[:, position] if hasattr(X, "iloc") else X[name]):
            try:
                if not (pd.api.types.is_scalar(value) and pd.isna(value)):
                    float(value)
            except (TypeError, ValueError):
                raise InputError(
                    f"X has {value!r} in column {name!r}, row {row}; expected numbers: encode "
                    "text, categories and dates first (sklearn.compose.ColumnTransformer), or "
                    "leave the column out"
                ) from error
