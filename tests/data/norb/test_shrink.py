from __future__ import annotations

import numpy as np
import pytest

from rectinet.data.norb.shrink import averages, shrink


def test_96_pixels_become_means_of_9() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (96, 96), dtype=np.uint8)
    blocks = picture.reshape(32, 3, 32, 3).mean(axis=(1, 3))
    # Float32 may round a mean that is a half to the other side.
    assert np.abs(shrink(picture) - blocks).max() <= 0.5 + 1e-4


def test_a_pixel_across_a_border_counts_by_its_share() -> None:
    # 5 values on 2 intervals of 2.5: the middle one belongs to both by half.
    np.testing.assert_allclose(averages(5, 2) * 2.5, [[1, 1, 0.5, 0, 0], [0, 0, 0.5, 1, 1]])


@pytest.mark.parametrize("size", [32, 96, 108])
def test_means_are_kept(size: int) -> None:
    matrix = averages(size, 32)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(matrix.sum(axis=0), 32 / size, rtol=1e-6)
    for level in (0, 127, 255):
        assert (shrink(np.full((2, size, size), level, np.uint8)) == level).all()


def test_pictures_of_the_final_size_are_left_alone() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (3, 2, 32, 32), dtype=np.uint8)
    np.testing.assert_array_equal(shrink(pictures), pictures)
