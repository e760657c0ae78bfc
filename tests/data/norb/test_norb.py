from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.data import NORB, SMALL_NORB, fetch_dataset, load_dataset, load_norb, locate
from rectinet.data.norb import find_norb, load
from rectinet.data.norb.shrink import shrink
from rectinet.errors import DataError


def small_pictures(pairs: np.ndarray) -> np.ndarray:
    """Return what a row of X times 255 should be: the left picture, then the right one."""
    return np.concatenate([shrink(pairs[:, eye]).reshape(len(pairs), -1) for eye in (0, 1)], axis=1)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("subfolder", ["", "norb"])
def test_jittered_norb_takes_the_last_examples_for_validation(
    subfolder: str, zipped: bool, tmp_path: Path, jittered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "_CHUNK", 5)  # the 12 pairs of a part come in three pieces
    version = jittered.version
    jittered.write(tmp_path / subfolder, zipped)
    dataset = load_norb(tmp_path, version)
    X = small_pictures(jittered.all_of(version.train, "dat"))
    y = jittered.all_of(version.train, "cat")
    test_X = small_pictures(jittered.all_of(version.test, "dat"))
    for split, pictures, labels in (
        (dataset.train, X[:95], y[:95]),  # 10 parts of 12, less 25
        (dataset.validation, X[95:], y[95:]),
        (dataset.test, test_X, jittered.all_of(version.test, "cat")),
    ):
        np.testing.assert_array_equal(np.rint(split.X * 255), pictures)
        np.testing.assert_array_equal(split.y, labels)
    assert dataset.image_shape == (2, 32, 32)
    assert dataset.n_classes == 6


def test_the_paper_s_split_is_what_the_official_files_give() -> None:
    assert (len(NORB.train), len(NORB.test)) == (10, 2)
    # 29,160 pairs in each official part; the paper has 233,172 / 58,428 / 58,320.
    assert 10 * 29_160 - NORB.n_validation == 233_172
    assert 2 * 29_160 == 58_320


def test_small_norb_takes_a_toy_of_each_class_for_validation(tmp_path: Path, small: Any) -> None:
    small.write(tmp_path)
    dataset = load_norb(tmp_path, SMALL_NORB)
    info, y = (small.all_of(SMALL_NORB.train, kind) for kind in ("info", "cat"))
    X = small_pictures(small.all_of(SMALL_NORB.train, "dat"))
    held_out = info[:, 0] == 9  # of the toys 4, 6, 7, 8, 9 of each class
    for split, rows in ((dataset.train, ~held_out), (dataset.validation, held_out)):
        np.testing.assert_array_equal(np.rint(split.X * 255), X[rows])
        np.testing.assert_array_equal(split.y, y[rows])
    assert dataset.n_classes == 5
    assert set(dataset.validation.y) == set(range(5))


