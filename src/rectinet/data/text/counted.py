"""All words of a collection of reviews, counted once: every split and vocabulary is a selection."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from rectinet.data.locate import user_cache
from rectinet.data.text.bag_of_words import BagOfWords, count_words, most_frequent
from rectinet.data.text.duplicates import Duplicates
from rectinet.data.text.review import Review
from rectinet.errors import StorageError
from rectinet.files import make_folder, read_tensors, write_tensors

_VERSION = 1
"""Of how reviews are read and counted: a change of it leaves old caches unread."""


@dataclass(frozen=True, eq=False)
class CountedReviews:
    """Reviews without duplicates, as counts of all their words.

    Attributes:
        counts: shape (n, d), float32 CSR: how often each review has each word.
        words: the d words.
        stars: shape (n,), float64: the ratings, NaN where they are not known.
        parts: shape (n,), the name of the part that each review comes from.
        duplicates: what was removed, in a few words.
    """

    counts: Any
    words: tuple[str, ...]
    stars: np.ndarray
    parts: np.ndarray
    duplicates: str

    def rows(self, *parts: str) -> np.ndarray:
        """Return the row numbers of the reviews of these parts, ascending."""
        return np.flatnonzero(np.isin(self.parts, parts))

    def bag(self, rows: np.ndarray, n_words: int, weighting: str) -> tuple[BagOfWords, Any]:
        """Return the bag of words learned from some rows, and the matrix of all rows.

        Args:
            rows: of the reviews to train on, labeled or not.
            n_words: see `BagOfWords.fit`.
            weighting: see `BagOfWords.fit`.

        Returns:
            The bag, and shape (n, number of its words), float32 CSR.

        Raises:
            InputError: if the rows have no words.
            SettingError: if `n_words` is below 1 or `weighting` unknown.
        """
        frequencies = np.bincount(self.counts[rows].indices, minlength=len(self.words))
        columns = most_frequent(frequencies, n_words)
        terms = [self.words[column] for column in columns]
        bag = BagOfWords.of(terms, frequencies[columns], len(rows), weighting)
        return bag, bag.weigh(sparse.csr_array(self.counts[:, columns]))


def count_reviews(
    read: Callable[[], Mapping[str, Iterable[Review]]],
    sources: Sequence[Path],
    *,
    cache: bool = True,
) -> CountedReviews:
    """Read reviews, remove duplicates and count words, or take the result from the user's cache.

    Within its part, a review's place is that of the hash of its text: the same reviews give the
    same rows, whichever file format they came in.

    Args:
        read: returns the reviews by part; of a text in several parts the first part keeps it.
        sources: the files or folders that `read` reads.
        cache: keep the counts in the user's cache, and use them as long as the sources have the
            same size and date.

    Raises:
        InputError: if there are no words.
        DataError: whatever `read` raises.
    """
    kept = _read_cache(sources) if cache else None
    if kept is not None:
        return kept
    duplicates = Duplicates()
    texts: list[str] = []
    stars: list[float] = []
    parts: list[str] = []
    for part, reviews in read().items():
        for _, review in sorted(duplicates.removed(reviews, part), key=lambda pair: pair[0]):
            texts.append(review.text)
            stars.append(np.nan if review.stars is None else review.stars)
            parts.append(part)
    counts, words = count_words(texts)
    described = duplicates.describe()
    counted = CountedReviews(counts, words, np.array(stars), np.array(parts), described)
    if cache:
        _write_cache(sources, counted)
    return counted


def _read_cache(sources: Sequence[Path]) -> CountedReviews | None:
    try:
        tensors = read_tensors(_place(sources))
        words, names, duplicates = (
            bytes(tensors[name]).decode().split("\n") for name in ("words", "names", "duplicates")
        )
        counts = sparse.csr_array(
            (tensors["data"], tensors["indices"], tensors["indptr"]),
            shape=(len(tensors["stars"]), len(words)),
        )
        parts = np.array(names)[tensors["parts"]]
        return CountedReviews(counts, tuple(words), tensors["stars"], parts, duplicates[0])
    except (OSError, StorageError, KeyError, ValueError, IndexError):
        return None  # what cannot be read is counted again


def _write_cache(sources: Sequence[Path], counted: CountedReviews) -> None:
    names, parts = np.unique(counted.parts, return_inverse=True)
    texts = {"words": counted.words, "names": names, "duplicates": [counted.duplicates]}
    try:
        place = _place(sources)
        make_folder(place.parent)
        matrix = counted.counts
        tensors = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr}
        tensors |= {"stars": counted.stars, "parts": parts}
        tensors |= {
            name: np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)
            for name, lines in texts.items()
        }
        write_tensors(place, tensors)
    except (OSError, StorageError):
        return  # it only takes longer the next time


def _place(sources: Sequence[Path]) -> Path:
    digest = hashlib.sha256(str(_VERSION).encode())
    for source in (path.resolve() for path in sources):
        for file in sorted(source.rglob("*")) if source.is_dir() else (source,):
            status = file.stat()
            digest.update(f"{file}:{status.st_size}:{status.st_mtime_ns};".encode())
    return user_cache() / "counted-reviews" / f"{digest.hexdigest()[:16]}.safetensors"
