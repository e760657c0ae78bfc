from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rectinet.data import Dataset, load_digits
from rectinet.data.distorted import N_EPOCH, distort_dataset
from rectinet.data.distortion import DistortionStream
from rectinet.data.distortion.stream import CHUNK

SIZES = {"n_epoch": 30, "n_validation": 7, "n_test": 8}


@pytest.fixture(scope="module")
def base() -> Dataset:
    """Digits whose splits have one class each."""
    digits = load_digits()
    parts = {"train": digits.train, "validation": digits.validation, "test": digits.test}
    return replace(
        digits,
        **{
            name: part.take(np.flatnonzero(part.y == label))
            for label, (name, part) in enumerate(parts.items())
        },
    )


def test_each_split_distorts_its_own_examples(base: Dataset) -> None:
    data = distort_dataset(base, "distorted", 0, **SIZES)
    splits = (data.train, data.validation, data.test)
    assert [set(split.y) for split in splits] == [{0}, {1}, {2}]
    assert [split.X.shape for split in splits] == [(30, 1024), (7, 1024), (8, 1024)]
    assert (data.name, data.image_shape, data.classes) == ("distorted", (32, 32), base.classes)


def test_epochs_are_one_stream_without_end(base: Dataset) -> None:
    data = distort_dataset(base, "distorted", 3, **SIZES)
    assert data.redraw is not None
    later = data.redraw(3)
    epochs = [data.redraw(epoch).X for epoch in (1, 2)]
    stream, _ = DistortionStream(base.train.X, base.train.y, seed=3).examples(0, 90)
    np.testing.assert_array_equal(np.concatenate([*epochs, later.X]), stream)
    np.testing.assert_array_equal(data.train.X, epochs[0])


def test_the_seed_draws_what_is_learned_and_not_what_is_tested(base: Dataset) -> None:
    first, second = (distort_dataset(base, "distorted", seed, **SIZES) for seed in (0, 1))
    np.testing.assert_array_equal(first.test.X, second.test.X)
    np.testing.assert_array_equal(first.validation.X, second.validation.X)
    assert not np.array_equal(first.train.X, second.train.X)
    assert first.checksum != second.checksum


def test_an_epoch_is_a_whole_number_of_chunks() -> None:
    assert N_EPOCH % CHUNK == 0
