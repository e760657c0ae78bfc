"""The Large Movie Review Dataset in its official layout, ``aclImdb/train/pos/123_8.txt``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from rectinet.data.archive import GET_IT_AGAIN, archive_members
from rectinet.data.text.review import Review, plain_text
from rectinet.errors import DataError

PARTS = ("train", "test", "unsup")

_MEMBER = re.compile(
    r"(?:^|/)(?P<part>train|test)/(?P<kind>pos|neg|unsup)/(?P<number>\d+)_(?P<stars>\d+)\.txt$"
)


def read_imdb_archive(place: str | Path) -> dict[str, list[Review]]:
    """Read the reviews of the official archive, or of the folder it was unpacked to.

    Args:
        place: the folder ``aclImdb``, or ``aclImdb_v1.tar.gz``, which is read without unpacking.

    Returns:
        The reviews of ``"train"``, ``"test"`` and ``"unsup"``; the last ones have no stars.

    Raises:
        DataError: if the archive is damaged, a file is not UTF-8, or a part has no reviews.
    """
    place = Path(place)
    reviews: dict[str, list[Review]] = {part: [] for part in PARTS}
    for path, content in _files(place):
        found = _MEMBER.search(str(path))
        assert found is not None
        unlabeled = found["kind"] == "unsup"
        try:
            text = plain_text(content.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise DataError(f"{path} of {place} is not UTF-8 text; {GET_IT_AGAIN}") from error
        part = "unsup" if unlabeled else found["part"]
        reviews[part].append(Review(text, None if unlabeled else float(found["stars"]), "movies"))
    for part, found_there in reviews.items():
        if not found_there:
            raise DataError(
                f"{place} has no reviews of the part {part!r}; expected files such as "
                f"train/pos/123_8.txt and train/unsup/0_0.txt: {GET_IT_AGAIN}"
            )
    return reviews


def _files(place: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    if not place.is_dir():
        yield from archive_members(place, lambda path: _MEMBER.search(str(path)) is not None)
        return
    for file in sorted(place.glob("*/*/*.txt")):
        path = PurePosixPath(file.relative_to(place).as_posix())
        if _MEMBER.search(str(path)):
            try:
                yield path, file.read_bytes()
            except OSError as error:
                raise DataError(f"cannot read {file}: {error.strerror}; {GET_IT_AGAIN}") from error
