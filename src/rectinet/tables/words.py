"""Columns of text as bags of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd

from rectinet.data import BagOfWords
from rectinet.data.text import WEIGHTINGS
from rectinet.errors import InputError
from rectinet.tables import state
from rectinet.tables.kinds import as_text
from rectinet.tables.state import Arrays, Values

TEXT_WEIGHTS = WEIGHTINGS


class Words:
    """A column of text as a bag of words.

    Args:
        name: the column.
        terms: the words that have a column in the matrix, in its order.
        idf: for ``"tfidf"``, the weight of each, shape (n_terms,), float64; None for ``"binary"``,
            where a word that occurs counts 1.
    """

    def __init__(self, name: str, terms: Sequence[str], idf: np.ndarray | None):
        self.names = [name]
        self.terms = list(terms)
        self.idf = idf
        self._bag = BagOfWords(tuple(terms), idf)

    @classmethod
    def fit(cls, name: str, texts: Sequence[str], *, weights: str, most: int) -> Self:
        """Learn the most frequent words.

        Args:
            name: the column.
            texts: its values.
            weights: one of `TEXT_WEIGHTS`.
            most: how many words have a column in the matrix.

        Raises:
            InputError: if there are no words.
        """
        try:
            bag = BagOfWords.fit(texts, n_words=most, weighting=weights)
        except InputError as error:
            raise InputError(
                f"column {name!r} has no words of two letters or more in it; expected text: leave "
                f"it out with --drop {name}"
            ) from error
        return cls(name, bag.terms, bag.idf)

    def matrix(self, frame: pd.DataFrame, source: str) -> Any:
        """Return float32 CSR, shape (n, n_terms)."""
        return self._bag.transform(texts_of(frame[self.names[0]]))

    def feature_names(self) -> list[str]:
        """Return ``column:word`` for each word."""
        return [f"{self.names[0]}:{term}" for term in self.terms]

    def to_values(self) -> tuple[Values, Arrays]:
        """Return name and words, and idf as an array."""
        values = {
            "name": self.names[0],
            "weights": TEXT_WEIGHTS[self.idf is not None],
            "terms": self.terms,
        }
        return values, {} if self.idf is None else {"idf": self.idf}

    @classmethod
    def from_values(cls, values: Any, arrays: Mapping[str, np.ndarray]) -> Self:
        """Build it again from what `to_values` returned; see `Numbers.from_values`."""
        name, weights = state.field(values, "name", str), state.field(values, "weights", str)
        terms = state.names(values, "terms")
        if not terms or weights not in TEXT_WEIGHTS:
            raise state.damaged(f"the text column {name!r} has no words, or unknown weights")
        idf = state.numbers(arrays, "idf", len(terms)) if weights == "tfidf" else None
        return cls(name, terms, idf)


def texts_of(column: pd.Series) -> list[str]:
    """Return a column's texts, empty where one is missing."""
    return ["" if text is None else text for text in as_text(column)]
