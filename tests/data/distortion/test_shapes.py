"""Distortions whose result can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rectinet.data.distortion import Warp, distort
from rectinet.data.distortion.affine import affine_map
from rectinet.data.distortion.blur import gaussian_blur, motion_blur
from rectinet.data.distortion.elastic import ELASTIC
from rectinet.data.distortion.fields import smooth_fields
from rectinet.data.distortion.noise import PIXEL_PERMUTATION
from rectinet.data.distortion.pinch import pinch_and_whirl
from rectinet.data.distortion.resample import centered_grid, resample
from rectinet.data.distortion.slant import shear
from rectinet.data.distortion.thickness import thicken

SHAPE = (1, 33, 33)  # odd: pixel (16, 16) is the center


def dot(y: int, x: int) -> np.ndarray:
    """Return one image that is 0 but for the pixel (y, x) from the center."""
    image = np.zeros(SHAPE, dtype=np.float32)
    image[0, 16 + y, 16 + x] = 1
    return image


def center_of_mass(images: np.ndarray) -> tuple[float, float]:
    """Return y and x of the ink, from the center of the image."""
    total = images.sum()
    y, x = centered_grid(images.shape)
    return float((images * y).sum() / total), float((images * x).sum() / total)


@pytest.mark.parametrize(("y", "x"), [(0, 0), (8, 0), (-8, 2), (4, -6)])
def test_slant_moves_rows_by_their_height(y: int, x: int) -> None:
    moved = resample(dot(y, x), *shear(centered_grid(SHAPE), 0.5))
    # Looked up half a column further right for each row down: ink moves that much to the left.
    assert center_of_mass(moved) == pytest.approx((y, x - 0.5 * y), abs=1e-5)


@pytest.mark.parametrize(
    ("matrix", "shift", "expected"),
    [
        (((1, 0), (0, 1)), (2, -3), (4 - 2, 6 + 3)),
        (((1, 0), (0, 1)), (0.5, 0), (3.5, 6)),
        (((2, 0), (0, 2)), (0, 0), (2, 3)),  # looked up twice as far out: half the size
        (((0, 1), (-1, 0)), (0, 0), (-6, 4)),  # (y, x) is looked up at (x, -y): a quarter turn
    ],
)
def test_affine_maps_move_ink_by_the_inverse(matrix, shift, expected) -> None:
    moved = resample(dot(4, 6), *affine_map(centered_grid(SHAPE), matrix, shift))
    assert center_of_mass(moved) == pytest.approx(expected, abs=1e-5)


def test_what_leaves_the_image_is_gone_and_background_comes_in() -> None:
    places = affine_map(centered_grid(SHAPE), ((1, 0), (0, 1)), (0, 20))
    assert (resample(np.ones(SHAPE, np.float32), *places)[0, :, 13:] == 0).all()
    assert (resample(np.ones(SHAPE, np.float32), *places)[0, :, :13] == 1).all()


def test_warps_are_composed_in_order_and_resampled_once() -> None:
    # A dot at (0, 4): first shifted to the right by 2, then shrunk by half: (0, 3).
    shift = Warp("shift", 1.0, lambda p, *_: affine_map(p, ((1, 0), (0, 1)), (0.0, -2.0)))
    shrink = Warp("shrink", 1.0, lambda p, *_: affine_map(p, ((2, 0), (0, 2)), (0.0, 0.0)))
    strengths = np.ones((2, 1), dtype=np.float32)
    random = np.random.default_rng(0)
    moved = distort(dot(0, 4), (shift, shrink), strengths, random)
    assert center_of_mass(moved) == pytest.approx((0, 3), abs=1e-5)
    # In the other order: (0, 2), then (0, 4).
    moved = distort(dot(0, 4), (shrink, shift), strengths, random)
    assert center_of_mass(moved) == pytest.approx((0, 4), abs=1e-5)


def test_resampling_is_bilinear() -> None:
    image = np.array([[[0.0, 0.4], [0.8, 1.0]]], dtype=np.float32)
    y, x = np.full((1, 2, 2), -0.25, np.float32), np.full((1, 2, 2), 0.0, np.float32)
    # A quarter above the middle, and half between left and right.
    expected = 0.75 * (0.0 + 0.4) / 2 + 0.25 * (0.8 + 1.0) / 2
    np.testing.assert_allclose(resample(image, y, x), expected, rtol=1e-6)


def test_pinch_leaves_the_center_and_the_border_and_moves_what_is_between() -> None:
    y, x = pinch_and_whirl(centered_grid(SHAPE), 0.5, 0.0, radius=16)
    assert (y[0, 16, 16], x[0, 16, 16]) == (0, 0)
    assert (y[0, 16, 0], x[0, 16, 0]) == pytest.approx((0, -16))
    # At half the radius: sin(pi / 4)^-0.5 = 2^0.25.
    assert (y[0, 16, 24], x[0, 16, 24]) == pytest.approx((0, 8 * 2**0.25), rel=1e-5)


def test_whirl_turns_and_keeps_distances() -> None:
    y, x = pinch_and_whirl(centered_grid(SHAPE), 0.0, 1.0, radius=16)
    # At half the radius the angle is (1 - 1/2)^2: what lies on the right is looked up above.
    assert (y[0, 16, 24], x[0, 16, 24]) == pytest.approx(
        (-8 * np.sin(0.25), 8 * np.cos(0.25)), rel=1e-5
    )


def test_elastic_displacements_have_mean_0_and_the_stated_deviation() -> None:
    fields = smooth_fields(2000, (32, 32), 5.0, np.random.default_rng(0))
    # 2000 fields of some (32/10)^2 = 10 independent patches each: the mean of 20,000 normal numbers
    # has a standard deviation of 0.007, their variance one of 0.01.
    assert abs(fields.mean(dtype=np.float64)) < 4 * 0.007
    assert abs(fields.var(dtype=np.float64) - 1) < 4 * 0.01
    np.testing.assert_allclose(fields.var(axis=0), 1, atol=6 * np.sqrt(2 / 2000))  # everywhere
    # Neighbors are alike: exp(-(1/5)^2 / 4) is their correlation.
    alike = (fields[:, :, 1:] * fields[:, :, :-1]).mean(dtype=np.float64)
    assert alike == pytest.approx(np.exp(-((1 / 5) ** 2) / 4), abs=0.04)


def test_elastic_moves_places_by_smooth_fields() -> None:
    grid = centered_grid((200, 32, 32))
    y, x = ELASTIC.move(grid, np.ones(200, dtype=np.float32), np.random.default_rng(0))
    displacements = np.stack([y - grid[0], x - grid[1]])
    assert abs(displacements.mean()) < 0.1
    assert displacements.std() > 0.5


def test_thickness_grows_and_shrinks_strokes_by_fractions_of_pixels() -> None:
    bar = np.zeros((3, 9, 9), dtype=np.float32)
    bar[:, :, 3:6] = 1
    thick, half, thin = thicken(bar, np.array([1.0, 0.5, -0.5], dtype=np.float32))
    np.testing.assert_array_equal(thick[4], [0, 0, 1, 1, 1, 1, 1, 0, 0])
    np.testing.assert_array_equal(half[4], [0, 0, 0.5, 1, 1, 1, 0.5, 0, 0])
    np.testing.assert_array_equal(thin[4], [0, 0, 0, 0.5, 1, 0.5, 0, 0, 0])


def test_two_steps_of_dilation_are_a_diamond() -> None:
    grown = thicken(dot(0, 0), np.array([2.0], dtype=np.float32))
    y, x = centered_grid(SHAPE)
    np.testing.assert_array_equal(grown, np.abs(y) + np.abs(x) <= 2)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.0])
def test_gaussian_blur_keeps_ink_and_spreads_it(sigma: float) -> None:
    blurred = gaussian_blur(dot(0, 0), np.array([sigma]))
    assert blurred.sum() == pytest.approx(1, abs=1e-5)
    y, _ = centered_grid(SHAPE)
    # A Gaussian on whole pixels has nearly its own variance from half a pixel on.
    assert (blurred * y**2).sum() == pytest.approx(sigma**2, rel=0.2)


@pytest.mark.parametrize(("y", "x"), [(8.0, 0.0), (0.0, 8.0), (6.0, 6.0)])
def test_motion_blur_spreads_along_its_line(y: float, x: float) -> None:
    blurred = motion_blur(dot(0, 0), np.array([y]), np.array([x]))
    assert blurred.sum() == pytest.approx(1, abs=1e-5)
    assert center_of_mass(blurred) == pytest.approx((0, 0), abs=1e-5)
    down, across = centered_grid(SHAPE)
    # Eight places at distances of 1/8 of the line: their variance is (8^2 - 1) / 12 of that
    # squared; where a place lies between two pixels, both get a share: up to a quarter more.
    for length, places in ((y, down), (x, across)):
        exact = 63 / 12 * (length / 8) ** 2
        assert exact - 1e-4 <= (blurred * places**2).sum() <= exact + 3 * 0.25


def test_permuted_pixels_are_the_same_pixels(characters: np.ndarray) -> None:
    permuted = PIXEL_PERMUTATION(characters, 1.0, np.random.default_rng(0))
    same = np.sort(characters.reshape(64, -1), axis=1)
    np.testing.assert_array_equal(np.sort(permuted.reshape(64, -1), axis=1), same)
