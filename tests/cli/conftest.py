"""The command line as a function, and small files for it."""

from __future__ import annotations

from collections.abc import Callable
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
def flowers(tmp_path: Path, random: np.random.Generator) -> Path:
    """Write 80 rows of two classes that `size` tells apart; the last 20 have no label."""
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
    path = tmp_path / "flowers.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def model(call: Call, flowers: Path, tmp_path: Path) -> Path:
    """Train a small classifier of flowers."""
    folder = tmp_path / "model"
    options = ("--hidden", "8", "--epochs", "30", "--out", folder)
    assert call("fit", flowers, "--target", "species", *options)[0] == 0
    return folder
