"""Small tables for the tests of files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from rectinet.tables import Table


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file of a name and content, and return its path."""

    def run(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return run


@pytest.fixture
def table() -> Callable[..., Table]:
    """Return a table of the columns given."""

    def make(**columns: object) -> Table:
        return Table("data.csv", "csv", frame=pd.DataFrame(columns))

    return make


@pytest.fixture
def people(table: Callable[..., Table]) -> Table:
    """Return eight rows with a column of every kind that is used, some values missing."""
    return table(
        age=[20, 30, 40, None, 60, 30, 20, 40],
        member=[True, False, True, True, False, False, True, True],
        city=["Oslo", "Rome", None, "Rome", "Oslo", "Rome", "Oslo", "Rome"],
        review=["good film", "bad", None, "a good one", "bad film", "bad", "good", "so so"],
        country=["NO"] * 8,
        empty=[None] * 8,
    )
