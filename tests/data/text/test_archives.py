from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rectinet.data import Review
from rectinet.data.text import read_blitzer_archive, read_blitzer_counts, read_imdb_archive
from rectinet.errors import DataError

IMDB = {
    "train/pos/0_9.txt": "Très bon.<br /><br />Go!".encode(),
    "train/neg/0_2.txt": b"Dull",
    "test/pos/3_10.txt": b"Superb",
    "train/unsup/0_0.txt": b"Seen it",
    "train/labeledBow.feat": b"9 0:1",
    "README": b"...",
}
BOOKS = b"""<review>
<unique_id>
1:a
</unique_id>
<rating>
%s
</rating>
<title>
Fine
</title>
<review_text>
Caf\xe9 & "tea"
over two lines
</review_text>
</review>
"""


def _folder_or_archive(tmp_path: Path, archive: bool) -> Path:
    return tmp_path / ("reviews.tar.gz" if archive else "reviews")


@pytest.mark.parametrize("archive", [False, True])
def test_imdb_in_its_official_layout(
    archive: bool, tmp_path: Path, write_files: Callable[..., Path]
) -> None:
    prefix = "aclImdb/" if archive else ""
    files = {prefix + name: content for name, content in IMDB.items()}
    place = write_files(_folder_or_archive(tmp_path, archive), files)
    found = read_imdb_archive(place)
    assert {part: sorted(reviews) for part, reviews in found.items()} == {
        "train": [Review("Dull", 2.0, "movies"), Review("Très bon.  Go!", 9.0, "movies")],
        "test": [Review("Superb", 10.0, "movies")],
        "unsup": [Review("Seen it", None, "movies")],
    }
    # Nothing beside the archive: it was not unpacked.
    assert [path.name for path in tmp_path.iterdir()] == [place.name]


@pytest.mark.parametrize("archive", [False, True])
def test_blitzer_in_its_official_layout(
    archive: bool, tmp_path: Path, write_files: Callable[..., Path]
) -> None:
    prefix = "sorted_data_acl/" if archive else ""
    files = {
        f"{prefix}books/positive.review": BOOKS % b"5.0" + BOOKS % b"4.0",
        f"{prefix}books/negative.review": BOOKS % b"1.0",
        f"{prefix}dvd/unlabeled.review": BOOKS % b"2.0",
        f"{prefix}stopwords": b"the",
    }
    found = read_blitzer_archive(write_files(_folder_or_archive(tmp_path, archive), files))
    text = 'Café & "tea"\nover two lines'
    assert set(found) == {"books", "unlabeled"}
    assert sorted(found["books"]) == [Review(text, stars, "books") for stars in (1.0, 4.0, 5.0)]
    assert found["unlabeled"] == [Review(text, None, "dvd")]


@pytest.mark.parametrize(
    ("read", "files", "message"),
    [
        (read_imdb_archive, {"train/pos/0_9.txt": b"a"}, "no reviews of the part 'test'"),
        (read_imdb_archive, {"train/pos/0_9.txt": b"\xff"}, "train/pos/0_9.txt of .* not UTF-8"),
        (read_blitzer_archive, {"books/other.txt": b""}, "has no reviews"),
        (
            read_blitzer_archive,
            {"books/positive.review": (BOOKS % b"5")[:-10]},
            "1 reviews begin, 0 end",
        ),
        (read_blitzer_archive, {"books/positive.review": b"1 0:1"}, "of another format"),
        (read_blitzer_archive, {"books/positive.review": BOOKS % b"many"}, "review 1 cannot be"),
        (
            read_blitzer_archive,
            {"books/positive.review": b"<review></review>"},
            "no text or no rating",
        ),
    ],
)
@pytest.mark.parametrize("archive", [False, True])
def test_damaged_files_are_named(
    read: Any,
    files: dict[str, bytes],
    message: str,
    archive: bool,
    tmp_path: Path,
    write_files: Callable[..., Path],
    raises_one_line: Any,
) -> None:
    place = write_files(_folder_or_archive(tmp_path, archive), files)
    with raises_one_line(DataError, message):
        read(place)


@pytest.mark.parametrize("read", [read_imdb_archive, read_blitzer_archive])
def test_a_truncated_or_missing_archive_is_named(
    read: Any, tmp_path: Path, write_files: Callable[..., Path], raises_one_line: Any
) -> None:
    with raises_one_line(DataError, "does not exist"):
        read(tmp_path / "nowhere.tar.gz")
    random = bytes((number * 7919) % 251 for number in range(50_000))
    files = {"train/pos/0_9.txt": random, "books/positive.review": random}
    place = write_files(tmp_path / "a.tar.gz", files)
    place.write_bytes(place.read_bytes()[:300])
    with raises_one_line(DataError, "truncated or damaged"):
        read(place)


def test_processed_counts(tmp_path: Path, raises_one_line: Any) -> None:
    path = tmp_path / "positive.review"
    path.write_text("good:2 very_good:1 #label#:positive\na:b:1 #label#:negative\n")
    expected = [({"good": 2, "very_good": 1}, True), ({"a:b": 1}, False)]
    assert list(read_blitzer_counts(path)) == expected
    path.write_text("good:2 #label#:positive\ngood:x #label#:positive\n")
    with raises_one_line(DataError, "line 2 is not `word:count"):
        list(read_blitzer_counts(path))
    with raises_one_line(DataError, "cannot read"):
        list(read_blitzer_counts(tmp_path / "nowhere"))
