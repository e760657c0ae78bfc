"""Training over a directory of shards, as docs/data.md has it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from rectinet.data.text import ShardedCorpus, ShardWriter
from rectinet.errors import InputError
from rectinet.estimators import RectifierRegressor

TERMS = tuple(f"word{number}" for number in range(8))
STARS = np.array([1.0, 2.0, 3.0])


def shard(seed: int, n: int = 60) -> tuple[sparse.csr_array, np.ndarray]:
    """Return reviews in which words 0 to 2 say the stars; those of every tenth are unknown."""
    random = np.random.default_rng(seed)
    rating = np.arange(n) % len(STARS)
    X = random.random((n, len(TERMS))) < 0.3
    X[:, : len(STARS)] = np.arange(len(STARS)) == rating[:, None]
    return sparse.csr_array(X.astype(np.float32)), np.where(
        np.arange(n) % 10 == 9, np.nan, STARS[rating]
    )


@pytest.fixture
def corpus(tmp_path: Path) -> ShardedCorpus:
    writer = ShardWriter(tmp_path / "corpus", TERMS)
    for seed in range(3):
        writer.append(*shard(seed))
    return ShardedCorpus(tmp_path / "corpus")


def regressor() -> RectifierRegressor:
    return RectifierRegressor(
        hidden_layer_sizes=(10,),
        output="expectation",
        pretraining=None,
        learning_rate_init=0.1,
        random_state=0,
    )


def test_a_loop_over_shards_learns_from_disk_what_memory_gives(corpus: ShardedCorpus) -> None:
    mapped, held = regressor(), regressor()
    for _ in range(4):
        for (X, stars), seed in zip(corpus, range(3), strict=True):
            mapped.partial_fit(X, stars)
            held.partial_fit(*shard(seed))
    for ours, theirs in zip(mapped.network_.layers, held.network_.layers, strict=True):
        np.testing.assert_array_equal(ours.weight, theirs.weight)
    X, stars = shard(9)
    known = ~np.isnan(stars)
    rmse = np.sqrt(np.mean((mapped.predict(X)[known] - stars[known]) ** 2))
    assert rmse < 0.5 * stars[known].std()


def test_the_first_shard_has_to_have_every_rating(tmp_path: Path) -> None:
    X, stars = shard(0)
    writer = ShardWriter(tmp_path, TERMS)
    low = np.flatnonzero(stars < 3)
    writer.append(X[low], stars[low])
    writer.append(X, stars)
    model = regressor()
    first, second = ShardedCorpus(tmp_path)
    model.partial_fit(*first)
    with pytest.raises(InputError, match="3"):
        model.partial_fit(*second)
