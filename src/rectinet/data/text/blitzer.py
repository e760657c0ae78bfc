"""Blitzer's multi-domain sentiment reviews: ``books/positive.review`` and so on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from rectinet.data.archive import GET_IT_AGAIN, archive_members
from rectinet.data.text.review import Review, plain_text
from rectinet.errors import DataError

UNLABELED = "unlabeled"

_KINDS = ("positive", "negative", UNLABELED)
_RECORD = re.compile(rb"<review>(.*?)</review>", re.DOTALL)
_FIELDS = {name: re.compile(rf"<{name}>\s*(.*?)\s*</{name}>".encode(), re.DOTALL)
           for name in ("rating", "review_text")}  # fmt: skip
_COUNT = re.compile(r"(?P<word>\S+):(?P<count>\d+)")
_LABEL = "#label#:"


def read_blitzer_archive(place: str | Path) -> dict[str, list[Review]]:
    """Read the reviews of all domains, from the official archive or the folder it unpacks to.

    Args:
        place: the folder ``sorted_data_acl``, or ``domain_sentiment_data.tar.gz``, which is read
            without unpacking.

    Returns:
        The labeled reviews of each domain by its folder's name; and, as ``"unlabeled"``, those of
        all domains' ``unlabeled.review``, whose ratings are not read.

    Raises:
        DataError: if the archive is damaged, or a file is truncated or of another format.
    """
    place = Path(place)
    reviews: dict[str, list[Review]] = {}
    unlabeled: list[Review] = []
    for path, content in _files(place):
        domain = path.parent.name
        found = _parse(content, f"{path} of {place}", domain, labeled=path.stem != UNLABELED)
        (unlabeled if path.stem == UNLABELED else reviews.setdefault(domain, [])).extend(found)
    if not reviews:
        raise DataError(
            f"{place} has no reviews; expected files such as books/positive.review: {GET_IT_AGAIN}"
        )
    return {**dict(sorted(reviews.items())), UNLABELED: unlabeled}


def read_blitzer_counts(path: str | Path) -> Iterator[tuple[dict[str, int], bool]]:
    """Read a file of the processed version: ``word:count ... #label#:positive`` on each line.

    scikit-learn's `DictVectorizer` turns the counts into CSR.

    Yields:
        How often each word (or pair of words, ``a_b``) occurs, and whether the review is positive.

    Raises:
        DataError: if the file cannot be read, or a line is of another format.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                words, marked, label = line.strip().rpartition(_LABEL)
                found = [_COUNT.fullmatch(word) for word in words.split()]
                if not marked or label not in ("positive", "negative") or not all(found):
                    raise DataError(
                        f"{path}, line {number} is not `word:count ... {_LABEL}positive` (or "
                        f"negative): {line.strip():.60}; {GET_IT_AGAIN}"
                    )
                counts = {each["word"]: int(each["count"]) for each in found if each}
                yield counts, label == "positive"
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}; check the path") from error


def _files(place: Path) -> Iterable[tuple[PurePosixPath, bytes]]:
    if not place.is_dir():
        return archive_members(place, _is_wanted)
    files = sorted(place.glob("*/*.review"))
    try:
        return [
            (path, file.read_bytes())
            for file in files
            if _is_wanted(path := PurePosixPath(file.relative_to(place).as_posix()))
        ]
    except OSError as error:
        raise DataError(f"cannot read {error.filename}: {error.strerror}; check it") from error


def _is_wanted(path: PurePosixPath) -> bool:
    return path.suffix == ".review" and path.stem in _KINDS


def _parse(content: bytes, source: str, domain: str, *, labeled: bool) -> Iterator[Review]:
    """Yield the reviews of a file that looks like XML but has no root and escapes nothing."""
    records = _RECORD.findall(content)
    if len(records) != content.count(b"<review>") or not records:
        raise DataError(
            f"{source} is truncated or of another format: {content.count(b'<review>')} reviews "
            f"begin, {len(records)} end; {GET_IT_AGAIN}"
        )
    for number, record in enumerate(records, start=1):
        found = {name: field.search(record) for name, field in _FIELDS.items()}
        text, rating = found["review_text"], found["rating"]
        try:
            if text is None or (labeled and rating is None):
                raise ValueError("it has no text or no rating")
            stars = float(rating[1]) if labeled and rating else None
        except ValueError as error:
            raise DataError(
                f"{source}, review {number} cannot be used: {error}; {GET_IT_AGAIN}"
            ) from error
        yield Review(plain_text(_decoded(text[1])), stars, domain)


def _decoded(content: bytes) -> str:
    """Return text that its authors' browsers sent in one encoding or the other."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
