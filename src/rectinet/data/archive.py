"""Official archives, read as a stream: nothing is unpacked on the disk."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from rectinet.errors import DataError

GET_IT_AGAIN = "delete the file and fetch or copy it again"


def archive_members(
    path: Path, wanted: Callable[[PurePosixPath], bool]
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Read files of a .tar.gz archive, front to back.

    To look a member up by name would decompress everything before it.

    Args:
        path: the archive.
        wanted: says of a file's path within the archive whether it is to be read. Folders and
            links are passed over.

    Yields:
        The path and the bytes of each wanted file.

    Raises:
        DataError: if the archive is missing, truncated or damaged.
    """
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                name = PurePosixPath(member.name)
                stream = archive.extractfile(member) if member.isfile() and wanted(name) else None
                if stream is not None:
                    yield name, stream.read()
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist; check the path") from error
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise DataError(f"{path} is truncated or damaged ({error}); {GET_IT_AGAIN}") from error
