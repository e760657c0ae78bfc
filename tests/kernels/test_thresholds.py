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
    AVX2,
    AVX512,
    BATCH_SIZES,
    WIDTHS,
    Thresholds,
    defaults,
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


@given(st.tuples(*[st.tuples(*[SHARE] * len(BATCH_SIZES))] * len(WIDTHS)))
def test_measured_cells_have_the_measured_share(rows: tuple[tuple[float, ...], ...]) -> None:
    found = Thresholds({"forward": rows})
    for units, shares in zip(WIDTHS, rows, strict=True):
        for size, share in zip(BATCH_SIZES, shares, strict=True):
            assert found.share("forward", size, units) == pytest.approx(share, abs=1e-15)
    # Beyond the ends, the ends'.
    assert found.share("forward", 0, 1) == rows[0][0]
    assert found.share("forward", 100 * BATCH_SIZES[-1], 100 * WIDTHS[-1]) == rows[-1][-1]


@given(st.tuples(*[SHARE] * len(BATCH_SIZES)))
def test_in_between_it_is_monotone(shares: tuple[float, ...]) -> None:
    found = Thresholds({"forward": (shares,) * len(WIDTHS)})
    for low, high in itertools.pairwise(BATCH_SIZES):
        between = [found.share("forward", size, 100) for size in range(low, high + 1)]
        rising = found.share("forward", high, 100) >= found.share("forward", low, 100)
        steps = np.diff(between) * (1 if rising else -1)
        assert (steps >= -1e-12).all()


@pytest.mark.parametrize("shipped", [AVX512, AVX2])
def test_what_rectinet_comes_with_falls_with_the_batch_on_wide_layers(shipped: Thresholds) -> None:
    for rows in shipped.shares.values():
        assert [len(row) for row in rows] == [len(BATCH_SIZES)] * len(WIDTHS)
        assert sorted(rows[-1], reverse=True) == list(rows[-1])
        assert all(0 <= share <= 1 for row in rows for share in row)


def test_without_a_calibration_there_is_the_one_that_rectinet_comes_with(path: Path) -> None:
    assert load_thresholds() == defaults()
    assert Kernels("auto").thresholds == defaults()
    assert not path.parent.exists()


def test_a_calibration_is_found_again(path: Path) -> None:
    rising = tuple(np.linspace(0, 1, len(BATCH_SIZES)).tolist())
    rows, falling = (rising,) * len(WIDTHS), (rising[::-1],) * len(WIDTHS)
    measured = Thresholds({"forward": rows, "backward": falling})
    assert save_thresholds(measured) == path
    assert load_thresholds() == measured
    assert Kernels("auto").thresholds == measured


def content(**changes: Any) -> bytes:
    cells = {"batch_sizes": BATCH_SIZES, "widths": WIDTHS}
    return json.dumps({**cells, "shares": AVX2.shares, **changes}).encode()


def rows(value: Any) -> list[list[Any]]:
    return [[value] * len(BATCH_SIZES)] * len(WIDTHS)


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
        content(widths=[1, 2]),
        content(shares={"forward": rows(1.0)}),
        content(shares={"forward": [[1.0]], "backward": [[1.0]]}),
        content(shares=dict.fromkeys(("forward", "backward"), rows(1.5))),
        content(shares=dict.fromkeys(("forward", "backward"), rows("a lot"))),
        content(shares=dict.fromkeys(("forward", "backward"), rows(float("nan")))),
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
        save_thresholds(AVX512)
