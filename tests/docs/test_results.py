"""The results in docs/results/: each can be read, and its page is what `rectinet report` draws."""

from __future__ import annotations

from pathlib import Path

import pytest

from rectinet.report.studies import content_of
from rectinet.studies import read_study

SAVED = sorted((Path(__file__).parents[2] / "docs" / "results").glob("*/results.json"))


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.parent.name)
def test_the_page_beside_saved_results_tells_what_they_hold(path: Path) -> None:
    content = content_of(read_study(path.parent))
    page = path.with_name("README.md").read_text()
    assert page.startswith(f"# {content.title}\n")
    for statement in content.statements:
        assert f"**{statement.topic}.**" in page
    for table in content.tables:
        for group in table.groups:
            for row in group.rows:
                assert row[0].text in page
