"""Corpora written to disk: from a stream of reviews, or sampled from the statistics of one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from rectinet.data.text.bag_of_words import BagOfWords
from rectinet.data.text.review import Review
from rectinet.data.text.sampled import SampledDocuments
from rectinet.data.text.shards import ShardedCorpus, ShardWriter
from rectinet.errors import InputError

SHARD_SIZE = 50_000
"""Documents in a shard: 50 MB at IMDB's 118 words each."""


def write_corpus(
    folder: str | Path,
    reviews: Iterable[Review],
    bag: BagOfWords,
    *,
    shard_size: int = SHARD_SIZE,
    progress: Callable[[int], None] | None = None,
) -> ShardedCorpus:
    """Write reviews as bags of words, shard by shard; one shard's texts are in memory.

    Called again after it was stopped, with the same reviews, it goes on with the first shard that
    is not complete.

    Args:
        folder: where the corpus goes.
        reviews: read one at a time.
        bag: the words; learned from a stream as well by `BagOfWords.fit`.
        shard_size: documents in a shard.
        progress: told the number of documents written so far, after each shard.

    Raises:
        DataError: if the folder holds another corpus.
        InputError: if there are no reviews, or `shard_size` is below 1.
        StorageError: if the folder cannot be written.
    """
    writer = ShardWriter(folder, bag.terms)
    rest = itertools.islice(reviews, writer.n_documents, None)
    for part in _batches(rest, shard_size):
        stars = [float("nan") if review.stars is None else review.stars for review in part]
        writer.append(bag.transform(review.text for review in part), stars)
        if progress is not None:
            progress(writer.n_documents)
    if not writer.n_documents:
        raise InputError("there are no reviews; expected at least one")
    return ShardedCorpus(folder)


def sample_corpus(
    folder: str | Path,
    documents: SampledDocuments,
    n_documents: int,
    *,
    shard_size: int = SHARD_SIZE,
    progress: Callable[[int], None] | None = None,
) -> ShardedCorpus:
    """Write sampled documents 0, 1, ..., `n_documents` - 1, shard by shard.

    Called again after it was stopped it goes on with the first shard that is not complete, and
    ends with the same files.

    Args:
        folder: where the corpus goes.
        documents: what is sampled.
        n_documents: how many.
        shard_size: documents in a shard.
        progress: told the number of documents written so far, after each shard.

    Raises:
        DataError: if the folder holds another corpus.
        InputError: if `n_documents` or `shard_size` is below 1.
        StorageError: if the folder cannot be written.
    """
    _check_count("n_documents", n_documents)
    _check_count("shard_size", shard_size)
    writer = ShardWriter(folder, documents.terms)
    while (start := writer.n_documents) < n_documents:
        writer.append(documents.documents(start, min(shard_size, n_documents - start)))
        if progress is not None:
            progress(writer.n_documents)
    return ShardedCorpus(folder)


def _batches(reviews: Iterable[Review], size: int) -> Iterator[list[Review]]:
    _check_count("shard_size", size)
    stream = iter(reviews)
    while part := list(itertools.islice(stream, size)):
        yield part


def _check_count(name: str, value: int) -> None:
    if value < 1:
        raise InputError(f"{name} is {value}; give a whole number of 1 or more")
