"""Which columns of a table are used, and as what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from rectinet.errors import InputError, SettingError
from rectinet.tables import state
from rectinet.tables.columns import Columns
from rectinet.tables.kinds import Kind, Unusable, as_text, kind_of
from rectinet.tables.matrix_columns import MatrixColumns
from rectinet.tables.missing import missing_note
from rectinet.tables.parts import Categories, Numbers, Part, numbers_of
from rectinet.tables.spelling import Spelling, plain_spelling
from rectinet.tables.table import Table, listed
from rectinet.tables.words import TEXT_WEIGHTS, Words, texts_of

MOST_WORDS = 5000


@dataclass
class _Plan:
    numbers: list[str] = field(default_factory=list)
    booleans: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    constant: list[str] = field(default_factory=list)
    spellings: dict[str, Spelling] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def fit_columns(
    tables: Sequence[Table],
    *,
    text: Sequence[str] = (),
    most_words: int = MOST_WORDS,
    text_weights: str = "binary",
) -> Columns | MatrixColumns:
    """Learn how columns become a matrix.

    Numbers and truth values: a missing one becomes the column's median. Categories: one-hot,
    missing ones a category of their own. Text: a bag of its most frequent words. Columns that
    are always the same, or always missing, are left out. The matrix is dense where all columns
    are numbers; otherwise it is CSR, and numbers in it are brought to mean 0 and deviation 1.
    Numbers that are text are read where that is clear, and said among the `remarks`.
    Files that hold a matrix: see `MatrixColumns`.

    Args:
        tables: what to learn from, without target: the first decides what each column holds; the
            others (unlabelled examples) must have the same columns, and may have more.
        text: columns to take as text; by itself that is done with the only column of prose in
            JSON lines.
        most_words: how many words of a text have a column in the matrix.
        text_weights: ``"binary"``, or ``"tfidf"`` (scikit-learn's `TfidfVectorizer`).

    Raises:
        InputError: if columns cannot be used, are missing, or none is left.
        SettingError: if `most_words` or `text_weights` is out of range.
    """
    if text_weights not in TEXT_WEIGHTS:
        raise SettingError(
            f"text_weights is {text_weights!r}; use one of {', '.join(TEXT_WEIGHTS)}"
        )
    if isinstance(most_words, bool) or not isinstance(most_words, int) or most_words < 1:
        raise SettingError(f"most_words is {most_words!r}; give a whole number of 1 or more")
    if tables[0].frame is None:
        tables[0].require(text)
        return MatrixColumns.fit(tables)
    if not tables[0].names:
        raise InputError(
            f"{tables[0].source} has no column beside the target; expected some to predict it from"
        )
    plan = _plan(tables[0], text)
    for table in tables[1:]:
        if table.frame is None:
            raise InputError(
                f"{table.source} holds a matrix, {tables[0].source} named columns; give files of "
                "one kind"
            )
        table.require(plan.numbers + plan.categories + plan.text)
    categories = _fit_categories(tables, plan)
    words = [_fit_words(tables, name, text_weights, most_words) for name in plan.text]
    numbers = _fit_numbers(tables, plan, standardize=bool(categories or words))
    parts: list[Part] = [*numbers, *categories, *words]
    if not parts:
        raise InputError(
            f"{tables[0].source} has no column left to learn from; expected some that differ from "
            f"row to row (always the same: {listed(plan.constant) or 'none'}; always missing: "
            f"{listed(plan.missing) or 'none'})"
        )
    columns = Columns(
        parts,
        {"constant": plan.constant, "missing": plan.missing},
        notation=tables[0].notation,
    )
    columns.remarks = (*missing_note(tables, columns.names), *plan.remarks)
    return columns


def columns_from_values(values: Any, arrays: Mapping[str, np.ndarray]) -> Columns | MatrixColumns:
    """Build columns again from what their `to_values` returned.

    Raises:
        StorageError: if anything in it is missing, of the wrong type, or does not fit.
    """
    kinds: dict[str, type[Columns] | type[MatrixColumns]] = {
        "named": Columns,
        "matrix": MatrixColumns,
    }
    kind = state.field(values, "kind", str)
    if kind not in kinds:
        raise state.damaged(f"the kind {kind!r} is unknown")
    return kinds[kind].from_values(values, arrays)


def _plan(table: Table, text: Sequence[str]) -> _Plan:
    table.require(text)
    assert table.frame is not None
    plan = _Plan(text=list(dict.fromkeys(text)))
    unusable = {}
    plain = plain_spelling(table.notation)
    for name in table.names:
        if name in plan.text:
            continue
        column = table.frame[name]
        match kind_of(column, table.notation):
            case None:
                plan.missing.append(name)
            case Kind.NUMBER:
                plan.numbers.append(name)
                plan.spellings[name] = plain
            case Spelling() as spelling:
                plan.numbers.append(name)
                plan.spellings[name] = spelling
                plan.remarks += spelling_note(table, column, spelling)
            case Kind.BOOLEAN:
                plan.numbers.append(name)
                plan.booleans.append(name)
            case Kind.CATEGORY:
                plan.categories.append(name)
            case Unusable() as problem:
                unusable[name] = problem
    prose = [name for name, problem in unusable.items() if problem.is_prose]
    if table.format == "jsonl" and not text and len(prose) == 1:
        plan.text = prose
        del unusable[prose[0]]
    if unusable:
        raise _refusal(table.source, unusable)
    return plan


def spelling_note(table: Table, column: pd.Series, spelling: Spelling) -> list[str]:
    """Return a sentence about numbers that are text, if it is not the plain text of CSV."""
    texts = [value for value in column if isinstance(value, str)]
    if table.is_delimited and not spelling.has_unit:
        texts = [text for text in texts if not _is_plain(text)]
    if not texts:
        return []
    number = spelling.number(texts[0])
    return [f"column {column.name!r} is text, read as numbers: {texts[0]!r} as {number:g}"]


def _is_plain(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii()


def _refusal(source: str, unusable: dict[str, Unusable]) -> InputError:
    reasons = [f"{name!r} {problem.reason}" for name, problem in list(unusable.items())[:8]]
    if len(unusable) > len(reasons):
        reasons.append(f"and {len(unusable) - len(reasons)} more")
    drops = " ".join(f"--drop {_quoted(name)}" for name in unusable)
    cures = list(dict.fromkeys(problem.cure for problem in unusable.values() if problem.cure))
    cure = f"say {', '.join(cures)} if that is what it means, or " if cures else ""
    cure += f"leave out with {drops}"
    readable = [name for name, problem in unusable.items() if problem.is_text]
    if readable:
        cure += f", or take as text: --text {_quoted(readable[0])}"
    return InputError(
        f"{source} has columns that a network cannot use: {', '.join(reasons)}; expected numbers, "
        f"truth values or categories: {cure}"
    )


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f"'{name}'"


def _fit_numbers(tables: Sequence[Table], plan: _Plan, *, standardize: bool) -> list[Numbers]:
    if not plan.numbers:
        return []
    several = [
        numbers_of(t.frame, plan.numbers, t.source, plan.booleans, plan.spellings)
        for t in tables
        if t.frame is not None
    ]
    columns = several[0] if len(several) == 1 else np.vstack(several)
    varies = np.nanmin(columns, axis=0) < np.nanmax(columns, axis=0)
    names = [name for name, used in zip(plan.numbers, varies, strict=True) if used]
    plan.constant += [name for name in plan.numbers if name not in set(names)]
    if not names:
        return []
    booleans = [name for name in names if name in set(plan.booleans)]
    return [
        Numbers.fit(
            names, booleans, columns[:, varies], standardize=standardize, spellings=plan.spellings
        )
    ]


def _fit_categories(tables: Sequence[Table], plan: _Plan) -> list[Categories]:
    names, columns = [], []
    for name in plan.categories:
        values = np.concatenate([as_text(t.frame[name]) for t in tables if t.frame is not None])
        if len(set(values.tolist())) == 1:
            plan.constant.append(name)
        else:
            names.append(name)
            columns.append(values)
    return [Categories.fit(names, columns)] if names else []


def _fit_words(tables: Sequence[Table], name: str, weights: str, most: int) -> Words:
    texts = [text for t in tables if t.frame is not None for text in texts_of(t.frame[name])]
    return Words.fit(name, texts, weights=weights, most=most)
