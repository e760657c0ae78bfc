"""The real files, read only as far as it takes to know that they are understood."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from rectinet.data.text import Duplicates, find_amazon, find_imdb, read_reviews


def test_imdb_begins_as_it_should(real_files: Callable[[str], Path]) -> None:
    folder = find_imdb(real_files("imdb"))
    if not folder or not (folder / "train.jsonl.gz").is_file():
        pytest.skip("the files of imdb are not on this machine as JSON lines")
    for name, labeled in (("train", True), ("test", True), ("unsup_even", False)):
        reviews = read_reviews(folder / f"{name}.jsonl.gz", labeled=labeled)
        first = list(itertools.islice(reviews, 500))
        assert {review.stars for review in first} <= ({*range(1, 11)} if labeled else {None})
        assert all(review.text and "<br" not in review.text for review in first)


def test_amazon_has_the_copies_that_its_authors_left_in(real_files: Callable[[str], Path]) -> None:
    folder = find_amazon(real_files("amazon"))
    if not folder or not (folder / "amazon4").is_dir():
        pytest.skip("the files of amazon are not on this machine as JSON lines")
    reviews = list(read_reviews(folder / "amazon4/labelled.jsonl.gz", domain_column="domain"))
    assert len(reviews) == 8000
    assert {review.stars for review in reviews} == {1, 2, 4, 5}
    texts = {review.text for review in reviews}
    different = list(Duplicates().removed(reviews, "all"))
    # Those alike up to case, spaces and punctuation are fewer than those alike to the letter.
    assert 0 < len(texts) - len(different) < 100
