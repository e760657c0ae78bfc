"""The code of a stack of layers, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse, vstack

from rectinet.engine import DEFAULT_ENGINE, forward
from rectinet.estimators.inputs import finite_answers
from rectinet.estimators.scaling import InputScaling
from rectinet.nn import Layer

_AT_ONCE = 500


def codes(layers: Sequence[Layer], X: Any, scaling: InputScaling, *, sparse: bool) -> Any:
    """Return the topmost layer's output, shape (n, n_units).

    Args:
        layers: bottom to top; none leaves scaled inputs as they are.
        X: not scaled, shape (n, n_features), dense or CSR.
        scaling: of the inputs.
        sparse: CSR without the zeros, of which only a batch is ever dense; or a dense array.
    """
    parts = []
    for scaled in scaling.parts(X, _AT_ONCE):
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused
            code = forward(DEFAULT_ENGINE, layers, scaled)[-1]
        finite_answers(np.asarray(code.data if issparse(code) else code))
        # Adding 0 makes 0 of -0, which a unit that is off says where its sign is negative.
        parts.append(csr_array(code) if sparse else DEFAULT_ENGINE.densify(code) + 0)
    return csr_array(vstack(parts, format="csr")) if sparse else np.concatenate(parts)
