from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array, issparse

from rectinet.errors import SettingError
from rectinet.nn import (
    Corruption,
    Gaussian,
    Masking,
    Minibatch,
    NoCorruption,
    SaltAndPepper,
    corruption,
)

SHAPE = (200, 500)
KINDS: list[Corruption] = [
    NoCorruption(),
    Masking(0.25),
    SaltAndPepper(0.8, 0.005),
    Gaussian(0.25),
]
every_input = pytest.mark.parametrize("as_input", [np.asarray, csr_array], ids=["dense", "csr"])
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def assert_share(drawn: np.ndarray, p: float) -> None:
    """Check a share of n draws: binomial, its deviation is sqrt(p (1 - p) / n).

    Five deviations are exceeded once in a million seeds, and the seed is fixed.
    """
    assert abs(drawn.mean() - p) <= 5 * math.sqrt(p * (1 - p) / drawn.size)


def dense(x: Minibatch) -> np.ndarray:
    """Return a result as an array; CSR ones must be canonical, without stored zeros."""
    if issparse(x):
        x.check_format(full_check=True)
        assert (x.data != 0).all()
        same = csr_array((x.data, x.indices, x.indptr), shape=x.shape)
        assert same.has_canonical_format  # looked at anew, not taken from a flag
        return x.toarray()
    return np.asarray(x)


AsInput = Callable[[np.ndarray], Minibatch]


@pytest.fixture
def binary(random: np.random.Generator) -> np.ndarray:
    return (random.random(SHAPE) < 0.5).astype(np.float32)


@every_input
@pytest.mark.parametrize("level", [0.0, 0.25, 0.5, 1.0])
def test_masking_zeroes_its_share_and_keeps_the_rest(
    level: float, as_input: AsInput, random: np.random.Generator
) -> None:
    x = random.uniform(0.5, 1.5, SHAPE).astype(np.float32)
    noisy = dense(Masking(level)(as_input(x), random))
    masked = noisy == 0
    assert_share(masked, level)
    np.testing.assert_array_equal(noisy[~masked], x[~masked])


@every_input
@pytest.mark.parametrize(("off", "on"), [(0.8, 0.005), (0.0, 0.0), (1.0, 1.0), (0.0, 0.3)])
def test_salt_and_pepper_flips_its_shares(
    off: float, on: float, as_input: AsInput, binary: np.ndarray, random: np.random.Generator
) -> None:
    noisy = dense(SaltAndPepper(off, on)(as_input(binary), random))
    assert set(np.unique(noisy)) <= {0, 1}
    assert_share(noisy[binary == 1] == 0, off)
    assert_share(noisy[binary == 0] == 1, on)
    # In every part of the matrix alike.
    for part in np.array_split(np.arange(SHAPE[1]), 4):
        assert_share(noisy[:, part][binary[:, part] == 0] == 1, on)


@every_input
def test_salt_and_pepper_keeps_other_values(as_input: AsInput, random: np.random.Generator) -> None:
    noisy = SaltAndPepper(off=0.5, on=0.0)(as_input(np.full(SHAPE, 2.5, np.float32)), random)
    assert set(np.unique(dense(noisy))) == {0, 2.5}


def test_a_stored_zero_is_a_zero(random: np.random.Generator) -> None:
    """Of 4,000 stored zeros with 0.3 on, some become one, and off does not apply to them."""
    stored = csr_array(np.ones((40, 100)))
    stored.data[:] = 0
    noisy = dense(SaltAndPepper(off=1.0, on=0.3)(stored, random))
    assert_share(noisy == 1, 0.3)


@pytest.mark.parametrize("kind", KINDS[:3], ids=lambda kind: kind.name)
def test_a_matrix_that_could_not_be_dense(kind: Corruption) -> None:
    """10 examples of 10^8 words, 40 GB if they were dense: 30 are stored, and 50 added."""
    n_words = 10**8
    columns = np.sort(np.random.default_rng(1).choice(n_words, (10, 30)), axis=1)
    x = csr_array((np.ones(300, np.float32), columns.ravel(), np.arange(11) * 30), (10, n_words))
    if isinstance(kind, SaltAndPepper):
        kind = SaltAndPepper(0.0, 5e-8)
    noisy = kind(x, np.random.default_rng(0))
    assert issparse(noisy)
    assert noisy.nnz < 300 + 50 + 5 * math.sqrt(50)


