"""Corpora written to disk: from a stream of reviews, or sampled from the statistics of one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rectinet.data.text.bag_of_words import BagOfWords
from rectinet.data.text.review import Review
from rectinet.data.text.sampled import SampledDocuments
from rectinet.data.text.shards import ShardedCorpus, ShardWriter
from rectinet.errors import InputError, SettingError

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

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
    is not complete. Reviews, words or a `shard_size` that are others are refused: the folder keeps
    a checksum of the first, the weighting of the second, and the last.

    Args:
        folder: where the corpus goes.
        reviews: read one at a time.
        bag: the words; learned from a stream as well by `BagOfWords.fit`.
        shard_size: documents in a shard.
        progress: told the number of documents written so far, after each shard.

    Raises:
        DataError: if the folder holds a corpus of other reviews, words, weights or `shard_size`.
        InputError: if there are no reviews, one is no `Review`, or `shard_size` is below 1.
        SettingError: if `bag` is no `BagOfWords`.
        StorageError: if the folder cannot be written.
    """
    if not isinstance(bag, BagOfWords):
        raise SettingError(f"bag is {bag!r:.60}; give a BagOfWords, such as BagOfWords.fit(texts)")
    _check_count("shard_size", shard_size)
    idf = (
        {} if bag.idf is None else {"idf": sha256(np.asarray(bag.idf, "<f8").tobytes()).hexdigest()}
    )
    weighting = "binary" if bag.idf is None else "tfidf"
    writer = ShardWriter(
        folder, bag.terms, {"weighting": weighting, **idf, "shard_size": int(shard_size)}
    )
    seen = sha256()
    stream = _digested(reviews, seen)
    for _ in itertools.islice(stream, writer.n_documents):
        pass
    writer.check_source(seen.hexdigest())
    for part in _batches(stream, shard_size):
        stars = [float("nan") if review.stars is None else review.stars for review in part]
        words = bag.transform(review.text for review in part)
        writer.append(words, stars, source=seen.hexdigest())
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
        DataError: if the folder holds another corpus, or one of another `shard_size`.
        InputError: if `n_documents` or `shard_size` is below 1.
        SettingError: if `documents` are no `SampledDocuments`.
        StorageError: if the folder cannot be written.
    """
    if not isinstance(documents, SampledDocuments):
        raise SettingError(f"documents is {documents!r:.60}; give SampledDocuments(X, terms)")
    _check_count("n_documents", n_documents)
    _check_count("shard_size", shard_size)
    settings: dict[str, str | int] = {
        "sampled from": documents.checksum,
        "shard_size": int(shard_size),
    }
    writer = ShardWriter(folder, documents.terms, settings)
    while (start := writer.n_documents) < n_documents:
        writer.append(documents.documents(start, min(shard_size, n_documents - start)))
        if progress is not None:
            progress(writer.n_documents)
    return ShardedCorpus(folder)


def _digested(reviews: Iterable[Review], seen: Hash) -> Iterator[Review]:
    """Yield the reviews; `seen` is told each one's text and stars."""
    if not isinstance(reviews, Iterable):
        raise InputError(f"reviews is {reviews!r:.60}; give several, such as read_reviews(path)")
    for number, review in enumerate(reviews, start=1):
        if not isinstance(review, Review):
            raise InputError(f"review {number} is {review!r:.60}; give Review(text, stars)")
        text, stars, _ = review
        if not isinstance(text, str) or not isinstance(stars, int | float | np.number | None):
            raise InputError(
                f"review {number} has the text {text!r:.40} and the stars {stars!r:.40}; expected "
                "text, and a number or None"
            )
        seen.update(json.dumps((text, None if stars is None else float(stars))).encode())
        yield review


def _batches(stream: Iterator[Review], size: int) -> Iterator[list[Review]]:
    while part := list(itertools.islice(stream, size)):
        yield part


def _check_count(name: str, value: int) -> None:
    if not isinstance(value, int | np.integer) or value < 1:
        raise InputError(f"{name} is {value!r}; give a whole number of 1 or more")
