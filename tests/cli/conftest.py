"""The command line as a function, and small files for it."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rectinet.cli import main

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run the command line; return exit code, standard output, standard error."""
    monkeypatch.delenv("RECTINET_DATA", raising=False)

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(str(caught.value.code)), captured.out, captured.err

    return run


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Have processes started here end at SIGINT, which background jobs of a shell ignore.

    Not by `preexec_fn`, which forks this process with all the threads that other tests began.
    """
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    """Write 80 rows of two classes that `size` tells apart; the last 20 have no label."""
    return _write_flowers(tmp_path)


def _write_flowers(folder: Path) -> Path:
    random = np.random.default_rng(0)
    kind = np.arange(80) % 2
    frame = pd.DataFrame(
        {
            "size": 10.0 * kind + random.standard_normal(80),
            "height": 1000 + 100 * random.standard_normal(80),
            "soil": random.choice(["clay", "sand"], 80),
            "site": "A",
            "species": np.where(kind, "rose", "tulip"),
        }
    )
    frame.loc[3, "height"] = np.nan
    frame.loc[60:, "species"] = None
    path = folder / "flowers.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def _trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    options = ("--hidden", "8", "--epochs", "30", "--out", str(folder / "model"))
    with pytest.raises(SystemExit) as caught:
        main(["fit", str(_write_flowers(folder)), "--target", "species", *options])
    assert caught.value.code == 0
    return folder / "model"


@pytest.fixture
def model(_trained: Path, flowers: Path, tmp_path: Path) -> Path:
    """Return a small classifier of flowers, a copy for each test."""
    return Path(shutil.copytree(_trained, tmp_path / "model"))
