"""The guide's way from a file of reviews to the words that a prediction goes by."""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "guide.md"

GOOD, BAD = "delicious lovely friendly warm", "cold rude stale slow"
NEITHER = "the soup and waiter was with bread table evening we"


def write_reviews(path: Path, random: np.random.Generator) -> None:
    """Write 300 reviews, of which the first 200 have no stars.

    Of four words that judge, each good one is a star more: nothing is left for the others to say,
    so the network need not learn single reviews by heart.
    """
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


def test_from_a_file_of_reviews_to_the_words_of_one_prediction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, random: np.random.Generator
) -> None:
    section = GUIDE.read_text().split("\n## Reviews\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    write_reviews(tmp_path / "reviews.jsonl", random)
    names: dict[str, object] = {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for block in blocks:
            exec(compile(block, str(GUIDE), "exec"), names)
    first, *words = printed.getvalue().splitlines()
    assert float(first.removesuffix(" stars")) < 2.5, "two bad words and no good one"
    # In the order of what they do to the prediction: of all words, the bad ones come first.
    assert {line.split()[0] for line in words[:2]} == {"cold", "rude"}
    assert {line.split()[0] for line in words} == {
        "the",
        "soup",
        "was",
        "cold",
        "and",
        "waiter",
        "rude",
    }
