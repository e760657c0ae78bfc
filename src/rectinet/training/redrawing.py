"""Training examples that are new ones in every epoch."""

from __future__ import annotations

from rectinet.data import Split
from rectinet.engine import Inputs
from rectinet.errors import InputError


def check_redrawn(redrawn: Split, first: Inputs, epoch: int) -> None:
    """Refuse an epoch whose examples do not fit to those of the first.

    Raises:
        InputError: naming the epoch and both shapes.
    """
    if redrawn.X.shape != first.shape:
        raise InputError(
            f"redraw gave inputs of shape {redrawn.X.shape} for epoch {epoch}; expected "
            f"{first.shape}, that of X"
        )
