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

BATCH_SIZES = (1, 4, 10, 16, 32, 64, 128, 512)
"""The batch sizes at which the two are compared; in between, by interpolation."""


@dataclass(frozen=True)
class Thresholds:
    """By kernel, one share of active inputs for each of `BATCH_SIZES`.

    Attributes:
        shares: of ``"forward"`` and ``"backward"``.
    """

    shares: Mapping[str, tuple[float, ...]]

    def share(self, kernel: str, examples: int) -> float:
        """Return the share up to which the native kernel is taken for so many examples."""
        position = np.log(max(1, examples))
        return float(np.interp(position, np.log(BATCH_SIZES), self.shares[kernel]))


# Set by hand from where the two crossed on 1000 x 1000 layers, on two busy cores of an AMD EPYC
# (Zen 3, AVX2); not yet a calibration. `rectinet bench kernels --calibrate` makes one.
DEFAULT = Thresholds(
    {
        "forward": (1.0, 1.0, 1.0, 1.0, 0.6, 0.45, 0.35, 0.3),
        "backward": (1.0, 1.0, 1.0, 1.0, 0.5, 0.3, 0.2, 0.15),
    }
)


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
        return DEFAULT
    except (OSError, ValueError) as error:
        raise StorageError(f"the calibration {path} cannot be read ({error}); delete it") from error
    if not _is_calibration(content):
        raise StorageError(f"the calibration {path} is not one of this version; delete it")
    return Thresholds({name: tuple(values) for name, values in content["shares"].items()})


def save_thresholds(thresholds: Thresholds) -> Path:
    """Keep a calibration for this user and return where.

    Raises:
        StorageError: if it cannot be written.
    """
    path = thresholds_path()
    make_folder(path.parent)
    shares = {name: list(values) for name, values in thresholds.shares.items()}
    write_json(path, {"batch_sizes": list(BATCH_SIZES), "shares": shares})
    return path


def _is_calibration(content: object) -> bool:
    return (
        isinstance(content, dict)
        and content.get("batch_sizes") == list(BATCH_SIZES)
        and isinstance(content.get("shares"), dict)
        and content["shares"].keys() == DEFAULT.shares.keys()
        and all(
            isinstance(values, list)
            and len(values) == len(BATCH_SIZES)
            and all(isinstance(value, int | float) and 0 <= value <= 1 for value in values)
            for values in content["shares"].values()
        )
    )
