"""The page of public names is current, and every name says what it is."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "docs" / "build_api.py"


@pytest.fixture(scope="module")
def build_api() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_api", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current(build_api: ModuleType) -> None:
    assert build_api.PAGE.read_text() == build_api.render(), "run python docs/build_api.py"


def test_every_public_name_says_what_it_is(build_api: ModuleType) -> None:
    rows = [line for line in build_api.render().splitlines() if line.startswith("| `")]
    assert rows
    assert not [row for row in rows if row.endswith("|  |")]
