from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.data import load_characters, load_dataset
from rectinet.data.characters import CHARACTERS_FILE
from rectinet.errors import DataError

CLASSES = np.array(["a", "b", "c"])


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    """Return 60 images of 4x4 pixels, 20 of each class."""
    images = np.random.default_rng(0).integers(0, 2, (60, 4, 4)).astype(np.uint8) * 255
    return {"images": images, "labels": np.arange(60).astype(np.uint8) % 3, "classes": CLASSES}


@pytest.mark.parametrize("subfolder", ["", "characters"])
def test_splits_are_stratified_and_every_image_is_in_one(
    subfolder: str, tmp_path: Path, arrays: dict[str, np.ndarray]
) -> None:
    (tmp_path / subfolder).mkdir(exist_ok=True)
    np.savez(tmp_path / subfolder / CHARACTERS_FILE, **arrays)
    dataset = load_characters(tmp_path, seed=1)
    splits = (dataset.train, dataset.validation, dataset.test)
    # 60/20/20 percent of 20 examples in each class.
    assert [np.bincount(split.y).tolist() for split in splits] == [[12] * 3, [4] * 3, [4] * 3]
    ours = np.vstack([np.column_stack([split.X, split.y]) for split in splits])
    theirs = np.column_stack([arrays["images"].reshape(60, -1) / 255, arrays["labels"]])
    np.testing.assert_array_equal(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)])
    assert dataset.classes == ("a", "b", "c")
    assert dataset.image_shape == (4, 4)


def test_the_seed_draws_the_split(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    np.savez(tmp_path / CHARACTERS_FILE, **arrays)
    assert load_characters(tmp_path, 3).checksum == load_characters(tmp_path, 3).checksum
    assert load_characters(tmp_path, 3).checksum != load_characters(tmp_path, 4).checksum


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": np.zeros((60, 4, 4))}, "images of type float64"),
        ({"images": np.zeros((60, 16), np.uint8)}, r"shape \(60, 16\)"),
        ({"images": np.zeros((59, 4, 4), np.uint8)}, r"y has shape \(60,\); expected \(59,\)"),
        ({"classes": CLASSES[:2]}, r"label 2 at position 2 .*expected 0\.\.1"),
        ({"labels": np.array([0] * 59 + [1])}, "cannot be divided by class"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    changes: dict[str, np.ndarray],
    message: str,
    tmp_path: Path,
    arrays: dict[str, np.ndarray],
    raises_one_line: Any,
) -> None:
    np.savez(tmp_path / CHARACTERS_FILE, **(arrays | changes))
    with raises_one_line(DataError, message):
        load_characters(tmp_path)


def test_damaged_and_missing_files_are_reported(tmp_path: Path, raises_one_line: Any) -> None:
    with raises_one_line(DataError, f"{CHARACTERS_FILE} is neither in .* check data_dir"):
        load_characters(tmp_path)
    (tmp_path / CHARACTERS_FILE).write_bytes(b"no archive")
    with raises_one_line(DataError, "is damaged or no .npz file"):
        load_characters(tmp_path)


def test_the_real_file(real_files: Any) -> None:
    folder = real_files("characters")
    dataset = load_dataset("characters", data_dir=folder)
    splits = (dataset.train, dataset.validation, dataset.test)
    assert sum(len(split.y) for split in splits) == 2_811
    assert (dataset.n_features, dataset.n_classes) == (784, 62)
    assert all(np.bincount(split.y, minlength=62).min() > 0 for split in splits)
    # Ink is 1: there is less of it than of background.
    assert set(np.unique(dataset.train.X)) == {0.0, 1.0}
    assert dataset.train.X.mean() < 0.5
