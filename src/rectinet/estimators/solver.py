"""The solver and the learning rate where none is given."""

from __future__ import annotations

from scipy.sparse import issparse

from rectinet.engine import Inputs
from rectinet.nn import check_choice
from rectinet.training.settings import SOLVERS

_MANY_FEATURES = 2000


def choose_solver(solver: str, X: Inputs) -> str:
    """Return the solver that was asked for; for ``"auto"``, the one that suits the inputs.

    Args:
        solver: its name, or ``"auto"``.
        X: inputs, shape (n, n_features), dense or CSR.

    Raises:
        SettingError: if the solver is unknown.
    """
    check_choice(solver, "solver", ("auto", *SOLVERS))
    if solver != "auto":
        return solver
    # Momentum moves every weight at every step, whether its input is active or not.
    return "sgd" if issparse(X) or X.shape[1] > _MANY_FEATURES else "momentum"


def usual_rate(solver: str) -> float:
    """Return the learning rate of a solver."""
    if solver == "sgd":
        return 0.1
    return 0.01 if solver == "momentum" else 0.001
