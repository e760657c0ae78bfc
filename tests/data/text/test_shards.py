from __future__ import annotations

import json
import mmap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from rectinet.data import BagOfWords, Review
from rectinet.data.text import (
    SampledDocuments,
    ShardedCorpus,
    ShardWriter,
    sample_corpus,
    write_corpus,
)
from rectinet.errors import DataError, InputError, SettingError, StorageError

TEXTS = ["good food", "bad food", "", "good good tea", "tea"]
REVIEWS = [Review(text, stars) for text, stars in zip(TEXTS, (5.0, 1.0, None, 4.0, 3.0))]  # noqa: B905
TERMS = ("bad", "food", "good", "tea")
MATRIX = np.array([[0, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1]])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write five reviews in three shards."""
    bag = BagOfWords.fit(TEXTS)
    return write_corpus(tmp_path / "corpus", REVIEWS, bag, shard_size=2).folder


def test_what_is_written_is_read(folder: Path) -> None:
    corpus = ShardedCorpus(folder)
    assert (len(corpus), corpus.n_documents, corpus.n_features) == (3, 5, 4)
    assert corpus.terms == TERMS
    shards = list(corpus)
    np.testing.assert_array_equal(np.vstack([X.toarray() for X, _ in shards]), MATRIX)
    stars = np.concatenate([stars for _, stars in shards if stars is not None])
    np.testing.assert_array_equal(stars, [5, 1, np.nan, 4, 3])
    np.testing.assert_array_equal(corpus[-1].X.toarray(), MATRIX[4:])
    with pytest.raises(IndexError):
        corpus[3]


def test_shards_are_mapped_float32_and_read_only(folder: Path) -> None:
    for X, _ in ShardedCorpus(folder):
        assert X.format == "csr" and X.dtype == np.float32 and X.indices.dtype == np.int32
        owner: Any = X.data
        while isinstance(owner, np.ndarray):
            owner = owner.base
        assert isinstance(owner, mmap.mmap)
        with pytest.raises(ValueError, match="read-only"):
            X.data[0] = 2


@settings(max_examples=25)  # files are flushed to the disk
@given(st.lists(st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=1)))
def test_any_matrices_come_back(tmp_path_factory: Any, blocks: list[list[list[int]]]) -> None:
    folder = tmp_path_factory.mktemp("corpus")
    writer = ShardWriter(folder, ("a", "b", "c"))
    for block in blocks:
        writer.append(sparse.coo_array(np.array(block, dtype=float)))
    assert writer.n_documents == sum(map(len, blocks))
    if blocks:
        corpus = ShardedCorpus(folder)
        for block, (X, stars) in zip(blocks, corpus, strict=True):
            np.testing.assert_array_equal(X.toarray(), block)
            assert stars is None


@pytest.mark.parametrize("stopped_after", [0, 1, 2])
def test_a_stopped_writer_goes_on(stopped_after: int, folder: Path, tmp_path: Path) -> None:
    bag = BagOfWords.fit(TEXTS)

    def interrupted() -> Iterator[Review]:
        yield from REVIEWS[: 2 * stopped_after + 1]
        raise KeyboardInterrupt

    stopped, written = tmp_path / "stopped", []
    with pytest.raises(KeyboardInterrupt):
        write_corpus(stopped, interrupted(), bag, shard_size=2, progress=written.append)
    assert written == [2, 4][:stopped_after]
    write_corpus(stopped, REVIEWS, bag, shard_size=2, progress=written.append)
    assert written == [2, 4, 5]
    for file in folder.iterdir():
        assert (stopped / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("reviews", "bag", "message"),
    [
        (REVIEWS, BagOfWords.fit(TEXTS, weighting="tfidf"), "idf is None; expected '"),
        (REVIEWS, BagOfWords(TERMS[:3]), "4 other columns"),
        ([REVIEWS[1], *REVIEWS[1:]], BagOfWords(TERMS), "first 5 documents are others"),
        ([Review(TEXTS[0], 4.0), *REVIEWS[1:]], BagOfWords(TERMS), "first 5 documents are others"),
        (REVIEWS[:3], BagOfWords(TERMS), "first 5 documents are others"),
    ],
)
def test_another_corpus_is_not_gone_on_with(
    reviews: list[Review], bag: BagOfWords, message: str, folder: Path, raises_one_line: Any
) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with raises_one_line(DataError, f"holds a corpus .*{message}.*choose another folder"):
        write_corpus(folder, reviews, bag, shard_size=2)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_another_size_of_shards_is_not_gone_on_with(folder: Path, raises_one_line: Any) -> None:
    with raises_one_line(DataError, "whose shard_size is 2; expected 3"):
        write_corpus(folder, REVIEWS, BagOfWords(TERMS), shard_size=3)


def test_tfidf_of_other_texts_is_another_weighting(tmp_path: Path, raises_one_line: Any) -> None:
    bag = BagOfWords.fit(TEXTS, weighting="tfidf")
    write_corpus(tmp_path, REVIEWS, bag)
    write_corpus(tmp_path, REVIEWS, bag)
    with raises_one_line(DataError, "whose idf is"):
        write_corpus(tmp_path, REVIEWS, BagOfWords.fit([*TEXTS, "tea"], weighting="tfidf"))
    with raises_one_line(DataError, "whose idf is"):
        write_corpus(tmp_path, REVIEWS, BagOfWords(TERMS))


def test_more_reviews_are_added_to_those_there(folder: Path) -> None:
    more = [*REVIEWS, Review("bad tea", 2.0)]
    corpus = write_corpus(folder, more, BagOfWords(TERMS), shard_size=np.int64(2))
    assert corpus.n_documents == 6
    np.testing.assert_array_equal(corpus[-1].X.toarray(), [[1, 0, 0, 1]])


@pytest.mark.parametrize("name", ["data", "indices", "indptr", "stars"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "altered"])
def test_a_damaged_shard_is_named(
    name: str, damage: str, folder: Path, raises_one_line: Any
) -> None:
    path = folder / f"00001.{name}.npy"
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        altered = content[:-1] + bytes([content[-1] ^ 1])
        path.write_bytes(content[:-1] if damage == "truncated" else altered)
    corpus = ShardedCorpus(folder)
    assert corpus[0].X.shape == (2, 4)  # the others can be read
    with raises_one_line(DataError, f"00001.{name}.npy is {damage if damage == 'missing' else ''}"):
        corpus[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content | {"format": "rectinet corpus 2"}, "its format is"),
        (lambda content: content | {"shards": [{"n_documents": 1}]}, "is damaged"),
        (lambda content: content | {"shards": [3]}, "is damaged"),
        (lambda content: content | {"shards": []}, "without documents"),
        (lambda content: content | {"terms": ["a", "b"]}, "features; expected 2|damaged"),
        (lambda content: {"format": "rectinet corpus 1"}, "is damaged"),
    ],
)
def test_a_damaged_list_is_named(
    change: Callable[[Any], Any], message: str, folder: Path, raises_one_line: Any
) -> None:
    path = folder / "corpus.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with raises_one_line(DataError, message):
        list(ShardedCorpus(folder))
    path.write_text("[1")
    with raises_one_line(DataError, "damaged"):
        ShardedCorpus(folder)
    path.unlink()
    with raises_one_line(DataError, r"no corpus: there is no corpus.json"):
        ShardedCorpus(folder)


def test_what_cannot_be_written(folder: Path, tmp_path: Path, raises_one_line: Any) -> None:
    with raises_one_line(DataError, "4 other columns; expected these 2"):
        ShardWriter(folder, ("a", "b"))
    writer = ShardWriter(tmp_path / "new", TERMS)
    with raises_one_line(InputError, "3 features; expected 4"):
        writer.append(sparse.csr_array((2, 3)))
    with raises_one_line(InputError, r"stars has shape \(3,\); expected \(2,\)"):
        writer.append(sparse.csr_array((2, 4)), stars=[1, 2, 3])
    assert writer.n_documents == 0
    with raises_one_line(InputError, "no reviews"):
        write_corpus(tmp_path / "none", [], BagOfWords(TERMS))
    with raises_one_line(InputError, "shard_size is 0"):
        write_corpus(tmp_path / "none", REVIEWS, BagOfWords(TERMS), shard_size=0)
    with raises_one_line(InputError, "shard_size is '9'"):
        write_corpus(tmp_path / "none", REVIEWS, BagOfWords(TERMS), shard_size="9")  # type: ignore[arg-type]
    with raises_one_line(SettingError, r"bag is \['bad'\]; give a BagOfWords"):
        write_corpus(tmp_path / "none", REVIEWS, ["bad"])  # type: ignore[arg-type]
    for reviews in (TEXTS, [Review(None)], [Review("a", "5")], 3):  # type: ignore[arg-type]
        with raises_one_line(InputError, "review"):
            write_corpus(tmp_path / "none", reviews, BagOfWords(TERMS))  # type: ignore[arg-type]
    with raises_one_line(StorageError, "the path is None"):
        write_corpus(None, REVIEWS, BagOfWords(TERMS))  # type: ignore[arg-type]


@pytest.fixture
def real() -> Any:
    """Return 2,000 documents of 5 to 40 of 200 words, some much more frequent than others."""
    random = np.random.default_rng(0)
    frequency = 0.9 / np.arange(1, 201) ** 0.7
    X = random.random((2000, 200)) < frequency * random.uniform(0.5, 1.1, (2000, 1))
    return sparse.csr_array(X.astype(np.float32))


def test_sampled_documents_have_the_statistics_of_the_corpus(real: Any) -> None:
    n = 4000
    X = SampledDocuments(real, range(200), seed=0).documents(0, n)
    assert X.has_canonical_format and set(X.data) == {1.0}
    lengths, expected_lengths = np.diff(X.indptr), np.diff(real.indptr)
    # Lengths are drawn from the real ones: the mean of n draws is off by 4 standard errors at most.
    error = expected_lengths.std() / np.sqrt(n)
    assert abs(lengths.mean() - expected_lengths.mean()) < 4 * error
    assert set(lengths) <= set(expected_lengths)
    share, expected = (matrix.mean(axis=0) for matrix in (X, real))
    # Frequencies are met to first order only: what lengths and words have in common is lost.
    common = expected > 0.05
    np.testing.assert_allclose(share[common], expected[common], rtol=0.2)
    assert np.corrcoef(share, expected)[0, 1] > 0.99


def test_a_sampled_document_depends_on_its_number_alone(real: Any) -> None:
    documents = SampledDocuments(real, range(200), seed=3)
    whole = documents.documents(0, 2500).toarray()
    np.testing.assert_array_equal(documents.documents(990, 1020).toarray(), whole[990:2010])
    again = SampledDocuments(real, range(200), seed=3)
    np.testing.assert_array_equal(again.documents(2499, 1).toarray(), whole[2499:])
    assert (SampledDocuments(real, range(200), seed=4).documents(0, 9) != whole[:9]).any()


def test_documents_of_nearly_all_words_are_completed() -> None:
    # Word 9 is in one of 500 documents of ten words: draws alone would take thousands.
    X = np.ones((500, 10))
    X[1:, 9] = 0
    lengths = np.diff(
        SampledDocuments(sparse.csr_array(X), range(10), seed=0).documents(0, 3000).indptr
    )
    assert set(lengths) == {9, 10}


def test_a_sampled_corpus_is_resumed_with_the_same_files(real: Any, tmp_path: Path) -> None:
    documents = SampledDocuments(real, range(200), seed=0)
    whole = sample_corpus(tmp_path / "whole", documents, 2500, shard_size=1000)
    sample_corpus(tmp_path / "parts", documents, 1000, shard_size=1000)
    parts = sample_corpus(tmp_path / "parts", documents, 2500, shard_size=1000)
    assert (len(parts), parts.n_documents) == (3, 2500)
    other = SampledDocuments(real, range(200), seed=1)
    with pytest.raises(DataError, match="sampled from"):
        sample_corpus(tmp_path / "parts", other, 3000, shard_size=1000)
    for file in whole.folder.iterdir():
        assert (parts.folder / file.name).read_bytes() == file.read_bytes()


def test_what_cannot_be_sampled(real: Any, tmp_path: Path, raises_one_line: Any) -> None:
    with raises_one_line(InputError, "no words"):
        SampledDocuments(sparse.csr_array((3, 2)), "ab", seed=0)
    with raises_one_line(InputError, "200 features; expected 2"):
        SampledDocuments(real, "ab", seed=0)
    with raises_one_line(SettingError, "seed is -1"):
        SampledDocuments(real, range(200), seed=-1)
    documents = SampledDocuments(real, range(200), seed=0)
    with raises_one_line(SettingError, "start is -1 and count 1"):
        documents.documents(-1, 1)
    with raises_one_line(InputError, "n_documents is 0"):
        sample_corpus(tmp_path / "none", documents, 0)
    with raises_one_line(SettingError, "documents is 3"):
        sample_corpus(tmp_path / "none", 3, 1)  # type: ignore[arg-type]
