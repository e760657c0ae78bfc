"""The measured shares up to which skipping is faster: in between, and on disk."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rectinet.errors import StorageError
from rectinet.kernels import Kernels, thresholds
from rectinet.kernels.thresholds import (
    BATCH_SIZES,
    DEFAULT,
    Thresholds,
    load_thresholds,
    save_thresholds,
)

SHARE = st.floats(0, 1)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the calibration is, in a cache folder that does not exist yet."""
    path = tmp_path / "cache" / "kernels.json"
    monkeypatch.setattr(thresholds, "thresholds_path", lambda: path)
    return path


@given(st.tuples(*[SHARE] * len(BATCH_SIZES)))
def test_measured_batch_sizes_have_the_measured_share(shares: tuple[float, ...]) -> None:
    found = Thresholds({"forward": shares})
    for size, share in zip(BATCH_SIZES, shares, strict=True):
        assert found.share("forward", size) == pytest.approx(share, abs=1e-15)
    # Beyond both ends, the ends'.
    assert found.share("forward", 0) == shares[0]
    assert found.share("forward", 100 * BATCH_SIZES[-1]) == shares[-1]


@given(st.tuples(*[SHARE] * len(BATCH_SIZES)))
def test_in_between_it_is_monotone(shares: tuple[float, ...]) -> None:
    found = Thresholds({"forward": shares})
    for low, high in itertools.pairwise(BATCH_SIZES):
        between = [found.share("forward", size) for size in range(low, high + 1)]
        rising = found.share("forward", high) >= found.share("forward", low)
        steps = np.diff(between) * (1 if rising else -1)
        assert (steps >= -1e-15).all()


def test_what_rectinet_comes_with_falls_with_the_batch() -> None:
    for shares in DEFAULT.shares.values():
        assert len(shares) == len(BATCH_SIZES)
        assert sorted(shares, reverse=True) == list(shares)
        assert all(0 <= share <= 1 for share in shares)


def test_without_a_calibration_there_is_the_one_that_rectinet_comes_with(path: Path) -> None:
    assert load_thresholds() == DEFAULT
    assert Kernels("auto").thresholds == DEFAULT
    assert not path.parent.exists()


def test_a_calibration_is_found_again(path: Path) -> None:
    rising = tuple(np.linspace(0, 1, len(BATCH_SIZES)).tolist())
    measured = Thresholds({"forward": rising, "backward": rising[::-1]})
    assert save_thresholds(measured) == path
    assert load_thresholds() == measured
    assert Kernels("auto").thresholds == measured


def content(**changes: Any) -> bytes:
    shares = {name: list(values) for name, values in DEFAULT.shares.items()}
    return json.dumps({"batch_sizes": BATCH_SIZES, "shares": shares, **changes}).encode()


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\x00\xff\xfe",
        content()[:-20],
        b"[]",
        b"null",
        content(batch_sizes=[1, 2]),
        content(shares=None),
        content(shares={"forward": [1.0] * len(BATCH_SIZES)}),
        content(shares={"forward": [1.0], "backward": [1.0]}),
        content(shares=dict.fromkeys(("forward", "backward"), [1.5] * len(BATCH_SIZES))),
        content(shares=dict.fromkeys(("forward", "backward"), ["a lot"] * len(BATCH_SIZES))),
        content(shares=dict.fromkeys(("forward", "backward"), [float("nan")] * len(BATCH_SIZES))),
    ],
    ids=str,
)
def test_a_damaged_calibration_is_named(
    damaged: bytes, path: Path, raises_one_line: Callable[..., Any]
) -> None:
    path.parent.mkdir()
    path.write_bytes(damaged)
    for load in (load_thresholds, lambda: Kernels("auto").thresholds):
        with raises_one_line(StorageError, f"{re.escape(str(path))} .*delete it"):
            load()


def test_a_folder_in_its_place(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StorageError, match=re.escape(str(path))):
        load_thresholds()


def test_a_cache_that_cannot_be_written(path: Path) -> None:
    path.parent.write_text("in the way")
    with pytest.raises(StorageError):
        save_thresholds(DEFAULT)
