"""The rows of a CSV or TSV file, line by line: nothing is swallowed by a quote, or skipped."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from rectinet.data.opening import malformed, opened
from rectinet.errors import DataError
from rectinet.tables.notation import as_number

_LONGEST_FIELD = 2**31 - 1


@dataclass
class Layout:
    """What a file's lines are.

    Attributes:
        names: the header's fields.
        n_rows: examples that follow it.
        blank_at_start: blank lines before the header.
        spread: rows whose quoted fields span several lines, each of which, taken by itself, has
            as many fields as the header: the row's number, its first line's number, and the
            fields of all its lines.
    """

    names: list[str] = field(default_factory=list)
    n_rows: int = 0
    blank_at_start: int = 0
    spread: list[tuple[int, int, list[list[str]]]] = field(default_factory=list)

    @property
    def n_columns(self) -> int:
        """The number of fields in each row."""
        return len(self.names)


def layout_of(path: Path, separator: str, expected: str) -> Layout:
    """Return what the lines of a file are.

    Blank lines at the end are none. Where there is one column, others are rows with a missing
    value.

    Raises:
        DataError: naming the line, where a row is too long or too short, a quote is not closed, a
            blank line is among the rows, or a byte belongs to no text.
    """
    layout, blank = Layout(), 0
    with _text(path) as lines:
        for number, texts, fields in _records(path, lines, separator):
            if not "".join(texts).strip(" \r\n"):
                blank += 1
                continue
            if not layout.names:
                layout.names, layout.blank_at_start, blank = fields, blank, 0
                continue
            if blank and layout.n_columns > 1:
                raise DataError(
                    f"{path} has a blank line before line {number}; expected a row in each line: "
                    "take it out, or fill it"
                )
            if len(fields) != layout.n_columns:
                problem = f"line {number} has {len(fields)} fields, the header {layout.n_columns}"
                raise malformed(path, problem, f"{expected}, those within a field quoted")
            layout.n_rows += blank
            blank = 0
            if len(texts) > 1:
                split = [text.rstrip("\r\n").split(separator) for text in texts]
                if all(len(each) == layout.n_columns for each in split):
                    layout.spread.append((layout.n_rows, number, split))
            layout.n_rows += 1
    return layout


def check_swallowed(path: Path, frame: pd.DataFrame, layout: Layout) -> None:
    """Refuse quoted fields that are rows of their own, behind a stray quote.

    Text over several lines may look like rows by chance; what stands in the other columns tells.

    Args:
        path: the file.
        frame: what was read, columns by number.
        layout: the same file's lines.

    Raises:
        DataError: naming the line with the quote.
    """
    if layout.n_columns == 1 or not layout.spread:
        return
    others = frame.drop(index=[row for row, _, _ in layout.spread])
    for row, number, split in layout.spread:
        quoted = max(at for at, field in enumerate(split[0]) if field.startswith('"'))
        verdicts = [
            _fits(others[column], [fields[column] for fields in split])
            for column in range(layout.n_columns)
            if column != quoted
        ]
        if True in verdicts and False not in verdicts:
            raise DataError(
                f"{path} has a quote in line {number} that joins {len(split)} lines to row "
                f"{row + 1}, although each of them is a whole row; expected quotes around whole "
                'fields alone: take it out, or write a quote inside a quoted field twice ("")'
            )


@contextlib.contextmanager
def _text(path: Path) -> Iterator[Iterator[str]]:
    """Yield a file's lines, with their ends; fields may be of any length meanwhile."""
    longest = csv.field_size_limit(_LONGEST_FIELD)
    try:
        with opened(path) as stream:
            lines = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
            try:
                yield lines
            finally:
                lines.detach()  # the stream is closed by whoever opened it
    finally:
        csv.field_size_limit(longest)


def _records(
    path: Path, lines: Iterator[str], separator: str
) -> Iterator[tuple[int, list[str], list[str]]]:
    """Yield the number of the first line, the lines, and the fields of each record."""
    number, ends = 1, set()
    for line in lines:
        if "\0" in line:
            raise DataError(
                f"{path} is no plain text: line {number} has a NUL byte, as in UTF-16 or a damaged "
                "file; expected UTF-8: save it as UTF-8"
            )
        taken = [line]
        if '"' in line:
            reader = csv.reader(_taking(taken, lines), delimiter=separator, strict=True)
            try:
                fields = next(reader)
            except csv.Error as error:
                raise DataError(
                    f"{path} has a quote in line {number} that is not closed as it should be "
                    f"(line {number + len(taken) - 1}: {error}); expected quotes around whole "
                    'fields alone: take it out, or write a quote inside a quoted field twice ("")'
                ) from error
        else:
            fields = line.rstrip("\r\n").split(separator)
        ends |= {taken[-1][-1:]} & {"\r", "\n"}
        if len(ends) > 1:
            raise DataError(
                f"{path} has a carriage return within line {number}, or lines that end in "
                "different ways; expected one row in each line: take it out"
            )
        yield number, taken, fields
        number += len(taken)


def _taking(taken: list[str], lines: Iterator[str]) -> Iterator[str]:
    """Yield a record's lines, and keep them."""
    yield taken[0]
    for line in lines:
        taken.append(line)
        yield line


def _fits(column: pd.Series, texts: list[str]) -> bool | None:
    """Return whether texts could stand in a column: yes, no, or it cannot be told."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return set(texts) <= {"True", "TRUE", "true", "False", "FALSE", "false"}
    if pd.api.types.is_numeric_dtype(column.dtype):
        return all(not text.strip() or as_number(text) is not None for text in texts)
    values = column.dropna()
    different = set(values)
    if all(not text.strip() or text in different for text in texts):
        return True
    return None if len(different) > len(values) / 2 else False
