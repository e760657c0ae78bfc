"""Every block of code and every command of the pages runs, and prints what the page says.

A page's blocks run in their order and share one namespace and one temporary folder, in which lie
the files that the page names as the reader's own. `make docs-check` runs all pages; `make test`
those which take seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
import typer

from rectinet.cli import main
from rectinet.data import describe

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(DOCS.glob("*.md")),
    *sorted(DOCS.glob("stories/*.md")),
]

EXCEPTIONS = {
    "cli\nreport": "the rooms of the code; `make check` knows them, too",
    "pip install torch": "gigabytes, from the network",
    "ray start": "begins a cluster; tests/studies/test_backends.py does where Ray is installed",
}
"""What is not run, by its beginning, and why."""

SMALLER = {
    "rectinet bench training": "--hidden 20 --rounds 1 --threads 1",
    "rectinet bench inference": "--hidden 20 --rounds 1 --threads 1",
    "rectinet bench kernels": "--rounds 1 --threads 1",
}
"""What is added to commands that would take minutes."""

# ------------------------------------------------------------------------ what is on the pages


@dataclass(frozen=True)
class Block:
    """What stands between two fences: Python, what it prints ("text"), or commands ("")."""

    line: int
    kind: str
    text: str

    def commands(self) -> Iterator[list[str]]:
        """Yield each command as its words, without the remark behind it."""
        for line in self.text.replace("\\\n", " ").splitlines():
            if words := shlex.split(line, comments=True):
                yield words


def blocks(page: Path) -> list[Block]:
    text = page.read_text()
    found = list(re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    assert 2 * len(found) == text.count("```"), "a fence is open, indented or has a word too many"
    return [Block(text.count("\n", 0, each.start(2)) + 1, each[1], each[2]) for each in found]


def is_exception(text: str) -> bool:
    return text.startswith(tuple(EXCEPTIONS))


def mentions(page: Path) -> set[str]:
    """Return the commands named in the sentences of a page."""
    sentences = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    spans = (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", sentences))
    return {span for span in spans if re.match(r"(rectinet|make|pip install|python) [^=(]", span)}


# ---------------------------------------------------------------------------- the reader's files

GOOD, BAD = "delicious lovely friendly warm", "cold rude stale slow"
NEITHER = "the soup and waiter was with bread table evening we"


def write_reviews(path: Path) -> None:
    """Write 300 reviews, of which the first 200 have no stars.

    Of four words that judge, each good one is a star more: nothing is left for the others to say,
    so the network need not learn single reviews by heart.
    """
    random = np.random.default_rng(0)
    with path.open("w") as file:
        for number in range(300):
            stars = int(random.integers(1, 6))
            counts = {GOOD: stars - 1, BAD: 5 - stars, NEITHER: 5}
            chosen = [
                word
                for words, count in counts.items()
                for word in random.choice(words.split(), count, replace=False)
            ]
            review = {"text": " ".join(chosen), "stars": stars if number >= 200 else None}
            print(json.dumps(review), file=file)


def write_examples(path: Path, *, labeled: bool = True) -> None:
    """Write 90 rows of two classes, which `size` tells apart."""
    random = np.random.default_rng(0)
    label = np.arange(90) % 2
    size = 3 * label + random.standard_normal(90)
    frame = pd.DataFrame({"size": size, "soil": random.choice(["clay", "sand"], 90)})
    if labeled:
        frame["label"] = np.where(label, "rose", "tulip")
    frame.to_csv(path, index=False)


FILES: dict[str, Callable[[Path], None]] = {
    "examples.csv": write_examples,
    "more.csv": functools.partial(write_examples, labeled=False),
    "new.csv": functools.partial(write_examples, labeled=False),
    "reviews.jsonl": write_reviews,
    "reviews.json.gz": write_reviews,  # read by its content, gzipped or not
    "new.jsonl": write_reviews,
    "new-reviews.csv": lambda path: pd.DataFrame({"text": [GOOD, BAD]}).to_csv(path, index=False),
}

# ------------------------------------------------------------------------------------- commands


def on_command_line(words: Sequence[str], *, runs: bool) -> str:
    """Call `rectinet` in this process; return its complaint, empty where it has none.

    Args:
        words: of the command.
        runs: whether the command is executed, or only read.
    """
    complaint = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(complaint):
        if not runs:
            patch.setattr(typer.core.TyperCommand, "invoke", lambda *_: None)
        with contextlib.redirect_stdout(io.StringIO()), pytest.raises(SystemExit) as ended:
            main(words[1:])
    return complaint.getvalue() if ended.value.code else ""


def without_hours(words: Sequence[str]) -> str:
    """Do a command that trains for long, or downloads, up to there.

    A study is not run: its folder becomes the copy in docs/results, if there is one. The page over
    all of them is left to `rectinet report --all`.
    """

    def saved(studies: Sequence[tuple[Any, Path]], *_: object) -> None:
        for plan, folder in studies:
            copy = DOCS / "results" / f"{plan.name}-{plan.dataset}-{plan.protocol}"
            if copy.exists():
                shutil.copytree(copy, folder, dirs_exist_ok=True)

    def download(name: str, **_: object) -> None:
        assert describe(name).can_fetch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rectinet.cli.studies._run", saved)
        patch.setattr("rectinet.cli.studies.load_dataset", lambda name, **_: describe(name))
        patch.setattr("rectinet.cli.studies._is_here", lambda *_: True)
        patch.setattr("rectinet.cli.studies.write_overview", lambda folder: folder)
        patch.setattr("rectinet.cli.data.fetch_dataset", download)
        return on_command_line(words, runs=True)


def ends_before_its_work(words: Sequence[str]) -> bool:
    return words[1] == "reproduce" or words[1:3] == ["data", "fetch"]


def read_by_its_parser(words: Sequence[str]) -> str:
    """Let a Python script read its arguments, and stop it there; return its complaint."""
    parse = argparse.ArgumentParser.parse_args
    complaint = io.StringIO()

    def stop(parser: argparse.ArgumentParser, *arguments: Any) -> None:
        parse(parser, *arguments)
        sys.exit(0)

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(complaint):
        patch.setattr(argparse.ArgumentParser, "parse_args", stop)
        patch.setattr(sys, "argv", list(words[1:]))
        patch.setattr(sys, "path", [str((ROOT / words[1]).parent), *sys.path])
        patch.setenv("OMP_NUM_THREADS", "1")  # some set it themselves, for good
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(ROOT / words[1]), run_name="__main__")
    return complaint.getvalue() if ended.value.code else ""


def read(words: Sequence[str]) -> str:
    """Let a command's own parser read it; return its complaint, empty where it has none."""
    match words:
        case ["rectinet", *_] if ends_before_its_work(words):
            return without_hours(words)
        case ["rectinet", *_]:
            return on_command_line(words, runs=False)
        case ["python", *_]:
            return read_by_its_parser(words)
        case ["make", *_]:
            command = ["make", "--dry-run", *words[1:]]
            return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stderr
        case ["dask", ("scheduler" | "worker") as what, *options]:
            module = pytest.importorskip(f"distributed.cli.dask_{what}")
            module.main.make_context(what, options)
            return ""
        case ["pip", "install", package]:
            extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
            extra = re.fullmatch(r"\.|rectinet\[(\w+)\]", package)
            assert extra, f"unknown package {package}"
            return "" if extra[1] in (None, *extras["optional-dependencies"]) else f"no {extra[1]}"
    return f"nobody here can read {shlex.join(words)}"


