from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rectinet.data import Review, read_reviews
from rectinet.errors import DataError, InputError

RECORDS: list[dict[str, Any]] = [
    {"id": 7, "text": "Good, <br />very good", "stars": 5, "kind": "books"},
    {"id": 8, "text": "Fish &amp; chips\ncold", "stars": 1.5, "kind": "food"},
    {"id": 9, "text": "", "stars": None, "kind": ""},
]
REVIEWS = [
    Review("Good,  very good", 5.0, "books"),
    Review("Fish & chips\ncold", 1.5, "food"),
    Review("", None, ""),
]
CSV = (
    "id,text,stars,kind\n"
    '7,"Good, <br />very good",5,books\n'
    '8,"Fish &amp; chips\ncold",1.5,food\n'
    "9,,,\n"
)


@pytest.mark.parametrize("name", ["r.jsonl", "r.json.gz", "r.csv", "r.tsv.gz"])
def test_every_format_gives_the_same_reviews(
    name: str, tmp_path: Path, write_jsonl: Callable[..., Path]
) -> None:
    path = tmp_path / name
    if ".json" in name:
        write_jsonl(path, RECORDS)
    else:
        # The comma within a text does not need its quotes between tabs, and does no harm in them.
        table = CSV if ".csv" in name else CSV.replace(",", "\t").replace("Good\t", "Good,")
        content = table.encode()
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    assert list(read_reviews(path, domain_column="kind")) == REVIEWS
    unlabeled = [review._replace(stars=None) for review in REVIEWS]
    assert list(read_reviews(path, domain_column="kind", labeled=False)) == unlabeled


def test_reviews_without_stars_may_come_first(
    tmp_path: Path, write_jsonl: Callable[..., Path], raises_one_line: Any
) -> None:
    unlabeled = [{"text": "fine"}] * 3
    path = write_jsonl(
        tmp_path / "r.jsonl", [*unlabeled, {"text": "bad", "stars": 1}, {"text": ""}]
    )
    stars = [review.stars for review in read_reviews(path)]
    assert stars == [None, None, None, 1.0, None]
    path = write_jsonl(tmp_path / "r.jsonl", unlabeled)
    with raises_one_line(InputError, "none with a usual name for stars.*labeled=False"):
        list(read_reviews(path))


@pytest.mark.parametrize("missing", [None, float("nan"), "", "NaN"])
def test_what_pandas_writes_for_nothing_is_no_rating(
    missing: Any, tmp_path: Path, write_jsonl: Callable[..., Path]
) -> None:
    path = write_jsonl(tmp_path / "r.jsonl", [{"text": "fine", "stars": missing}])
    assert list(read_reviews(path)) == [Review("fine", None)]


@pytest.mark.parametrize(
    ("text", "stars"),
    [("text", "stars"), ("reviewText", "overall"), ("review_body", "star_rating")],
)
def test_the_usual_names_are_found_and_others_can_be_given(
    text: str, stars: str, tmp_path: Path, write_jsonl: Callable[..., Path]
) -> None:
    path = write_jsonl(tmp_path / "r.jsonl", [{"id": 1, text: "fine", stars: 4}])
    assert list(read_reviews(path)) == [Review("fine", 4.0)]
    path = write_jsonl(tmp_path / "r.jsonl", [{"words": "fine", "points": "4", "text": "not this"}])
    found = list(read_reviews(path, text_column="words", stars_column="points"))
    assert found == [Review("fine", 4.0)]


@pytest.mark.parametrize(
    ("records", "settings", "kind", "message"),
    [
        ([{"t": "a", "stars": 1}], {}, InputError, "usual name for text: pass text_column$"),
        ([{"text": "a", "review": "b"}], {}, InputError, "several that may hold the text"),
        ([{"text": "a"}], {}, InputError, "pass stars_column, or labeled=False"),
        ([{"text": "a"}], {"stars_column": "rate"}, DataError, "no 'rate'; it has 'text'"),
        ([{"text": 3, "stars": 1}], {}, DataError, "review 1 has 3 as 'text'"),
        (
            [{"text": "a", "stars": 1}, {"text": "a", "stars": "many"}],
            {},
            DataError,
            "review 2 has the rating 'many'",
        ),
        ([{"text": "a", "stars": True}], {}, DataError, "the rating True"),
        ([{"text": "a", "stars": float("inf")}], {}, DataError, "the rating inf"),
        ([], {}, DataError, "is empty"),
    ],
)
def test_what_cannot_be_read_is_named(
    records: list[Any],
    settings: dict[str, Any],
    kind: Any,
    message: str,
    tmp_path: Path,
    write_jsonl: Callable[..., Path],
    raises_one_line: Any,
) -> None:
    path = write_jsonl(tmp_path / "r.jsonl", records)
    with raises_one_line(kind, message):
        list(read_reviews(path, **settings))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.xlsx", b"PK", "the ending '.xlsx'; expected one of .jsonl"),
        ("r.jsonl", b'{"text": "a", "stars": 1}\n{"text', "line 2 is not JSON"),
        ("r.csv", b"text,stars\ngood,5\nbad\n", "row 2 has 1 fields, the header 2"),
        ("r.csv.gz", gzip.compress(b"text,stars\n" + b"good,5\n" * 99, mtime=0)[:-20], "truncated"),
        ("r.csv", "text,stars\nschön,5\n".encode("latin-1"), "not UTF-8"),
    ],
)
def test_a_damaged_file_is_named(
    name: str, content: bytes, message: str, tmp_path: Path, raises_one_line: Any
) -> None:
    (tmp_path / name).write_bytes(content)
    with raises_one_line(DataError, message):
        list(read_reviews(tmp_path / name))


def test_reviews_are_read_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"text": "a", "stars": 1}\nno JSON\n')
    assert next(read_reviews(path)) == Review("a", 1.0)
