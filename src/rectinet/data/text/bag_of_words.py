"""Texts as bags of words: a column for each of the most frequent words, CSR throughout."""

from __future__ import annotations

import reprlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import sparse

from rectinet.errors import InputError, SettingError

WEIGHTINGS = ("binary", "tfidf")


@dataclass(frozen=True, eq=False)
class BagOfWords:
    """The words that have a column, and what a word in a text counts.

    A word is what scikit-learn's `CountVectorizer` takes for one: two or more letters, digits or
    underscores, in lower case.

    Attributes:
        terms: the words, in the order of their columns (alphabetical).
        idf: shape (n_terms,), float64: the inverse document frequency of each, for tf-idf with
            rows of length 1, as scikit-learn's `TfidfTransformer` computes it. None: binary, a
            word that occurs counts 1 (paper, section 4.2).
    """

    terms: tuple[str, ...]
    idf: np.ndarray | None = None

    def __post_init__(self) -> None:
        terms: Any = self.terms
        if isinstance(terms, str) or not isinstance(terms, Sequence) or not terms:
            raise InputError(
                f"terms is {reprlib.repr(self.terms)}; give the words, at least one: "
                "BagOfWords.fit(texts) learns them"
            )
        wrong = next((term for term in self.terms if not isinstance(term, str) or not term), None)
        if wrong is not None or len(set(self.terms)) < len(self.terms):
            told = "a word twice" if wrong is None else f"{wrong!r:.60}"
            raise InputError(f"terms holds {told}; give different words, each a text")
        if self.idf is not None and np.shape(self.idf) != (len(self.terms),):
            raise InputError(
                f"idf has shape {np.shape(self.idf)}; expected ({len(self.terms)},): one for each "
                "word"
            )

    @classmethod
    def fit(
        cls, texts: Iterable[str], *, n_words: int = 5000, weighting: str = "binary"
    ) -> BagOfWords:
        """Learn the most frequent words of the texts to train on, labeled or not.

        The most frequent words are those that occur in the most texts. (Counting every occurrence
        instead is what scikit-learn does for tf-idf; here both weightings have the same words.)

        Args:
            texts: read one at a time; words and their frequencies are all that is in memory.
            n_words: how many words have a column; fewer if there are not so many. Of equally
                frequent ones the first in the alphabet have it.
            weighting: ``"binary"`` or ``"tfidf"``.

        Raises:
            InputError: if there are no words in the texts, or one is no text.
            SettingError: if `n_words` is below 1 or `weighting` unknown.
        """
        words = _vectorizer().build_analyzer()
        frequencies: Counter[str] = Counter()
        n_texts = 0
        for text in _checked(texts):
            frequencies.update(set(words(text)))
            n_texts += 1
        terms = sorted(frequencies)
        counts = np.fromiter((frequencies[term] for term in terms), np.int64, len(terms))
        columns = most_frequent(counts, n_words)
        return cls.of([terms[column] for column in columns], counts[columns], n_texts, weighting)

    @classmethod
    def of(
        cls, terms: Sequence[str], frequencies: np.ndarray, n_texts: int, weighting: str
    ) -> Self:
        """Return the bag of these words.

        Args:
            terms: the words, in the order of their columns.
            frequencies: shape (n_terms,): the number of texts that have each of them.
            n_texts: the number of texts.
            weighting: ``"binary"`` or ``"tfidf"``.

        Raises:
            InputError: if there are no words.
            SettingError: if `weighting` is unknown.
        """
        if weighting not in WEIGHTINGS:
            raise SettingError(f"weighting is {weighting!r}; give one of {', '.join(WEIGHTINGS)}")
        if not len(terms):
            raise InputError(
                f"the {n_texts} texts have no words; expected words of two letters or more: check "
                "which column holds the texts"
            )
        smooth = np.log((1 + n_texts) / (1 + frequencies)) + 1  # TfidfTransformer, smooth_idf=True
        return cls(tuple(terms), smooth if weighting == "tfidf" else None)

    def transform(self, texts: Iterable[str]) -> Any:
        """Return the texts' matrix, shape (n, n_terms), float32 CSR.

        Raises:
            InputError: if one of them is no text.
        """
        return self.weigh(_vectorizer(vocabulary=self.terms).transform(_checked(texts)))

    def weigh(self, counts: Any) -> Any:
        """Return the matrix of texts whose words have been counted.

        Args:
            counts: shape (n, n_terms), float32 CSR: how often each text has each word.

        Returns:
            shape (n, n_terms), float32 CSR; shares its columns' numbers with `counts`.
        """
        if self.idf is None:
            ones = np.ones_like(counts.data)
            return sparse.csr_array((ones, counts.indices, counts.indptr), shape=counts.shape)
        from sklearn.feature_extraction.text import TfidfTransformer

        transformer = TfidfTransformer()
        transformer.idf_ = self.idf
        return sparse.csr_array(transformer.transform(counts))


def count_words(texts: Iterable[str]) -> tuple[Any, tuple[str, ...]]:
    """Count all words of some texts.

    Returns:
        The counts, shape (n, number of different words), float32 CSR; and the words, in the order
        of the columns (alphabetical).

    Raises:
        InputError: if there are no words in the texts.
    """
    vectorizer = _vectorizer()
    try:
        counts = vectorizer.fit_transform(_checked(texts))
    except InputError:
        raise
    except ValueError as error:
        raise InputError(
            "the texts have no words; expected words of two letters or more: check which column "
            "holds the texts"
        ) from error
    return sparse.csr_array(counts), tuple(map(str, vectorizer.get_feature_names_out()))


def _checked(texts: Iterable[str]) -> Iterator[str]:
    """Yield the texts.

    Raises:
        InputError: if there is one text instead of several, or one of them is no text.
    """
    if isinstance(texts, str) or not isinstance(texts, Iterable):
        raise InputError(f"texts is {reprlib.repr(texts)}; give several texts, such as a list")
    for number, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            raise InputError(f"text {number} is {text!r:.60}; expected a text, empty if missing")
        yield text


def most_frequent(frequencies: np.ndarray, n_words: int) -> np.ndarray:
    """Return the columns of the most frequent words, ascending.

    Args:
        frequencies: shape (d,): the number of texts that have each word.
        n_words: how many; words that occur in no text are not among them.

    Raises:
        SettingError: if `n_words` is below 1.
    """
    if not isinstance(n_words, int | np.integer) or n_words < 1:
        raise SettingError(f"n_words is {n_words!r}; give a whole number of 1 or more")
    descending = np.argsort(-frequencies, kind="stable")[:n_words]
    return np.sort(descending[frequencies[descending] > 0])


def _vectorizer(**settings: Any) -> Any:
    from sklearn.feature_extraction.text import CountVectorizer  # on use: it takes long to import

    return CountVectorizer(dtype=np.float32, **settings)
