"""What of a trained network is kept, in a model folder or a pickle, and how it comes back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rectinet.engine import Predictor, Update, new_update
from rectinet.estimators.parameters import settled
from rectinet.estimators.pretraining import METHODS, Choice
from rectinet.estimators.saving import Savable, whole
from rectinet.nn import NO_PENALTIES, Array, Loss, Network
from rectinet.storage import StoredModel
from rectinet.training import FinetuningSettings


class SavableNetwork(Savable):
    """An estimator with a network that can be written to a model folder, and pickled."""

    @abstractmethod
    def _output(self) -> tuple[int, Loss]:
        """Return the number of outputs, and their loss."""

    @abstractmethod
    def _stored_targets(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Return what was learnt of the targets, as arrays and JSON-ready values."""

    @abstractmethod
    def _restore_targets(self, stored: StoredModel) -> None:
        """Take up what `_stored_targets` returned."""

    def _stored(self) -> StoredModel:
        choice: Choice = self.pretraining_
        arrays, values = self._stored_targets()
        values |= {
            "pretraining": {"method": choice.method, "reason": choice.reason},
            "n_iter": self.n_iter_,
            "loss_curve": [float(loss) for loss in self.loss_curve_],
        }
        if self._updates is not None:
            solver, updates = self._updates
            values["solver"] = {"name": solver, "steps": [update.steps for update in updates]}
            arrays |= {name: buffer.copy() for name, buffer in _buffers(updates).items()}
        return StoredModel(self._kind, {"network": self.network_.layers}, arrays, values)

    def _restore(self, stored: StoredModel) -> None:
        values = stored.values
        self._restore_targets(stored)
        n_outputs, loss = self._output()
        self.network_ = Network(stored.layers["network"], loss)
        if self.network_.output.n_out != n_outputs:
            raise ValueError("the output layer does not fit the targets")
        choice = values["pretraining"]
        if not (choice["method"] in (None, *METHODS) and isinstance(choice["reason"], str)):
            raise ValueError("the choice of pre-training is not one that is made here")
        self.pretraining_ = Choice(choice["method"], choice["reason"])
        self.autoencoder_: Any = None
        self.n_iter_ = whole(values["n_iter"], "n_iter")
        self.loss_curve_ = values["loss_curve"]
        if not isinstance(self.loss_curve_, list) or {*map(type, self.loss_curve_)} - {float}:
            raise ValueError("the loss curve is not a list of numbers")
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else np.inf
        self.records_: tuple[Any, ...] = ()
        self._settled = settled(self)
        self._updates = self._restored_updates(stored)
        self._predictor = Predictor(self.network_)

    def _restored_updates(self, stored: StoredModel) -> tuple[str, tuple[Update, ...]] | None:
        """Return the solver that `partial_fit` goes on with, and what it remembers."""
        kept = stored.values.get("solver")
        if kept is None:
            return None
        rule = FinetuningSettings(solver=kept["name"]).update
        updates = tuple(
            replace(new_update(layer, rule(0.0, NO_PENALTIES)), steps=whole(steps, "steps"))
            for layer, steps in zip(self.network_.layers, kept["steps"], strict=True)
        )
        for name, buffer in _buffers(updates).items():
            if stored.arrays[name].shape != buffer.shape:
                raise ValueError("what the solver remembers does not fit the network")
            buffer[...] = stored.arrays[name]
        return kept["name"], updates

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the packed copy of the weights."""
        state: dict[str, Any] = super().__getstate__()  # type: ignore[assignment]
        return {name: value for name, value in state.items() if name != "_predictor"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Pack the weights anew."""
        super().__setstate__(state)  # type: ignore[misc]
        if hasattr(self, "network_"):
            self._predictor = Predictor(self.network_)


def _buffers(updates: Sequence[Update]) -> dict[str, Array]:
    """Return what a solver remembers of each layer, by names that a model folder takes."""
    return {
        f"solver_{name.replace('.', '_')}_{index}": buffer
        for index, update in enumerate(updates)
        for name, buffer in update.buffers.items()
    }
