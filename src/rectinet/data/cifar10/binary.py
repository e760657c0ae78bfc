"""CIFAR-10's binary version: rows of one label byte and 3,072 pixel bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from rectinet.data.cifar10.archive import read_members
from rectinet.data.cifar10.batch import CLASSES, ROW, Batch, from_planes
from rectinet.errors import DataError

FOLDER = "cifar-10-batches-bin"
ARCHIVE = "cifar-10-binary.tar.gz"
TRAIN = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST = ("test_batch.bin",)
NAMES = "batches.meta.txt"
_CURE = "delete the file and fetch or copy it again"


def read_binary(place: Path, names: Sequence[str], rows: int) -> Iterator[tuple[str, Batch]]:
    """Read batches of the binary version.

    Args:
        place: the folder ``cifar-10-batches-bin`` or the official archive.
        names: of the batches, from `TRAIN` and `TEST`.
        rows: the number of examples expected in each.

    Yields:
        The name and the content of each batch.

    Raises:
        DataError: if a file is missing or damaged, its size is not that of `rows` examples, a
            label is out of range, or the names of the classes are not CIFAR-10's.
    """
    for name, content in read_members(place, (*names, NAMES)):
        source = place / name
        if name == NAMES:
            _check_names(content, source)
        else:
            yield name, _parse(content, source, rows)


def _parse(content: bytes, source: Path, rows: int) -> Batch:
    expected = rows * (1 + ROW)
    if len(content) != expected:
        what = "truncated" if len(content) < expected else "too long"
        raise DataError(
            f"{source} is {what}: expected {expected} bytes ({rows} rows of {1 + ROW}), found "
            f"{len(content)}; {_CURE}"
        )
    table = np.frombuffer(content, np.uint8).reshape(rows, 1 + ROW)
    return from_planes(table[:, 1:], table[:, 0], source)


def _check_names(content: bytes, source: Path) -> None:
    found = tuple(content.decode("ascii", "replace").split())
    if found != CLASSES:
        raise DataError(
            f"{source} names the classes {', '.join(found)[:100]}; expected {', '.join(CLASSES)}: "
            "this is another data set; check the folder"
        )
