"""A model in a folder: ``model.json``, and beside it the safetensors file that it names.

The safetensors file is named after its content, and ``model.json`` is replaced last and in one
step, so at any moment a reader finds the old model or the new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from rectinet.errors import StorageError
from rectinet.files import as_path, make_folder, storage_errors, write_bytes, write_json
from rectinet.storage.manifest import FORMAT, describe, parse
from rectinet.storage.model import StoredModel, check_model
from rectinet.storage.plain import parse_object
from rectinet.storage.tensors import deserialize, serialize, tensors_of
from rectinet.storage.unfit import UnfitError

MODEL_FILE = "model.json"

_CURE = "copy the folder again from where it came, or save the model anew"

_TENSORS = r"tensors-[0-9a-f]{16}\.safetensors"
# What a save that was killed may leave: arrays without their JSON, and unfinished files.
_LEFTOVER = re.compile(rf"{_TENSORS}|\.({_TENSORS}|model\.json)\.[0-9]+\.[0-9a-f]{{8}}")


def save_model(model: StoredModel, path: Path | str) -> Path:
    """Write a model into a folder of its own, replacing the model that is there.

    Args:
        model: see `StoredModel`.
        path: the folder; created where it is missing.

    Returns:
        The folder.

    Raises:
        StorageError: if the model cannot be stored, or the folder cannot be written or holds
            something else; a model that was there is then intact.
    """
    folder = as_path(path, "the name of a folder")
    try:
        check_model(model)
    except UnfitError as error:
        raise StorageError(f"cannot save {folder}: {error}") from error
    content = serialize(tensors_of(model))
    sha256 = hashlib.sha256(content).hexdigest()
    name = f"tensors-{sha256[:16]}.safetensors"
    make_folder(folder)
    with _alone(folder):
        _check_place(folder)
        write_bytes(folder / name, content)
        write_json(folder / MODEL_FILE, describe(model, name, sha256))
        # Whatever cannot be removed (a reader may have it open, on some systems) goes next time.
        with contextlib.suppress(OSError):
            for old in list(folder.iterdir()):
                if _LEFTOVER.fullmatch(old.name) and old.name != name:
                    old.unlink(missing_ok=True)
    return folder


def load_model(path: Path | str) -> StoredModel:
    """Read a model that `save_model` wrote; everything in it is checked, and nothing executed.

    Args:
        path: the folder.

    Returns:
        The model with the same bits, in arrays of its own.

    Raises:
        StorageError: if there is no model, it is of another version, or anything in it is
            damaged, altered, missing, too much, or cannot be used to predict.
    """
    folder = as_path(path, "the name of a folder")
    while True:
        content = _read(folder, MODEL_FILE)
        try:
            return _load(folder, content)
        except StorageError:
            # Saved anew meanwhile: its arrays may have gone between the two reads.
            if content == _read(folder, MODEL_FILE):
                raise


def _load(folder: Path, content: bytes) -> StoredModel:
    try:
        manifest = parse(parse_object(content, MODEL_FILE))
        tensors = _read(folder, manifest.tensors)
        if hashlib.sha256(tensors).hexdigest() != manifest.sha256:
            raise UnfitError(f"the checksum of {manifest.tensors} is wrong, the file was altered")
        model = manifest.model(deserialize(tensors, manifest.tensors))
        check_model(model)
    except UnfitError as error:
        raise StorageError(f"cannot load {folder}: {error}; {error.cure or _CURE}") from error
    return model


def _read(folder: Path, name: str) -> bytes:
    path = folder / name
    try:
        if not folder.is_dir():
            found = "it is a file" if folder.exists() else "there is no such folder"
            raise StorageError(f"cannot load {folder}: {found}; give a folder that holds a model")
        # Not exists: a pipe would keep the reader waiting.
        if not path.is_file():
            raise StorageError(
                f"cannot load {folder}: it holds no file {name}; give a folder that holds a whole "
                "model"
            )
        if path.resolve().parent != folder.resolve():
            raise StorageError(
                f"cannot load {folder}: {name} is a link that leads outside; replace it by the file"
            )
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error


def _check_place(folder: Path) -> None:
    """Refuse to write beside what is not a model."""
    with storage_errors(folder):
        names = {entry.name for entry in folder.iterdir()}
    if MODEL_FILE in names:
        try:
            found = parse_object(_read(folder, MODEL_FILE), MODEL_FILE).get("format")
        except (UnfitError, StorageError):
            found = None
        if found == FORMAT:
            return
        raise StorageError(
            f"cannot save {folder}: the {MODEL_FILE} in it cannot be read as one of "
            "rectinet's; choose another folder, or delete this one"
        )
    others = sorted(name for name in names if not _LEFTOVER.fullmatch(name))
    if others:
        raise StorageError(
            f"cannot save {folder}: it holds other things ({others[0]!r}) and no model; choose "
            "a new folder"
        )


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time write to `folder`, so that none removes another's arrays.

    The system drops the lock when a process is killed. Where there are no such locks, two
    processes that save to one folder at the same moment may leave a model that is refused.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    with storage_errors(folder):
        handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
