"""Files that are either whole or absent.

A reader, or a resumed run, never sees half a file: bytes go to a temporary neighbour, are flushed
to the disk, and take the final name in one step.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import reprlib
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from rectinet.errors import StorageError

_CURES = {
    errno.ENOSPC: "the disk is full; free some space and run the same command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the same command again",
    errno.EROFS: "the folder is read-only; choose another folder",
    errno.EACCES: "no permission to write there; choose another folder",
    errno.EPERM: "no permission to write there; choose another folder",
    errno.ENOTDIR: "a part of the path is a file, not a folder; choose another folder",
    errno.EEXIST: "a part of the path is a file, not a folder; choose another folder",
}


# What `write_bytes` leaves when it is killed.
_UNFINISHED = re.compile(r"\..+\.[0-9]+\.[0-9a-f]{8}$")


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn the system's complaint about `path` into a `StorageError` with its cure."""
    try:
        yield
    except OSError as error:
        said = f"{error.strerror or error}; choose another place"
        cure = _CURES.get(error.errno or 0, said)
        raise StorageError(f"cannot write {path}: {cure}") from error


def as_path(path: Path | str, expected: str) -> Path:
    """Return a path that the system can have.

    Args:
        path: as the user gave it.
        expected: what the message asks for, such as ``"the name of a folder"``.

    Raises:
        StorageError: if it is no path.
    """
    try:
        usable = Path(path)
        if b"\0" not in os.fsencode(usable):
            return usable
    except (TypeError, ValueError):
        pass
    raise StorageError(f"the path is {' '.join(reprlib.repr(path).split())}; give {expected}")


def make_folder(path: Path) -> Path:
    """Create `path` and its parents where they are missing.

    Raises:
        StorageError: if the system refuses.
    """
    with storage_errors(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


def check_ours(folder: Path, mark: str, what: str) -> None:
    """Refuse a folder in which there is something, but nothing of ours.

    Args:
        folder: may be missing.
        mark: a file that is in it if it is ours.
        what: what the message calls that.

    Raises:
        StorageError: naming one of the things in it.
    """
    with storage_errors(folder):
        if not folder.is_dir() or (folder / mark).is_file():
            return
        others = sorted(each.name for each in folder.iterdir() if not _UNFINISHED.match(each.name))
    if others:
        raise StorageError(
            f"cannot write to {folder}: it holds other things ({others[0]!r}) and no {what}; "
            "name a new folder"
        )


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` atomically.

    Raises:
        StorageError: if the disk is full or the folder cannot be written; `path` is then as before.
    """
    with storage_errors(path):
        # Not tempfile: its files are readable by their owner alone, and results are shared.
        temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with temporary.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def write_json(path: Path, content: Mapping[str, Any], *, indent: int | None = 1) -> None:
    """Write a JSON object atomically, keys in the order given.

    Without indentation it is written ten times faster, which counts once per epoch.
    """
    write_bytes(path, (json.dumps(content, indent=indent, allow_nan=False) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        StorageError: if the file is missing or is not a JSON object.
    """
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise StorageError(f"cannot read {path}: {error}") from error
    if not isinstance(content, dict):
        raise StorageError(f"cannot read {path}: expected a JSON object")
    return content


def write_tensors(path: Path, tensors: Mapping[str, np.ndarray]) -> str:
    """Write named arrays as safetensors, atomically.

    Returns:
        The SHA-256 of the file, in hexadecimal.
    """
    contiguous = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    content = safetensors.numpy.save(contiguous)
    write_bytes(path, content)
    return hashlib.sha256(content).hexdigest()


def read_tensors(path: Path, sha256: str | None = None) -> dict[str, np.ndarray]:
    """Read what `write_tensors` wrote.

    Raises:
        StorageError: if the file is missing, damaged, or its checksum is not `sha256`.
    """
    try:
        content = path.read_bytes()
        if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
            raise StorageError(f"cannot read {path}: its checksum is wrong, the file was altered")
        tensors: dict[str, np.ndarray] = safetensors.numpy.load(content)
    except (OSError, ValueError, safetensors.SafetensorError) as error:
        raise StorageError(f"cannot read {path}: {error}") from error
    return tensors
