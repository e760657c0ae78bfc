from __future__ import annotations

import numpy as np
import pytest

from rectinet.data import load_digits


def test_every_image_is_in_exactly_one_split() -> None:
    digits = load_digits(seed=0)
    splits = (digits.train, digits.validation, digits.test)
    assert [len(split.y) for split in splits] == [718, 180, 899]  # 1,797 in all
    from sklearn.datasets import load_digits as original

    pixels, labels = original(return_X_y=True)
    ours = np.vstack([np.column_stack([split.X * 16, split.y]) for split in splits])
    theirs = np.column_stack([pixels, labels])
    np.testing.assert_array_equal(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)])


def test_pixels_are_in_the_unit_interval() -> None:
    digits = load_digits(seed=0)
    assert digits.train.X.dtype == np.float32
    assert (digits.train.X.min(), digits.train.X.max()) == (0.0, 1.0)
    assert digits.image_shape == (8, 8)


@pytest.mark.parametrize("split_name", ["train", "validation", "test"])
def test_splits_are_stratified(split_name: str) -> None:
    y = getattr(load_digits(seed=1), split_name).y
    # The ten classes of the whole set are within 3% of each other; rounding adds one example.
    counts = np.bincount(y, minlength=10)
    assert counts.max() - counts.min() <= 0.06 * counts.mean() + 2


def test_the_seed_draws_the_split() -> None:
    assert load_digits(seed=3).checksum == load_digits(seed=3).checksum
    assert load_digits(seed=3).checksum != load_digits(seed=4).checksum
