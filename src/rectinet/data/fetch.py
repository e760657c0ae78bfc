"""Downloads: checked, whole or absent, from the first mirror that delivers."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pooch

from rectinet.errors import DataError
from rectinet.files import make_folder, write_bytes


@dataclass(frozen=True)
class RemoteFile:
    """A published file.

    Attributes:
        name: its name on the servers.
        md5: the MD5 of the file as it is downloaded.
        content_md5: the MD5 of its uncompressed bytes, which every copy shares however packed.
        other_names: names under which users have the same content, gzipped or not.
    """

    name: str
    md5: str
    content_md5: str
    other_names: tuple[str, ...] = ()


class ProgressBar(Protocol):
    """What pooch asks of a progress bar; it counts the bytes of one file after the other."""

    total: int

    def update(self, n: int) -> object:
        """Count `n` more bytes."""

    def reset(self) -> object:
        """Count from 0 again."""

    def close(self) -> object:
        """The file is finished."""


def fetch_files(
    files: Sequence[RemoteFile],
    mirrors: Sequence[str],
    folder: Path,
    *,
    progress: ProgressBar | None = None,
    timeout: float = 30.0,
) -> None:
    """Download the files that are not yet in `folder`.

    A file gets its name once it is complete and its checksum is right, so a run that was stopped
    goes on with the files it lacks.

    Args:
        files: what to download.
        mirrors: base addresses, each ending in "/", tried in this order for every file.
        folder: where the files go; created if missing.
        progress: shown while bytes arrive.
        timeout: seconds to wait for a server to answer.

    Raises:
        DataError: if no mirror delivers a file with the right checksum.
        StorageError: if `folder` cannot be written.
    """
    make_folder(folder)
    download = pooch.HTTPDownloader(progressbar=progress or False, timeout=timeout)
    for file in files:
        path = folder / file.name
        if not (path.is_file() and pooch.file_hash(str(path), alg="md5") == file.md5):
            write_bytes(path, _download(file, mirrors, download))


def _download(file: RemoteFile, mirrors: Sequence[str], download: pooch.HTTPDownloader) -> bytes:
    """Return the file's bytes from the first mirror that delivers them as they should be."""
    failures = []
    for mirror in mirrors:
        # In memory, so that errors of the network and errors of the disk cannot be confused.
        buffer = io.BytesIO()
        try:
            download(mirror + file.name, buffer, None)
        except OSError as error:  # the base of all that requests raises
            failures.append(f"{mirror} ({_reason(error)})")
            continue
        found = hashlib.md5(buffer.getvalue(), usedforsecurity=False).hexdigest()
        if found == file.md5:
            return buffer.getvalue()
        failures.append(f"{mirror} (MD5 {found}, expected {file.md5})")
    raise DataError(
        f"cannot download {file.name}: tried {', '.join(failures)}; check the network and try "
        "again, or put the files in a folder yourself and pass it as data_dir"
    )


def _reason(error: OSError) -> str:
    """Say in two words what requests says in a paragraph."""
    response = getattr(error, "response", None)
    return type(error).__name__ if response is None else f"HTTP status {response.status_code}"
