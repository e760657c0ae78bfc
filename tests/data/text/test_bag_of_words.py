from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from rectinet.data import BagOfWords
from rectinet.data.text.bag_of_words import count_words, most_frequent
from rectinet.errors import InputError, SettingError

# How many texts have each word: food 3, good 2, bad 1, tea 1; all occurrences: good 4.
TEXTS = ["Good good food", "good, GOOD food!", "bad food & tea"]

texts = st.lists(st.text("abc d", min_size=3, max_size=30), min_size=1, max_size=8).filter(
    lambda lines: any(len(word) > 1 for line in lines for word in line.split())
)


def test_the_words_of_most_texts_have_the_columns() -> None:
    bag = BagOfWords.fit(iter(TEXTS), n_words=2)
    assert bag.terms == ("food", "good")
    X = bag.transform(["good tea", "nothing known", "Food, good food"])
    assert sparse.issparse(X) and X.format == "csr" and X.dtype == np.float32
    np.testing.assert_array_equal(X.toarray(), [[0, 1], [0, 0], [1, 1]])


def test_equally_frequent_words_are_taken_by_the_alphabet() -> None:
    assert BagOfWords.fit(TEXTS, n_words=3).terms == ("bad", "food", "good")
    assert BagOfWords.fit(TEXTS, n_words=99).terms == ("bad", "food", "good", "tea")
    np.testing.assert_array_equal(most_frequent(np.array([0, 3, 1, 3]), 9), [1, 2, 3])


def test_tfidf_by_hand() -> None:
    bag = BagOfWords.fit(TEXTS, n_words=2, weighting="tfidf")
    food, good = 1.0, np.log(4 / 3) + 1  # ln((1 + 3) / (1 + df)) + 1, df = 3 and 2
    row = np.array([food, 2 * good])
    X = bag.transform(TEXTS[:1])
    assert X.dtype == np.float32
    np.testing.assert_allclose(X.toarray()[0], row / np.linalg.norm(row), rtol=1e-6)


@settings(max_examples=25)  # scikit-learn checks its settings at each call
@given(texts)
def test_with_all_words_it_is_what_scikit_learn_does(lines: list[str]) -> None:
    for weighting, vectorizer in (
        ("binary", CountVectorizer(binary=True)),
        ("tfidf", TfidfVectorizer()),
    ):
        bag = BagOfWords.fit(lines, n_words=1000, weighting=weighting)
        expected = vectorizer.fit_transform(lines)
        assert list(bag.terms) == list(vectorizer.get_feature_names_out())
        X = bag.transform(lines)
        np.testing.assert_allclose(X.toarray(), expected.toarray(), rtol=1e-6)
        counts, words = count_words(lines)
        assert words == bag.terms
        np.testing.assert_array_equal(bag.weigh(counts).toarray(), X.toarray())


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"n_words": 0}, SettingError, "n_words is 0"),
        ({"n_words": 2.5}, SettingError, "n_words is 2.5"),
        ({"weighting": "counts"}, SettingError, "'counts'; give one of binary, tfidf"),
        ({"texts": ["a !", ""]}, InputError, "the 2 texts have no words"),
        ({"texts": []}, InputError, "the 0 texts have no words"),
        ({"texts": "one text"}, InputError, "texts is 'one text'; give several"),
        ({"texts": None}, InputError, "texts is None"),
        ({"texts": ["a text", 3]}, InputError, "text 2 is 3; expected a text"),
    ],
)
def test_what_cannot_be_learned(
    settings: dict[str, Any], kind: Any, message: str, raises_one_line: Any
) -> None:
    with raises_one_line(kind, message):
        BagOfWords.fit(**{"texts": TEXTS} | settings)


@pytest.mark.parametrize(
    ("terms", "idf", "message"),
    [
        ((), None, r"terms is \(\); give the words"),
        ("word", None, "terms is 'word'"),
        (None, None, "terms is None"),
        (("good", 3), None, "terms holds 3"),
        (("good", "good"), None, "holds a word twice"),
        (("good", "bad"), np.ones(3), r"idf has shape \(3,\); expected \(2,\)"),
    ],
)
def test_words_that_cannot_be(terms: Any, idf: Any, message: str, raises_one_line: Any) -> None:
    with raises_one_line(InputError, message):
        BagOfWords(terms, idf)


@pytest.mark.parametrize("texts", ["good", None, ["good", None], [b"good"]])
def test_what_is_no_text(texts: Any, raises_one_line: Any) -> None:
    with raises_one_line(InputError, "text"):
        BagOfWords(("good",)).transform(texts)


def test_nothing_to_count(raises_one_line: Any) -> None:
    with raises_one_line(InputError, "no words"):
        count_words(["?"])