@every_input
def test_gaussian_noise_makes_every_input_dense(as_input: AsInput, binary: np.ndarray) -> None:
    noisy = [Gaussian(0.25)(x, np.random.default_rng(3)) for x in (binary, as_input(binary))]
    assert isinstance(noisy[1], np.ndarray)
    np.testing.assert_array_equal(*noisy)


def test_gaussian_adds_noise_of_its_width(random: np.random.Generator) -> None:
    x = random.standard_normal(SHAPE)
    noise = Gaussian(0.25)(x, random) - x
    n = noise.size
    # The mean of n draws deviates by sigma / sqrt(n), their deviation by sigma / sqrt(2 n).
    assert abs(noise.mean()) < 5 * 0.25 / math.sqrt(n)
    assert abs(noise.std() - 0.25) < 5 * 0.25 / math.sqrt(2 * n)
    np.testing.assert_array_equal(Gaussian(0.0)(x, random), x)


@every_kind
@every_input
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_input_and_type_stay(
    kind: Corruption, as_input: AsInput, dtype: str, random: np.random.Generator
) -> None:
    before = (random.random((20, 30)) * (random.random((20, 30)) < 0.5)).astype(dtype)
    x = as_input(before.copy())
    noisy = kind(x, random)
    assert noisy.dtype == dtype
    assert noisy.shape == x.shape
    np.testing.assert_array_equal(dense(x), before)


@every_kind
@every_input
def test_noise_follows_from_the_generator_and_is_fresh(
    kind: Corruption, as_input: AsInput, binary: np.ndarray
) -> None:
    first, second = (np.random.default_rng(3) for _ in range(2))
    x = as_input(binary)
    noisy = dense(kind(x, first))
    np.testing.assert_array_equal(noisy, dense(kind(x, second)))
    if not isinstance(kind, NoCorruption):
        assert not np.array_equal(noisy, dense(kind(x, first)))


@given(level=st.floats(0, 1), seed=st.integers(0, 99))
def test_masking_never_invents_a_value(level: float, seed: int) -> None:
    x = np.arange(1.0, 13.0).reshape(3, 4)
    noisy = Masking(level)(x, np.random.default_rng(seed))
    assert ((noisy == 0) | (noisy == x)).all()


@pytest.mark.parametrize("value", [-0.1, 1.5, math.nan])
@pytest.mark.parametrize(
    ("name", "levels"),
    [("masking", ["{}"]), ("salt-and-pepper", ["{}"]), ("salt-and-pepper", ["0.5", "{}"])],
)
def test_shares_out_of_range_are_refused(name: str, levels: list[str], value: float) -> None:
    given_levels = [float(level.format(value)) for level in levels]
    with pytest.raises(SettingError, match=f"is {value!r}.*from 0 to 1"):
        corruption(name, *given_levels)


@pytest.mark.parametrize("sigma", [-0.1, math.inf, math.nan])
def test_a_width_out_of_range_is_refused(sigma: float) -> None:
    with pytest.raises(SettingError, match=f"sigma is {sigma!r}"):
        Gaussian(sigma)


def test_names_make_their_corruption() -> None:
    assert corruption("none") == NoCorruption()
    assert corruption("masking", 0.5) == Masking(0.5)
    assert corruption("masking") == Masking(0.25)  # images in the paper
    assert corruption("salt-and-pepper", 0.7, 0.01) == SaltAndPepper(off=0.7, on=0.01)
    assert corruption("gaussian", 0.1) == Gaussian(0.1)


def test_unknown_names_and_too_many_levels_are_refused() -> None:
    with pytest.raises(SettingError, match=r"'dropout' is unknown.*none, masking, salt-and-pepper"):
        corruption("dropout")
    with pytest.raises(SettingError, match="takes 1 levels; 2 were given"):
        corruption("masking", 0.1, 0.2)
    with pytest.raises(SettingError, match="takes 0 levels; 1 were given"):
        corruption("none", 0.1)
