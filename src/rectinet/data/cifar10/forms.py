"""In which form CIFAR-10 lies in a folder, and how that form is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rectinet.data.cifar10 import binary, compact, python
from rectinet.data.cifar10.batch import Batch
from rectinet.data.locate import find_file

ROWS = 10_000
"""Examples in each of the official files: five for training, one for the test."""


@dataclass(frozen=True)
class Form:
    """CIFAR-10 as it was found.

    Attributes:
        version: "binary", "python" or "compact".
        place: its folder, archive or file.
    """

    version: str
    place: Path

    @property
    def folder(self) -> Path:
        """The folder of the files."""
        return self.place if self.place.is_dir() else self.place.parent

    def train(self, rows: int) -> Iterator[tuple[slice, Batch]]:
        """Yield the training examples: where they belong in the official order, and a batch.

        Args:
            rows: examples in each official file.

        Raises:
            DataError: if a file is missing or damaged.
        """
        return self._read("train", rows)

    def test(self, rows: int) -> Iterator[tuple[slice, Batch]]:
        """Yield the official test examples, as `train` does."""
        return self._read("test", rows)

    def _read(self, part: str, rows: int) -> Iterator[tuple[slice, Batch]]:
        if self.version == "compact":
            n = rows * (5 if part == "train" else 1)
            per_picture = int(np.prod(compact.TILES))
            batches = compact.read_compact(self.place, part, n // per_picture, compact.TILES)
            for number, batch in enumerate(batches):
                yield slice(number * per_picture, (number + 1) * per_picture), batch
            return
        module = binary if self.version == "binary" else python
        read = binary.read_binary if self.version == "binary" else python.read_python
        names = module.TRAIN if part == "train" else module.TEST
        for name, batch in read(self.place, names, rows):
            number = names.index(name)
            yield slice(number * rows, (number + 1) * rows), batch


def find_form(folder: Path) -> Form | None:
    """Find CIFAR-10 in `folder` or in its subfolder ``cifar10``; None if it is in neither.

    An unpacked version comes before an archive, and the official versions before the compact file,
    whose test images are not all as published.
    """
    places = (folder, folder / "cifar10")
    for version, module in (("binary", binary), ("python", python)):
        wanted = (*module.TRAIN, *module.TEST, module.NAMES)
        for place in (place / sub for place in places for sub in ("", module.FOLDER)):
            if all((place / name).is_file() for name in wanted):
                return Form(version, place)
    files = {"binary": binary.ARCHIVE, "python": python.ARCHIVE, "compact": compact.FILE}
    found = {version: find_file(places, name) for version, name in files.items()}
    return next((Form(version, path) for version, path in found.items() if path), None)


def find_cifar10(folder: Path) -> Path | None:
    """Return the folder that holds CIFAR-10's files, at or below `folder`; None without them."""
    form = find_form(folder)
    return None if form is None else form.folder
