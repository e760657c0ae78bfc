"""What the pages name is there: links, pictures, public names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import rectinet

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    "page", [DOCS.parent / "README.md", *DOCS.rglob("*.md")], ids=lambda page: page.name
)
def test_links_and_pictures_are_there(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if not link.startswith(("http:", "https:", "#")):
            assert (page.parent / link.split("#")[0]).exists(), link


def test_every_public_class_of_the_guide_is_there() -> None:
    named = set(re.findall(r"\brectinet\.(\w+)\(", (DOCS / "guide.md").read_text()))
    assert named, "the guide names what it is about"
    assert all(hasattr(rectinet, name) for name in named)