@pytest.mark.parametrize("set_name", ["jittered", "small"])
def test_the_cache_changes_nothing_and_is_used(
    set_name: str,
    tmp_path: Path,
    cache: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = request.getfixturevalue(set_name)
    data.write(tmp_path)
    without = load_norb(tmp_path, data.version, cache=False)
    assert not cache.exists()
    first = load_norb(tmp_path, data.version)
    assert len(list(cache.rglob("*.npy"))) == len(data.version.train) + len(data.version.test)
    monkeypatch.setattr(load, "shrink", None)  # not to be called again
    assert load_norb(tmp_path, data.version).checksum == first.checksum == without.checksum


@pytest.mark.parametrize("what", ["source", "cache"])
def test_an_altered_file_is_read_anew(what: str, tmp_path: Path, cache: Path, small: Any) -> None:
    small.write(tmp_path)
    before = load_norb(tmp_path, SMALL_NORB)
    if what == "cache":
        for path in cache.rglob("*.npy"):
            path.write_bytes(path.read_bytes()[:-1])
    else:
        name = f"{SMALL_NORB.test[0]}-dat"
        small.arrays[name] = 255 - small.arrays[name]
        small.write(tmp_path)
    assert (load_norb(tmp_path, SMALL_NORB).checksum == before.checksum) == (what == "cache")


def test_a_cache_that_cannot_be_written_is_no_error(
    tmp_path: Path, cache: Path, small: Any
) -> None:
    small.write(tmp_path)
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_bytes(b"a file where the folder should be")
    assert load_norb(tmp_path, SMALL_NORB).n_features == 2048


TRAIN, TEST = SMALL_NORB.train[0], SMALL_NORB.test[0]


@pytest.mark.parametrize(
    ("stem", "array", "message"),
    [
        (f"{TRAIN}-cat", np.zeros(49, np.int32), "has 50 pairs of pictures and its -cat file 49"),
        (f"{TRAIN}-cat", np.full(50, 5, np.int32), r"label 5 at position 0 .*expected 0\.\.4"),
        (f"{TRAIN}-cat", np.zeros((50, 1), np.int32), r"y has shape \(50, 1\)"),
        (f"{TRAIN}-cat", np.zeros(50, np.uint8), "0x1E3D4C55; expected 0x1E3D4C54"),
        (f"{TEST}-dat", np.zeros((50, 2, 96), np.uint8), r"shape \(50, 2, 96\); expected \(n, 2"),
        (f"{TEST}-dat", np.zeros((50, 1, 96, 96), np.uint8), r"\(50, 1, 96, 96\)"),
        (f"{TEST}-dat", np.zeros((50, 2, 31, 96), np.uint8), "with 32 pixels or more"),
        (f"{TEST}-dat", np.zeros((50, 2, 96, 96), np.int32), "0x1E3D4C54; expected 0x1E3D4C55"),
        (f"{TRAIN}-info", np.zeros((49, 4), np.int32), r"shape \(49, 4\); expected \(50, 4\)"),
        (f"{TRAIN}-info", np.zeros((50, 4), np.int32), "one toy of each class"),
    ],
)
def test_files_that_do_not_fit_are_refused(
    stem: str, array: np.ndarray, message: str, tmp_path: Path, small: Any, raises_one_line: Any
) -> None:
    small.arrays[stem] = array
    small.write(tmp_path)
    with raises_one_line(DataError, message):
        load_norb(tmp_path, SMALL_NORB)


def test_a_truncated_file_is_named(tmp_path: Path, small: Any, raises_one_line: Any) -> None:
    small.write(tmp_path)
    path = tmp_path / f"{TEST}-dat.mat"
    path.write_bytes(path.read_bytes()[:-1])
    with raises_one_line(DataError, "testing-dat.mat is truncated"):
        load_norb(tmp_path, SMALL_NORB)


def test_too_few_examples_for_the_split_are_refused(
    tmp_path: Path, jittered: Any, raises_one_line: Any
) -> None:
    jittered.write(tmp_path)
    with raises_one_line(DataError, "has 120 training examples; expected more than the 58428"):
        load_norb(tmp_path, NORB)


@pytest.mark.parametrize("set_name", ["jittered", "small"])
def test_missing_files_are_counted_and_named(
    set_name: str, tmp_path: Path, request: pytest.FixtureRequest, raises_one_line: Any
) -> None:
    data = request.getfixturevalue(set_name)
    data.write(tmp_path)
    missing = f"{data.version.test[-1]}-cat.mat"
    (tmp_path / missing).unlink()
    assert find_norb(tmp_path, data.version) is None
    wanted = f"the first is {missing}; expected [0-9]+ files.*-cat.mat"
    where = "rectinet data fetch|from https://cs.nyu.edu"
    with raises_one_line(DataError, f"1 are missing, {wanted}.*({where})"):
        load_norb(tmp_path, data.version)


def test_jittered_norb_needs_no_info_files(tmp_path: Path, jittered: Any) -> None:
    jittered.arrays = {k: v for k, v in jittered.arrays.items() if not k.endswith("-info")}
    jittered.write(tmp_path)
    assert load_norb(tmp_path, jittered.version).n_features == 2048


def test_raw_pictures_never_are_in_memory_together(
    tmp_path: Path, matrix_bytes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "_CHUNK", 10)
    raw = np.zeros((600, 2, 108, 108), dtype=np.uint8)
    path = tmp_path / "many-dat.mat"
    path.write_bytes(matrix_bytes(raw))
    tracemalloc.start()
    try:
        small = load._small_pictures(path, len(raw), cache=False)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The small pictures, and ten pairs in float32 with what is computed from them.
    assert small.nbytes < peak < small.nbytes + 3 * 4 * raw[:10].nbytes < raw.nbytes / 2


def test_the_files_that_were_fetched_can_be_loaded(
    tmp_path: Path, small: Any, served: Any, published: Any
) -> None:
    small.write(served[0], zipped=True)
    published("small-norb")
    folder = fetch_dataset("small-norb", data_dir=tmp_path / "new")
    assert folder == tmp_path / "new" / "small-norb" == locate("small-norb", folder)
    # 50 pairs of five toys of five classes: two of each; one toy in five is for validation.
    assert load_dataset("small-norb", data_dir=tmp_path / "new").train.X.shape == (40, 2048)
