"""The stories run from top to bottom, and print what their pages say (`make docs-check`)."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import pytest

import rectinet

DOCS = Path(__file__).parents[2] / "docs"
STORIES = sorted((DOCS / "stories").glob("*.md"))
BESIDE_THE_REPOSITORY = Path(__file__).parents[2].parent / "shared" / "data"

# Another processor rounds otherwise, and training makes more of it: a number may differ from what
# the page says by a quarter, or by two if it counts, or by 0.02.
RELATIVE, COUNT, FRACTION = 0.25, 2, 0.02

_BLOCK = re.compile(r"```python\n(?P<code>.*?)```(?:\s*```text\n(?P<said>.*?)```)?", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d*)?")


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Yield each block of code, and what the page says that it prints."""
    for found in _BLOCK.finditer(page.read_text()):
        yield found["code"], found["said"] or ""


def assert_close(printed: str, expected: str) -> None:
    """Compare two texts number by number."""
    for found, said in zip(_NUMBER.findall(printed), _NUMBER.findall(expected), strict=True):
        value, stated = (float(number.replace(",", "")) for number in (found, said))
        absolute = FRACTION if "." in said else COUNT
        assert value == pytest.approx(stated, rel=RELATIVE, abs=absolute), (printed, expected)


def words(text: str) -> list[str]:
    """Return the text without its numbers, and without the spaces that align them."""
    return _NUMBER.sub("#", text).replace("[ ", "[").split()


def run(page: Path) -> Iterator[tuple[str, str]]:
    """Run a page; yield what each block should print, and what it printed."""
    names: dict[str, object] = {}
    for code, expected in blocks(page):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(page), "exec"), names)
        yield expected, printed.getvalue()


@pytest.mark.stories
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("page", STORIES, ids=lambda page: page.stem)
def test_the_page_says_what_its_code_prints(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = os.environ.get("RECTINET_DATA", str(BESIDE_THE_REPOSITORY))
    if "RECTINET_DATA" in page.read_text() and not Path(folder).is_dir():
        pytest.skip("the story needs data sets: set RECTINET_DATA")
    monkeypatch.setenv("RECTINET_DATA", folder)
    monkeypatch.chdir(tmp_path)
    matplotlib.use("agg")
    for expected, printed in run(page):
        assert words(printed) == words(expected)
        assert_close(printed, expected)
    pictures = re.findall(r"images/(story-[\w-]+\.png)", page.read_text())
    assert all((tmp_path / picture).exists() for picture in pictures)


def test_there_are_stories_of_few_labels_of_ratings_and_of_inspection() -> None:
    assert [page.stem for page in STORIES] == ["few-labels", "inspecting", "star-ratings"]
    for page in STORIES:
        assert any(said for _, said in blocks(page)), "nothing would be compared"


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
