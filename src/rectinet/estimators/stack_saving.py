"""What of a trained stack is kept in a model folder, and how it comes back."""

from __future__ import annotations

from typing import Any

import numpy as np

from rectinet.estimators.parameters import OF_LAYERS, settled
from rectinet.estimators.saving import Savable, whole
from rectinet.nn import Array, CodeTarget, Layer, Reconstruction, reconstruction
from rectinet.storage import StoredModel

OF_STACK = (*OF_LAYERS, "reconstruction", "tied")
"""What a stack is made by: settled once there is one."""


class SavableStack(Savable):
    """A stack of auto-encoders that can be written to a model folder."""

    layers_: tuple[Layer, ...]
    decoders_: tuple[Layer, ...]
    reconstruction_: Reconstruction
    mean_: Array
    n_iter_: int
    _targets: tuple[CodeTarget, ...]

    def _stored(self) -> StoredModel:
        # From the code back to the input, so that each decoder takes what the one before it says.
        layers = {"encoders": self.layers_, "decoders": self.decoders_[::-1]}
        arrays = {"mean": self.mean_}
        for index, target in enumerate(self._targets):
            for name, value in (("scale", target.scale), ("divisor", target.divisor)):
                arrays[f"code_{name}_{index}"] = np.atleast_1d(np.asarray(value, np.float64))
        values = {
            "reconstruction": {
                "name": self.reconstruction_.name,
                "scaling": self.reconstruction_.scaling,
            },
            "code_shift": [float(target.shift) for target in self._targets],
            "n_iter": self.n_iter_,
        }
        return StoredModel(self._kind, layers, arrays, values)

    def _restore(self, stored: StoredModel) -> None:
        values = stored.values
        self.layers_ = stored.layers["encoders"]
        self.decoders_ = stored.layers["decoders"][::-1]
        shapes = [(layer.n_out, layer.n_in) for layer in self.layers_]
        if shapes != [(layer.n_in, layer.n_out) for layer in self.decoders_]:
            raise ValueError("the decoders do not fit the encoders")
        strategy = values["reconstruction"]
        self.reconstruction_ = reconstruction(strategy["name"], scaling=strategy["scaling"])
        targets = []
        for index, shift in enumerate(values["code_shift"]):
            scale = stored.arrays[f"code_scale_{index}"]
            # Earlier versions kept no divisor: their stacks go on with the codes that they have.
            divisor = stored.arrays.get(f"code_divisor_{index}", np.ones(1))
            targets.append(
                CodeTarget(
                    float(shift), self._per_unit(scale, index), self._per_unit(divisor, index)
                )
            )
        self._targets = tuple(targets)
        if len(self._targets) != len(self.layers_):
            raise ValueError("there is not one target for each layer")
        self.mean_ = stored.arrays["mean"]
        if self.mean_.shape != (self.n_features_in_,):
            raise ValueError("the mean does not fit the first layer")
        self.n_iter_ = whole(values["n_iter"], "n_iter")
        self.records_: tuple[Any, ...] = ()
        self._settled = settled(self, OF_STACK)

    def _per_unit(self, array: Array, index: int) -> float | Array:
        """Return a stored number, or numbers, one for each unit of the layer below."""
        if not (np.isfinite(array) & (array > 0)).all():
            raise ValueError("what a code is divided by is not a finite number above 0")
        if array.shape == (1,):
            return float(array[0])
        if index == 0:
            raise ValueError("the inputs have a scale for each unit of a layer")
        below = self.layers_[index - 1]
        if array.shape != (below.n_out,):
            raise ValueError("a code's scale does not fit its layer")
        return array.astype(below.weight.dtype)
