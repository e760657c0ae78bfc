"""A stack of denoising auto-encoders, as pre-training leaves it and takes it up again."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rectinet.errors import SettingError
from rectinet.nn import Array, CodeTarget, Layer, Reconstruction
from rectinet.training.records import EpochRecord, Evaluation


@dataclass(frozen=True)
class Autoencoder:
    """One layer of a stack, with all that its training goes on from.

    Attributes:
        encoder: the layer, before a strategy divides its codes for the layer above.
        decoder: goes back from these codes, linear up to the strategy's loss.
        target: how the codes of the layer below become the decoder's targets.
    """

    encoder: Layer
    decoder: Layer
    target: CodeTarget

    def divided(self, divisor: float | Array) -> Autoencoder:
        """Return the same function with other codes (paper section 3.1).

        Args:
            divisor: of the codes of a homogeneous encoder: a number above 0, or one per unit,
                shape (n_units,).
        """
        encoder, decoder = self.encoder, self.decoder
        if np.ndim(divisor) or divisor != 1:  # or large layers would be copied for nothing
            divisor = np.asarray(divisor, encoder.weight.dtype)
            encoder = replace(encoder, weight=encoder.weight / divisor, bias=encoder.bias / divisor)
            decoder = replace(decoder, weight=decoder.weight * divisor[..., None])
        decoder = replace(decoder, weight=np.ascontiguousarray(decoder.weight))
        return replace(self, encoder=encoder, decoder=decoder)


@dataclass(frozen=True)
class LayerOutcome(Autoencoder):
    """What pre-training one layer gave.

    Attributes:
        below: the finished layers, the topmost perhaps rescaled by the strategy.
        reconstruction: the strategy.
        records: one per epoch.
        learning_rate: as given or as chosen.
        evaluation: of the last epoch; None if no epoch was finished.
        interrupted: whether Ctrl-C ended the run.
    """

    below: tuple[Layer, ...]
    reconstruction: Reconstruction
    records: tuple[EpochRecord, ...]
    learning_rate: float
    evaluation: Evaluation | None
    interrupted: bool


@dataclass(frozen=True)
class PretrainingOutcome:
    """What pre-training a stack gave.

    Attributes:
        layers: the trained encoders, bottom to top; a strategy that rescales has done so.
        stages: the layers' own outcomes, bottom to top.
        interrupted: whether Ctrl-C ended the run; the layers finished until then are there.
    """

    layers: tuple[Layer, ...]
    stages: tuple[LayerOutcome, ...]
    interrupted: bool

    @property
    def records(self) -> tuple[EpochRecord, ...]:
        """All epoch records, in order."""
        return tuple(record for stage in self.stages for record in stage.records)


def check_start(start: Sequence[Autoencoder], n_features: int, sizes: Sequence[int]) -> None:
    """Refuse to go on with a stack of other sizes.

    Raises:
        SettingError: if it has them.
    """
    there = [stage.encoder.weight.shape for stage in start]
    if there != list(itertools.pairwise((n_features, *sizes))):
        raise SettingError(
            f"start has layers of the shapes {', '.join(map(str, there)) or 'of none'}; expected "
            f"{n_features} inputs and the hidden_layer_sizes {tuple(sizes)}, as the stack to go on "
            "with has them"
        )
