"""The page of data sets: its loop over a corpus larger than memory, stopped and gone on with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rectinet

PAGE = Path(__file__).parents[2] / "docs" / "data.md"

WORDS = {1: "cold rude stale", 3: "fair usual plain", 5: "lovely warm friendly"}
NEITHER = "the soup and waiter was with bread table evening we"


class Killed(BaseException):
    """Ends a program as a kill would: nothing catches it."""


@pytest.fixture
def reviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, random: np.random.Generator) -> Path:
    """Write 240 reviews, a third without stars; go there."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "reviews.json.gz"  # read by its content, gzipped or not
    with path.open("w") as file:
        for number in range(240):
            stars = (1, 3, 5)[number % 3]
            text = [*random.choice(WORDS[stars].split(), 2), *random.choice(NEITHER.split(), 5)]
            review = {"text": " ".join(text), "stars": stars if number % 9 < 6 else None}
            print(json.dumps(review), file=file)
    return path


def loop() -> str:
    section = PAGE.read_text().split("\n## Corpora larger than memory\n")[1].split("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    return code


def run(folder: Path, reviews: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the page's lines in a folder, with shards of 60 reviews."""
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    if not Path("reviews.json.gz").exists():
        Path("reviews.json.gz").symlink_to(reviews)
    names: dict[str, Any] = {}
    whole = 'reviews.json.gz"), bag)'
    assert whole in loop()
    small = loop().replace(whole, whole.replace("bag)", "bag, shard_size=60)"))
    exec(compile(small, str(PAGE), "exec"), names)
    return names


def test_the_loop_over_shards_learns_and_goes_on_where_it_was_killed(
    reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = run(tmp_path / "never", reviews, monkeypatch)
    assert len(names["corpus"]) == 4
    good, bad = names["model"].predict(
        names["bag"].transform(["lovely warm soup", "the soup was cold and stale"])
    )
    assert good > bad

    # Killed in the pass after each third save, before it is kept.
    saves = 0
    for kind in (rectinet.StackedDenoisingAutoencoder, rectinet.RectifierRegressor):
        save = kind.save

        def killed(self: Any, folder: str, save: Any = save) -> Any:
            nonlocal saves
            saves += 1
            if saves % 4 == 0:
                raise Killed
            return save(self, folder)

        monkeypatch.setattr(kind, "save", killed)
    restarts = 0
    for _ in range(30):  # more often than there are passes
        try:
            other = run(tmp_path / "killed", reviews, monkeypatch)
            break
        except Killed:
            restarts += 1
    else:
        pytest.fail("it never came to an end: it does not go on where it was killed")
    assert restarts > 1
    for name in ("review-stack", "review-model"):
        folders = [tmp_path / which / name / "model.json" for which in ("never", "killed")]
        tensors = [json.loads(path.read_text())["tensors"] for path in folders]
        assert tensors[0] == tensors[1]  # named after their content
    assert other["model"].n_iter_ == names["model"].n_iter_ == 5 * 4
