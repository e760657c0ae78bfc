"""Reviews from JSON lines and CSV, as Yelp, OpenTable and Amazon dumps are downloaded."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rectinet.data.opening import malformed
from rectinet.data.records import delimited_records, json_records
from rectinet.data.text.review import Review, plain_text
from rectinet.errors import DataError, InputError

_TEXT_COLUMNS = ("text", "review_text", "reviewtext", "review_body", "review", "content", "body")
_STARS_COLUMNS = ("stars", "star_rating", "rating", "overall", "score")
_FIRST = 1000  # records among which every column must be
_JSON = (".jsonl", ".json", ".ndjson")
_SEPARATORS = {".csv": ",", ".tsv": "\t"}


def read_reviews(
    path: str | Path,
    *,
    text_column: str | None = None,
    stars_column: str | None = None,
    domain_column: str | None = None,
    labeled: bool = True,
) -> Iterator[Review]:
    """Read a file of reviews, one at a time: however long it is, few are in memory.

    Args:
        path: JSON lines (.jsonl, .json, .ndjson: an object on each line) or a table with a header
            (.csv, .tsv), gzipped or not.
        text_column: the name of the texts; None: the one column with a usual name ("text",
            "reviewText", "review_body", ...).
        stars_column: the name of the ratings; None: the one column with a usual name ("stars",
            "overall", "rating", ...).
        domain_column: the name of what is reviewed; None: it is not read.
        labeled: whether the ratings are read. If not, every review is unlabeled.

    Yields:
        The reviews in the order of the file. A missing text is empty, a missing rating None.

    Raises:
        DataError: if the file cannot be read, a text is no text or a rating no number, or a name
            of `text_column`, `stars_column` and `domain_column` is nowhere in the file's first
            1,000 records.
        InputError: if no column has a usual name, or several have.
    """
    path = Path(path)
    records = _records(path)
    wanted: list[tuple[str | None, Sequence[str]]] = [(text_column, _TEXT_COLUMNS)]
    wanted += [(stars_column, _STARS_COLUMNS)] if labeled else []
    wanted += [] if domain_column is None else [(domain_column, ())]
    # Objects leave out what they have not: an unlabeled review often has no stars, not empty ones.
    first: list[dict[str, Any]] = []
    names: dict[str, None] = {}
    for record in itertools.islice(records, _FIRST):
        first.append(record)
        names |= dict.fromkeys(record)
        if all(_candidates(names, *column) for column in wanted):
            break
    if not first:
        raise DataError(f"{path} has no reviews; expected one on each line: export it again")
    text = _column(path, names, text_column, _TEXT_COLUMNS, "text")
    stars = _column(path, names, stars_column, _STARS_COLUMNS, "stars") if labeled else None
    domain = None if domain_column is None else _column(path, names, domain_column, (), "domain")
    for number, record in enumerate(itertools.chain(first, records), start=1):
        yield _review(path, number, record, text, stars, domain)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    suffix = Path(path.name.removesuffix(".gz")).suffix.lower()
    if suffix in _JSON:
        return json_records(path)
    if suffix in _SEPARATORS:
        return _rows(path, _SEPARATORS[suffix])
    known = ", ".join((*_JSON, *_SEPARATORS))
    raise DataError(f"{path} has the ending {suffix!r}; expected one of {known} (also with .gz)")


def _rows(path: Path, separator: str) -> Iterator[dict[str, Any]]:
    rows = delimited_records(path, separator)
    header = next(rows, [])
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            problem = f"row {number} has {len(row)} fields, the header {len(header)}"
            raise malformed(path, problem, "a field for each column")
        yield {name: value or None for name, value in zip(header, row, strict=True)}


def _candidates(present: Iterable[str], asked: str | None, usual: Sequence[str]) -> list[str]:
    """Return the names that may be the column."""
    return [name for name in present if (name == asked if asked else name.lower() in usual)]


def _column(
    path: Path, present: Collection[str], asked: str | None, usual: Sequence[str], what: str
) -> str:
    names = ", ".join(map(repr, present))
    if asked is not None:
        if asked in present:
            return asked
        raise DataError(f"{path} has no {asked!r}; it has {names}: check {what}_column")
    found = _candidates(present, None, usual)
    if len(found) == 1:
        return found[0]
    problem = f"several that may hold the {what}" if found else f"none with a usual name for {what}"
    unlabeled = ", or labeled=False for reviews without ratings" if what == "stars" else ""
    raise InputError(f"{path} has the columns {names}, {problem}: pass {what}_column{unlabeled}")


def _review(
    path: Path,
    number: int,
    record: dict[str, Any],
    text: str,
    stars: str | None,
    domain: str | None,
) -> Review:
    words = record.get(text)
    if not isinstance(words, str | None):
        problem = f"review {number} has {words!r:.40} as {text!r}"
        raise malformed(path, problem, "text there")
    rating = None if stars is None else _number(path, number, record.get(stars))
    about = "" if domain is None else str(record.get(domain) or "")
    return Review(plain_text(words or ""), rating, about)


def _number(path: Path, number: int, value: Any) -> float | None:
    if value is None or value == "" or str(value).lower() == "nan":  # as pandas writes nothing
        return None
    try:
        stars = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        stars = math.nan
    if not math.isfinite(stars):
        problem = f"review {number} has the rating {value!r:.40}"
        raise malformed(path, problem, "a number there, or nothing (null, or an empty field)")
    return stars
