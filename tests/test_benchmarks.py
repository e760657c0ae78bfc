"""Every script of `benchmarks/` runs, at toy size, and prints figures that can be true."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "benchmarks").glob("*.py"))


@dataclass(frozen=True)
class Toy:
    """How a script is made to end within seconds, and what it prints.

    Attributes:
        arguments: of its command line. `{mnist}` and `{imdb}` are folders with these data,
            `{tmp}` an empty one.
        figures: patterns with one number in each, and its bounds. None is a time. A pattern may
            be found without its number, where a peer is not installed.
    """

    arguments: str
    figures: dict[str, tuple[float, float]]


ANY = (0, float("inf"))

TOYS = {
    "accuracy.py": Toy(
        "--sets iris,wine --seeds 5",
        # Iris and wine, three models: far better than guessing among three classes.
        {r"(\d+\.\d\d)% ±": (70, 100), r"│ mean.*?(\d+\.\d\d)%": (70, 100)},
    ),
    "distortion_stream.py": Toy(
        "--dataset digits --rounds 1 --images 128 --steps 5 --warm-up 5",
        {r"(\d+)% zeros in the hidden layers": (10, 90), r"elastic.* (\d+\.\d\d) │": ANY},
    ),
    "few_labels.py": Toy(
        "--data-dir {mnist} --out {tmp} --images 400 --units 30 --epochs 1 --labels 100 --draws 0",
        # All know something of ten digits after a hundred labels.
        {r"│ \w+ +│ +100 │ +1 │ (\d+\.\d\d) ±": (10, 80)},
    ),
    "mnist_run.py": Toy(
        "--data-dir {mnist} --epochs 2 --threads 1 --examples 500 --hidden 40 40",
        {
            r"│ +\d │ +(\d+)% │": (10, 95),
            r"\d, (\d+\.\d\d)% ": (5, 70),
            r"PyTorch(?: is not installed|, float64: (\S+))": (0, 1e-9),
        },
    ),
    "side_by_side.py": Toy(
        "--hidden 50 --steps 10 --rounds 1",
        {r", (\d+\.\d)% zeros": (75, 85), r"throughput side by side: (\d+\.\d\d) times": ANY},
    ),
    "table_hours.py": Toy(
        "docs/results/image-table-mnist-paper --data-dir {mnist} --rounds 1 --examples 50",
        {
            r"fine-tuning, rectifier +│ +(\d+) │": (1, 1000),
            r"The study itself took (\d+\.\d) hours": (1, 100),
        },
    ),
    "tables.py": Toy(
        "--sets iris,tails --labels 30 --draws 0 --rows 300 --unlabeled",
        # Thirty labels of three classes, and of two.
        {
            r"iris \| 30(?: \|[^|]*){5} \| (\d+\.\d) \(": (60, 100),
            r"iris \| 30 \|[^|]*\| (\d+\.\d) \(": (60, 100),
            r"tails \| 30 \|[^|]*\| (\d+\.\d) \(": (40, 100),
        },
    ),
    "text_corpus.py": Toy(
        "train --data-dir {imdb} --folder {tmp} --documents 300 --n-words 40 --units 8 5",
        # Two layers. The sum over 40 words of the cost of a guess by their frequencies is near 15.
        {r"shard 1 of 1, cost (\d+\.\d),": (1, 40), r"shard 1 of 1, cost .*, (\d+\.\d) ": ANY},
    ),
    "text_epoch.py": Toy(
        "--data-dir {imdb} --words 40 --units 8 --examples 100",
        {r"│ +(\d+)% │": (1, 99), r"(\d+\.\d) hours in all": ANY},
    ),
    "text_sampling.py": Toy(
        "--data-dir {imdb} --labeled 500 --units 8 --epochs 1 --seeds 0",
        {r"sampled, equal epochs.*? ([-+]\d+\.\d)%": (-50, 50), r" (\d\.\d{3}) │": (0.5, 5)},
    ),
    "text_step.py": Toy(
        "--words 300 --units 20 --distinct 10 --threads 1 --rounds 2 --block 0.01 --ratio 0.1",
        # How far their numbers are from ours.
        {r"sampled outputs.* (\d+e[-+]\d+) │": (0, 1e-3)},
    ),
}

OF_OTHERS = {"mnist_contenders.py": "mnist_run.py", "text_contenders.py": "text_step.py"}
"""Files that are imported by a script, and by which."""


def test_every_file_is_run_here() -> None:
    assert {path.name for path in SCRIPTS} == {*TOYS, *OF_OTHERS}
    for name, script in OF_OTHERS.items():
        assert f"from {Path(name).stem} import" in (ROOT / "benchmarks" / script).read_text()


@pytest.fixture(scope="session")
def imdb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write as many reviews as the data set must have, of four words each, no two the same."""
    folder = tmp_path_factory.mktemp("imdb")
    words = [f"{a}{b}" for a in ("ba", "ke", "li", "mo") for b in "bcdfghklmn"]
    texts = (" ".join(chosen) for chosen in itertools.combinations(words, 4))
    stars = itertools.cycle((1, 2, 3, 4, 7, 8, 9, 10))

    def reviews(count: int) -> Iterator[str]:
        for text in itertools.islice(texts, count):
            yield json.dumps({"text": text, "stars": next(stars)}) + "\n"

    for part, count in {"train": 15_500, "test": 10_100, "unsup_even": 50, "unsup_odd": 50}.items():
        with gzip.open(folder / f"{part}.jsonl.gz", "wt", compresslevel=1) as file:
            file.writelines(reviews(count))
    return folder


@pytest.fixture
def mnist(real_files: Callable[[str], Path]) -> Path:
    return real_files("mnist")


@pytest.mark.parametrize("name", TOYS)
def test_it_prints_figures_that_can_be_true(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    toy = TOYS[name]
    folders = {"tmp": tmp_path}
    for data in ("imdb", "mnist"):
        if f"{{{data}}}" in toy.arguments:
            folders[data] = request.getfixturevalue(data)
    command = [sys.executable, f"benchmarks/{name}", *toy.arguments.format(**folders).split()]
    environment = {
        "COLUMNS": "120",
        "OMP_NUM_THREADS": "1",
        "XDG_CACHE_HOME": str(folders.get("imdb", tmp_path) / "cache"),
    }
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for pattern, (low, high) in toy.figures.items():
        found = re.findall(pattern, done.stdout)
        assert found, f"nothing like {pattern} in\n{done.stdout}"
        assert all(low <= float(number) <= high for number in found if number), (pattern, found)
