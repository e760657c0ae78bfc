"""Up to which share of active inputs the native kernels are faster than BLAS: measured, stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pooch

from rectinet.errors import StorageError
from rectinet.files import make_folder, write_json
from rectinet.kernels import native

BATCH_SIZES = (1, 4, 10, 16, 32, 64, 128, 512)
"""The batch sizes at which the two are compared; in between, by interpolation."""

WIDTHS = (10, 64, 1000)
"""The widths of the layers on which they are compared, likewise."""

_CELLS = {"batch_sizes": list(BATCH_SIZES), "widths": list(WIDTHS)}


@dataclass(frozen=True)
class Thresholds:
    """By kernel and width, one share of active inputs for each of `BATCH_SIZES`.

    Attributes:
        shares: of ``"forward"`` and ``"backward"``, a row for each of `WIDTHS`.
    """

    shares: Mapping[str, tuple[tuple[float, ...], ...]]

    def share(self, kernel: str, examples: int, units: int) -> float:
        """Return the share up to which the native kernel is taken.

        Args:
            kernel: ``"forward"`` or ``"backward"``.
            examples: of the minibatch.
            units: of the layer.
        """
        batch, width = np.log(max(1, examples)), np.log(max(1, units))
        by_width = [np.interp(batch, np.log(BATCH_SIZES), row) for row in self.shares[kernel]]
        return float(np.interp(width, np.log(WIDTHS), by_width))


# One thread, kernels and BLAS call by call in turns in one process, on a quiet Intel Xeon (Sapphire
# Rapids) with 1,000 inputs. Two threads cannot be compared like that: the pool that waits takes
# time from the other. Up to 16 examples what is sparse at all is native throughout: one pass less
# that two pools share.
AVX512 = Thresholds(
    {
        "forward": (
            (1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0),
            (1.0, 1.0, 1.0, 1.0, 0.5, 0.3, 0.07, 0.0),
            (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.8),
        ),
        "backward": (
            (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0),
            (1.0, 1.0, 1.0, 1.0, 0.12, 0.08, 0.05, 0.0),
            (1.0, 1.0, 0.8, 0.6, 0.22, 0.15, 0.12, 0.09),
        ),
    }
)

# By hand from where the two crossed on 1000 x 1000 layers, on two busy cores of an AMD EPYC
# (Zen 3); narrow layers as above.
AVX2 = Thresholds(
    {
        "forward": (
            *AVX512.shares["forward"][:2],
            (1.0, 1.0, 1.0, 1.0, 0.6, 0.45, 0.35, 0.3),
        ),
        "backward": (
            *AVX512.shares["backward"][:2],
            (1.0, 1.0, 1.0, 1.0, 0.5, 0.3, 0.2, 0.15),
        ),
    }
)


def defaults() -> Thresholds:
    """Return the figures that rectinet comes with, for the instruction set in use."""
    return AVX512 if native.AVAILABLE and native.instruction_set() == "avx512" else AVX2


def thresholds_path() -> Path:
    """Return where this user's calibration is kept."""
    return Path(pooch.os_cache("rectinet")) / "kernels.json"


def load_thresholds() -> Thresholds:
    """Return this user's calibration, or the figures that rectinet comes with.

    Raises:
        StorageError: if there is a calibration that cannot be read.
    """
    path = thresholds_path()
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return defaults()
    except (OSError, ValueError) as error:
        raise StorageError(f"the calibration {path} cannot be read ({error}); delete it") from error
    if not _is_calibration(content):
        raise StorageError(f"the calibration {path} is not one of this version; delete it")
    return Thresholds(
        {name: tuple(tuple(row) for row in rows) for name, rows in content["shares"].items()}
    )


def save_thresholds(thresholds: Thresholds) -> Path:
    """Keep a calibration for this user and return where.

    Raises:
        StorageError: if it cannot be written.
    """
    path = thresholds_path()
    make_folder(path.parent)
    shares = {name: [list(row) for row in rows] for name, rows in thresholds.shares.items()}
    write_json(path, {**_CELLS, "shares": shares})
    return path


def _is_calibration(content: object) -> bool:
    try:
        cells = {name: content[name] for name in _CELLS}  # type: ignore[index]
        shares = {name: np.asarray(rows, np.float64) for name, rows in content["shares"].items()}  # type: ignore[index]
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    return (
        cells == _CELLS
        and shares.keys() == AVX512.shares.keys()
        and all(
            rows.shape == (len(WIDTHS), len(BATCH_SIZES)) and ((rows >= 0) & (rows <= 1)).all()
            for rows in shares.values()
        )
    )
