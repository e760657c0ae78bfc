"""Documents without end, with the word frequencies and lengths of a real corpus."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from rectinet.data.check import check_inputs
from rectinet.errors import InputError, SettingError
from rectinet.randomness import generator

CHUNK = 1000
"""Documents drawn at a time. Part of what a seed means: each chunk has a generator of its own."""

_ROUNDS = 6  # of draws, each of 1.5 times the words that lack: most documents are complete by then
_MARGIN = 1.5


class SampledDocuments:
    """Binary documents 0, 1, 2, ..., each a random set of words; the same for a seed, always.

    A document's length (its number of different words) is that of a random document of the
    corpus. Its words are drawn one after the other, word j with a probability proportional to
    w_j = -log(1 - p_j), until there are enough different ones; p_j is the share of the corpus'
    documents that have word j. With these weights a document of usual length has word j with
    probability p_j: after draws at a total rate of 1 the chance to have missed it is exp(-w_j).
    Words are independent otherwise: there are no topics, and nothing can be learned from these
    documents. They are for measuring time and memory.

    Args:
        X: shape (n, d): the corpus, sparse; what is not 0 is a word that occurs.
        terms: the name of each column.
        seed: draws everything.

    Raises:
        InputError: if `X` cannot be used, is empty of words, or has other columns than `terms`.
        SettingError: if the seed is out of range.
    """

    def __init__(self, X: Any, terms: Sequence[str], *, seed: int):
        matrix = check_inputs(sparse.csr_array(X), n_features=len(terms))
        occurs = sparse.csr_array(matrix != 0)  # a copy: `matrix` may be the caller's
        if not occurs.nnz:
            raise InputError("X has no words; expected documents with at least one")
        self.terms = tuple(terms)
        frequencies = np.bincount(occurs.indices, minlength=len(terms))
        # n + 1, so that a word of all documents has a finite weight.
        self._weights = -np.log1p(-frequencies / (matrix.shape[0] + 1))
        self._cumulative = np.cumsum(self._weights)
        self._lengths = np.diff(occurs.indptr)
        generator(seed, "documents")  # complains about a seed that is none
        self._seed = seed

    @property
    def checksum(self) -> str:
        """SHA-256 of all that decides the documents."""
        digest = hashlib.sha256(f"{self._seed} {CHUNK}".encode())
        for values in (self._weights, self._lengths.astype(np.int64)):
            digest.update(values.tobytes())
        return digest.hexdigest()

    def documents(self, start: int, count: int) -> Any:
        """Return the documents from number `start`.

        Args:
            start: number of the first.
            count: how many.

        Returns:
            shape (count, number of terms), float32 CSR of ones.

        Raises:
            SettingError: if `start` is below 0 or `count` below 1.
        """
        if start < 0 or count < 1:
            raise SettingError(f"start is {start} and count {count}; give 0 and 1, or more")
        first, last = start // CHUNK, (start + count - 1) // CHUNK
        chunks = [self._chunk(number) for number in range(first, last + 1)]
        matrix = sparse.csr_array(sparse.vstack(chunks, format="csr"))
        return matrix[start - first * CHUNK : start - first * CHUNK + count]

    def _chunk(self, number: int) -> Any:
        random = generator(self._seed, "documents", number)
        lengths = random.choice(self._lengths, size=CHUNK).astype(np.int64)
        d = len(self.terms)
        keys = np.empty(0, dtype=np.int64)  # document * d + word, in the order of the draws
        for _ in range(_ROUNDS):
            lacking = lengths - np.bincount(keys // d, minlength=CHUNK)
            draws = np.ceil(_MARGIN * np.maximum(lacking, 0)).astype(np.int64)
            if not draws.any():
                break
            total = self._cumulative[-1]
            drawn = np.searchsorted(
                self._cumulative, total * random.random(draws.sum()), side="right"
            )
            new = np.repeat(np.arange(CHUNK), draws) * d + drawn
            keys = _first_ones(np.concatenate([keys, new]), lengths, d)
        keys = np.concatenate([keys, *self._rest(keys, lengths, random)])
        keys.sort()
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        arrays = (np.ones(len(keys), np.float32), (keys % d).astype(np.int32), indptr)
        return sparse.csr_array(arrays, shape=(CHUNK, d))

    def _rest(
        self, keys: np.ndarray, lengths: np.ndarray, random: np.random.Generator
    ) -> list[np.ndarray]:
        """Complete the documents that still lack words: a few long ones.

        Arrival times, exponential with rate w_j, order the words as successive draws do; that
        costs d numbers a document, but no number of words makes it slow.
        """
        d = len(self.terms)
        found = []
        lacking = lengths - np.bincount(keys // d, minlength=CHUNK)
        for document in np.flatnonzero(lacking):
            with np.errstate(divide="ignore"):
                times = random.standard_exponential(d) / self._weights
            times[keys[keys // d == document] % d] = np.inf
            found.append(document * d + np.argsort(times, kind="stable")[: lacking[document]])
        return found


def _first_ones(keys: np.ndarray, lengths: np.ndarray, d: int) -> np.ndarray:
    """Return the different keys in their order, of each document no more than its length."""
    _, positions = np.unique(keys, return_index=True)
    keys = keys[np.sort(positions)]
    by_document = np.argsort(keys // d, kind="stable")
    documents = keys[by_document] // d
    rank = np.arange(len(keys)) - np.searchsorted(documents, documents)  # within its document
    kept: np.ndarray = keys[by_document[rank < lengths[documents]]]
    return kept