def do(words: list[str], environment: dict[str, str]) -> None:
    """Run a command, or as much of it as takes no hours."""
    if words[0] != "rectinet" or ends_before_its_work(words):
        complaint = read(words)
        assert not complaint, (words, complaint)
        return
    more = next((SMALLER[key] for key in SMALLER if shlex.join(words).startswith(key)), "")
    command = [sys.executable, "-m", *words, *more.split()]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, (words, done.stderr)


# --------------------------------------------------------------------------------- running pages

# Another processor rounds otherwise, and training makes more of it: a number may differ from what
# the page says by a quarter, or by two if it counts, or by 0.02.
RELATIVE, COUNT, FRACTION = 0.25, 2, 0.02
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d*)?")


def assert_said(printed: str, expected: str) -> None:
    """Compare two texts number by number, and without their numbers word by word."""
    assert _words(printed) == _words(expected)
    for found, said in zip(_NUMBER.findall(printed), _NUMBER.findall(expected), strict=True):
        value, stated = (float(number.replace(",", "")) for number in (found, said))
        absolute = FRACTION if "." in said else COUNT
        assert value == pytest.approx(stated, rel=RELATIVE, abs=absolute), (printed, expected)


def _words(text: str) -> list[str]:
    """Return the text without its numbers, and without the spaces that align them."""
    return _NUMBER.sub("#", text).replace("[ ", "[").split()


