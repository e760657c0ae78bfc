"""What every distortion has to do, in one matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rectinet.data.distortion import DISTORTIONS, Distortion, distort
from rectinet.errors import InputError, SettingError

every = pytest.mark.parametrize("distortion", DISTORTIONS, ids=lambda each: each.name)
images_of_any_size = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 5), st.integers(2, 33), st.integers(2, 33)),
    elements=st.floats(0, 1, width=32),
)


@every
@given(images=images_of_any_size, seed=st.integers(0, 99))
def test_strength_0_is_the_identity(distortion: Distortion, images: np.ndarray, seed: int) -> None:
    distorted = distortion(images, 0.0, np.random.default_rng(seed))
    np.testing.assert_array_equal(distorted, images)


@every
@given(images=images_of_any_size, strength=st.floats(0, 1), seed=st.integers(0, 99))
def test_values_and_shapes_stay_what_they_are(
    distortion: Distortion, images: np.ndarray, strength: float, seed: int
) -> None:
    before = images.copy()
    distorted = distortion(images, strength, np.random.default_rng(seed))
    assert distorted.shape == images.shape
    assert distorted.dtype == np.float32
    assert distorted.min() >= 0
    assert distorted.max() <= 1
    np.testing.assert_array_equal(images, before)  # the originals are left alone


@every
def test_images_change_and_the_stronger_the_more(
    distortion: Distortion, characters: np.ndarray
) -> None:
    changes = []
    for strength in (0.3, 1.0):
        distorted = distortion(characters, strength, np.random.default_rng(1))
        changes.append(np.abs(distorted - characters).mean())
    assert 0 < changes[0] < changes[1]


@every
def test_the_generator_decides(distortion: Distortion, characters: np.ndarray) -> None:
    first, same, other = (
        distortion(characters, 0.8, np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


@every
def test_each_image_has_its_own_strength(distortion: Distortion, characters: np.ndarray) -> None:
    strengths = np.where(np.arange(len(characters)) % 2, 1.0, 0.0)
    distorted = distortion(characters, strengths, np.random.default_rng(0))
    np.testing.assert_array_equal(distorted[::2], characters[::2])
    assert not np.array_equal(distorted[1::2], characters[1::2])


@every
@pytest.mark.parametrize(
    ("images", "strength", "error", "message"),
    [
        (np.zeros((2, 4, 4)), 1.5, SettingError, "strength is 1.5; give a number from 0 to 1"),
        (np.zeros((2, 4, 4)), [0.5, np.nan], SettingError, "strength is nan"),
        (
            np.zeros((2, 4, 4)),
            [0.5] * 3,
            SettingError,
            r"shape \(3,\); give one number, or one for",
        ),
        (np.zeros((2, 4, 4)), "strong", SettingError, "strength is <U6"),
        (np.zeros((4, 4)), 0.5, InputError, r"shape \(4, 4\); expected .*\(n, height, width\)"),
        (np.full((2, 4, 4), 255), 0.5, InputError, "values from 255 to 255; expected 0 to 1"),
        (np.full((2, 4, 4), np.nan), 0.5, InputError, "values from nan"),
        (np.full((2, 4, 4), "a"), 0.5, InputError, "images are of type <U1"),
    ],
)
def test_bad_input_is_refused(
    distortion: Distortion,
    images: np.ndarray,
    strength: Any,
    error: Any,
    message: str,
    raises_one_line: Any,
) -> None:
    with raises_one_line(error, message):
        distortion(images, strength, np.random.default_rng(0))


def test_names_are_unique_and_shares_are_probabilities() -> None:
    assert len({each.name for each in DISTORTIONS}) == len(DISTORTIONS)
    assert all(0 < each.share <= 1 for each in DISTORTIONS)


@given(seed=st.integers(0, 99))
def test_all_together_leave_out_images_without_strength(seed: int) -> None:
    random = np.random.default_rng(seed)
    images = random.random((6, 32, 32), dtype=np.float32)
    strengths = random.random((len(DISTORTIONS), 6)).astype(np.float32)
    strengths[:, 2] = 0
    distorted = distort(images, DISTORTIONS, strengths, random)
    np.testing.assert_array_equal(distorted[2], images[2])
    assert distorted.min() >= 0
    assert distorted.max() <= 1
