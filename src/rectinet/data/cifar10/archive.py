"""The files of CIFAR-10's official versions, from their folder or straight from the archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rectinet.data.archive import GET_IT_AGAIN, archive_members
from rectinet.data.fetch import RemoteFile
from rectinet.errors import DataError

CIFAR10_MIRRORS = ("https://www.cs.toronto.edu/~kriz/",)
CIFAR10_FILES = (
    RemoteFile(
        "cifar-10-binary.tar.gz",
        "c32a1d4ab5d03f1284b67883e8d87530",
        # The uncompressed archive was never published: `md5` is what a download is checked by.
        content_md5="",
    ),
)


def read_members(place: Path, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Read files from a folder or from a .tar.gz archive, one at a time.

    Args:
        place: the folder or the archive.
        names: of the files, without their folder.

    Yields:
        The name and the bytes of each file, in the order in which an archive has them.

    Raises:
        DataError: if a file is missing, or the archive is truncated or damaged.
    """
    if place.is_dir():
        for name in names:
            try:
                yield name, (place / name).read_bytes()
            except OSError as error:
                raise DataError(
                    f"cannot read {place / name}: {error.strerror}; {GET_IT_AGAIN}"
                ) from error
        return
    missing = set(names)
    for path, content in archive_members(place, lambda path: path.name in missing):
        missing.remove(path.name)
        yield path.name, content
    if missing:
        raise DataError(f"{place} has no file {', '.join(sorted(missing))}; {GET_IT_AGAIN}")