def data_folder(code: str, real_files: Callable[[str], Path]) -> str:
    """Return the folder of the data sets that the code loads; skip the test if one is not there."""
    names = re.findall(r'load_dataset\("([\w-]+)"', code)
    if "zomato" in code:
        names.append("restaurant-reviews")
    return str([real_files(name) for name in ("digits", *names)][-1])


def run(page: Path) -> dict[str, str]:
    """Run a page in the current folder; return what each block of Python printed, by its text."""
    names: dict[str, object] = {}
    printed: dict[str, str] = {}
    last = None
    for block in blocks(page):
        if is_exception(block.text):
            continue
        if block.kind == "python":
            output = io.StringIO()
            lines = "\n" * (block.line - 1) + block.text  # a traceback has the page's lines
            with contextlib.redirect_stdout(output):
                exec(compile(lines, str(page), "exec"), names)
            last = printed[block.text] = output.getvalue()
        elif block.kind == "text":
            assert last is not None, f"line {block.line}: nothing printed this"
            assert_said(last, block.text)
            last = None
        else:
            assert block.kind == "", f"line {block.line}: what is {block.kind!r}?"
            for words in block.commands():
                if not is_exception(shlex.join(words)):
                    do(words, dict(os.environ))
    return printed


@pytest.fixture(scope="session")
def outcome(
    tmp_path_factory: pytest.TempPathFactory, real_files: Callable[[str], Path]
) -> Callable[[Path], dict[str, str]]:
    """Return what runs a page, once."""

    @functools.cache
    def run_once(page: Path) -> dict[str, str]:
        code = "".join(block.text for block in blocks(page) if block.kind == "python")
        folder = tmp_path_factory.mktemp(page.stem)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("RECTINET_DATA", data_folder(code, real_files))
            patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
            patch.chdir(folder)
            matplotlib.use("agg")
            shutil.copytree(DOCS / "results", "docs/results")
            for name, write in FILES.items():
                if re.search(rf"(?<![\w-]){re.escape(name)}", page.read_text()):
                    write(Path(name))
            printed = run(page)
            for picture in re.findall(r"images/(story-[\w-]+\.png)", page.read_text()):
                assert Path(picture).exists(), picture
        return printed

    return run_once


QUICK = {"CONTRIBUTING.md", "guide.md"}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[] if page.name in QUICK else pytest.mark.stories, id=page.stem)
        for page in PAGES
        if blocks(page)
    ],
)
def test_the_page_runs_and_says_what_it_prints(
    page: Path, outcome: Callable[[Path], dict[str, str]]
) -> None:
    outcome(page)


def test_the_guide_finds_the_words_that_a_review_goes_by(
    outcome: Callable[[Path], dict[str, str]],
) -> None:
    printed = outcome(DOCS / "guide.md")
    stars, words = (
        next(said for code, said in printed.items() if part in code)
        for part in ("stars = [", "local_linear_model(model")
    )
    assert float(stars.removesuffix(" stars\n")) < 2.5, "two bad words and no good one"
    # In the order of what they do to the prediction: of all words, the bad ones come first.
    first = [line.split()[0] for line in words.splitlines()]
    assert set(first[:2]) == {"cold", "rude"}
    assert sorted(first) == ["and", "cold", "rude", "soup", "the", "waiter", "was"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_in_sentences_are_understood(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in sorted(mentions(page)):
        complaint = read(shlex.split(command))
        # What every call needs may be left out.
        incomplete = re.search(r"Missing (argument|option)|arguments are required", complaint)
        assert incomplete or not complaint, (command, complaint)


def test_every_exception_is_on_a_page() -> None:
    every = [block for page in PAGES for block in blocks(page) if block.kind != "python"]
    starts = [text for block in every for text in (block.text, *block.text.splitlines())]
    for start in (*EXCEPTIONS, *SMALLER):
        assert any(text.startswith(start) for text in starts), start


def test_stories_compare_what_they_print() -> None:
    stories = [page for page in PAGES if page.parent.name == "stories"]
    assert [page.stem for page in stories] == ["few-labels", "inspecting", "star-ratings"]
    for page in stories:
        assert any(block.kind == "text" for block in blocks(page)), "nothing would be compared"
