"""CIFAR-10's Python version: pickled dictionaries, read without running what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rectinet.data.cifar10.archive import read_members
from rectinet.data.cifar10.batch import CLASSES, ROW, Batch, from_planes
from rectinet.data.plain_pickle import read_plain_pickle
from rectinet.errors import DataError

FOLDER = "cifar-10-batches-py"
ARCHIVE = "cifar-10-python.tar.gz"
TRAIN = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST = ("test_batch",)
NAMES = "batches.meta"
_CURE = "delete the file and copy it again"


def read_python(place: Path, names: Sequence[str], rows: int) -> Iterator[tuple[str, Batch]]:
    """Read batches of the Python version.

    Args:
        place: the folder ``cifar-10-batches-py`` or the official archive.
        names: of the batches, from `TRAIN` and `TEST`.
        rows: the number of examples expected in each.

    Yields:
        The name and the content of each batch.

    Raises:
        DataError: if a file is missing or damaged, asks for code to be run, does not hold `rows`
            examples, has a label out of range, or the names of the classes are not CIFAR-10's.
    """
    for name, content in read_members(place, (*names, NAMES)):
        source = place / name
        entries = _entries(content, source)
        if name == NAMES:
            _check_names(entries, source)
        else:
            yield name, _batch(entries, source, rows)


def _entries(content: bytes, source: Path) -> dict[Any, Any]:
    entries = read_plain_pickle(content, source)
    if not isinstance(entries, dict):
        raise DataError(
            f"{source} holds a {type(entries).__name__}; expected a dictionary; {_CURE}"
        )
    return entries


def _batch(entries: dict[Any, Any], source: Path, rows: int) -> Batch:
    planes, labels = _entry(entries, "data", source), _entry(entries, "labels", source)
    if not (isinstance(planes, np.ndarray) and planes.dtype == np.uint8):
        raise DataError(f"{source} has no bytes under 'data'; expected an array of uint8; {_CURE}")
    if planes.shape != (rows, ROW):
        raise DataError(
            f"{source} has data of shape {planes.shape}; expected ({rows}, {ROW}); {_CURE}"
        )
    return from_planes(planes, labels, source)


def _check_names(entries: dict[Any, Any], source: Path) -> None:
    names = _entry(entries, "label_names", source)
    listed = names if isinstance(names, list) else [names]
    found = tuple(name.decode() if isinstance(name, bytes) else str(name) for name in listed)
    if found != CLASSES:
        raise DataError(
            f"{source} names the classes {', '.join(found)[:100]}; expected {', '.join(CLASSES)}: "
            "this is another data set; check the folder"
        )


def _entry(entries: dict[Any, Any], key: str, source: Path) -> Any:
    # Written by Python 2, whose strings are bytes; whoever pickled it anew may have had text.
    for spelling in (key.encode(), key):
        if spelling in entries:
            return entries[spelling]
    raise DataError(f"{source} has no entry {key!r}; {_CURE}")
