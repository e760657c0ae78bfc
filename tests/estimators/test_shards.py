"""Training over a directory of shards, as docs/data.md has it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from rectinet.data.text import ShardedCorpus, ShardWriter
from rectinet.errors import InputError
from rectinet.estimators import RectifierRegressor, StackedDenoisingAutoencoder

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


def regressor(pretraining: StackedDenoisingAutoencoder | None = None) -> RectifierRegressor:
    return RectifierRegressor(
        hidden_layer_sizes=(10,),
        output="expectation",
        pretraining=pretraining,
        learning_rate_init=0.1,
        random_state=0,
    )


def test_a_stack_learns_from_disk_what_memory_gives_and_a_regressor_begins_with_it(
    corpus: ShardedCorpus,
) -> None:
    mapped, held = (
        StackedDenoisingAutoencoder((10,), reconstruction_sampling=0.5, random_state=0)
        for _ in range(2)
    )
    score = mapped.partial_fit(corpus[0].X).score(corpus[0].X)
    held.partial_fit(shard(0)[0])
    for number in (1, 2, 0, 1, 2):
        mapped.partial_fit(corpus[number].X)
        held.partial_fit(shard(number)[0])
    (ours,), (theirs,) = mapped.layers_, held.layers_
    np.testing.assert_array_equal(ours.weight, theirs.weight)
    assert mapped.score(corpus[0].X) > score
    model = regressor(mapped).set_params(learning_rate_init=1e-9)  # as good as none
    for X, stars in corpus:
        model.partial_fit(X, stars)
    assert model.pretraining_.method == "autoencoder"
    np.testing.assert_allclose(model.network_.hidden[0].weight, ours.weight, atol=1e-6)
    np.testing.assert_array_equal(ours.weight, theirs.weight)  # which is left as it was


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
