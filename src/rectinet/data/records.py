"""Records of a text file, one after the other: JSON objects, or the fields of CSV lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rectinet.data.opening import malformed, opened

_LONGEST_FIELD = 2**31 - 1
_EXPECTED = 'a JSON object on each line, such as {"text": "...", "label": "..."}'


def json_records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON object of each line that is not blank; see `numbered_json_records`."""
    return (record for _, record in numbered_json_records(path))


def numbered_json_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number of each line that is not blank, from 1, and its JSON object.

    Raises:
        DataError: if the file cannot be read (see `opened`), or a line is no JSON object.
    """
    with opened(path) as stream:
        for number, line in enumerate(stream, start=1):
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            if text.strip():
                yield number, _parse(text, number, path)


def delimited_records(path: Path, separator: str) -> Iterator[list[str]]:
    """Yield the fields of each line that is not blank, the header first.

    Raises:
        DataError: if the file cannot be read (see `opened`), or its fields cannot be told apart.
    """
    longest = csv.field_size_limit(_LONGEST_FIELD)
    try:
        with opened(path) as stream:
            lines = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
            try:
                yield from filter(None, csv.reader(lines, delimiter=separator, strict=True))
            except csv.Error as error:
                raise malformed(path, error, "plain fields between separators") from error
            finally:
                lines.detach()  # the stream is closed by whoever opened it
    finally:
        csv.field_size_limit(longest)


def _different(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of a name that is there twice, one value would be lost."""
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"it has the name {twice!r} twice")
    return record


def _parse(line: str, number: int, path: Path) -> dict[str, Any]:
    try:
        record = json.loads(line, object_pairs_hook=_different)
    except (ValueError, RecursionError) as error:
        raise malformed(path, f"line {number} is not JSON ({error})", _EXPECTED) from error
    if not isinstance(record, dict):
        found = type(record).__name__
        raise malformed(path, f"line {number} is a {found}, no object", _EXPECTED)
    return record
