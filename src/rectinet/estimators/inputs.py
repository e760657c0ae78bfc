"""What the estimators take: scikit-learn's checks, and rectinet's own where these say more."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import validate_data

from rectinet.data import check_finite, check_sparse
from rectinet.data.check import is_sparse
from rectinet.errors import InputError
from rectinet.nn import Array


def checked_inputs(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Return inputs as floats, dense or CSR, all finite.

    Args:
        estimator: whose columns they must be.
        X: shape (n, n_features): an array, nested lists, a table, or sparse of any format.
        reset: whether the columns are learnt anew.

    Raises:
        ValueError: if X is damaged, not finite, not numeric, empty, or has other columns.
    """
    if is_sparse(X):  # first of all: SciPy would crash on a damaged one
        check_sparse(X)
    X = validate_data(
        estimator,
        X,
        accept_sparse="csr",
        dtype=[np.float64, np.float32],
        ensure_all_finite=False,  # whose message has neither row nor column
        reset=reset,
    )
    check_finite(X)
    return X


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


def checked_weights(sample_weight: Any, n_examples: int, dtype: Any) -> Array:
    """Return the weights of all examples, shape (n_examples,); one number stands for all.

    Raises:
        InputError: if they are not finite numbers, one for each example.
    """
    try:
        weight = np.asarray(sample_weight, dtype)
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
    wrong = np.flatnonzero(~np.isfinite(weight))
    if len(wrong):
        raise InputError(
            f"sample_weight is {weight[wrong[0]]} at row {wrong[0]} ({len(wrong)} values in all "
            "are NaN or infinite); give finite numbers, 0 for examples that are not to count"
        )
    return weight
