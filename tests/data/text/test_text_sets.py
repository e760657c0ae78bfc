from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.data import (
    Dataset,
    dataset_names,
    describe,
    load_amazon,
    load_dataset,
    load_imdb,
    load_restaurant_reviews,
)
from rectinet.data.text import AMAZON_DOMAINS, counted
from rectinet.data.text.restaurants import RESTAURANT_FILE
from rectinet.errors import DataError, SettingError

SIZES = {"n_labeled": 16, "n_validation": 8, "n_test": 16}
STARS = (1, 2, 3, 4, 7, 8, 9, 10)


def _text(part: str, number: int) -> str:
    """Return a text that tells its own place, and no word that other parts have but "film"."""
    return f"film {part} {part}{number}"


@pytest.fixture
def imdb_records() -> dict[str, list[dict[str, Any]]]:
    """Return 40 reviews of each labeled part, 5 of each rating, and 10 unlabeled ones."""
    records: dict[str, list[dict[str, Any]]] = {
        part: [{"text": _text(part, i), "stars": STARS[i % 8]} for i in range(40)]
        for part in ("train", "test")
    }
    records["train"].append({"text": _text("test", 3).upper(), "stars": STARS[3]})
    records["unsup"] = [{"text": _text("unsup", i)} for i in range(10)]
    return records


@pytest.fixture
def write_imdb(
    imdb_records: dict[str, list[dict[str, Any]]],
    write_jsonl: Callable[..., Path],
    write_files: Callable[..., Path],
) -> Callable[[Path, str], Path]:
    def write(folder: Path, form: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        if form == "jsonl":
            for part in ("train", "test"):
                write_jsonl(folder / f"{part}.jsonl.gz", imdb_records[part])
            unsup = imdb_records["unsup"]
            write_jsonl(folder / "unsup_even.jsonl.gz", unsup[::2])
            write_jsonl(folder / "unsup_odd.jsonl.gz", unsup[1::2])
            return folder
        files = {}
        for part, records in imdb_records.items():
            for i, record in enumerate(records):
                stars = record.get("stars", 0)
                kind = "unsup" if part == "unsup" else "pos" if stars > 5 else "neg"
                where = "train" if part == "unsup" else part
                files[f"{where}/{kind}/{i}_{stars}.txt"] = record["text"].encode()
        if form == "archive":
            files = {f"aclImdb/{name}": files[name] for name in files}
        write_files(folder / ("aclImdb_v1.tar.gz" if form == "archive" else "aclImdb"), files)
        return folder

    return write


def _texts(dataset: Dataset, X: Any) -> set[tuple[str, ...]]:
    """Return the words of each row."""
    names = np.array(dataset.feature_names)
    return {tuple(names[row.indices]) for row in (X[[i]] for i in range(X.shape[0]))}


def test_imdb_is_split_as_described(tmp_path: Path, write_imdb: Callable[..., Path]) -> None:
    write_imdb(tmp_path / "imdb", "jsonl")
    data = load_imdb(tmp_path, seed=3, **SIZES)
    assert data.unlabeled is not None and data.class_values is not None
    assert data.classes == ("1", "2", "3", "4", "7", "8", "9", "10")
    np.testing.assert_array_equal(data.class_values, STARS)
    for split, per_class in ((data.train, 2), (data.validation, 1), (data.test, 2)):
        np.testing.assert_array_equal(np.bincount(split.y), [per_class] * 8)
        assert set(split.X.data) == {1.0}
    # 40 - 16 - 8 of the training reviews, and the 10 unlabeled ones.
    assert data.unlabeled.shape[0] == 26
    assert data.pretraining_inputs.shape[0] == 42
    # One more in the training file, which stands in the test file as well.
    assert "1 of test in train" in data.provenance


def test_the_vocabulary_is_that_of_training_texts(
    tmp_path: Path, write_imdb: Callable[..., Path]
) -> None:
    write_imdb(tmp_path, "jsonl")
    data = load_imdb(tmp_path, **SIZES)
    words = set(data.feature_names)
    assert {"film", "train", "unsup", "unsup3"} <= words
    assert not any(word.startswith("test") for word in words)
    # Each training and unlabeled review brings one word of its own, those for validation none.
    assert len(words) == 3 + 16 + 26
    assert _texts(data, data.test.X) == {("film",)}
    assert _texts(data, data.validation.X) == {("film", "train")}
    fewer = load_imdb(tmp_path, n_words=2, weighting="tfidf", **SIZES)
    assert fewer.feature_names == ("film", "train")
    np.testing.assert_allclose(fewer.train.X.power(2).sum(axis=1), 1, rtol=1e-6)


def test_every_form_of_imdb_gives_the_same_data(
    tmp_path: Path, write_imdb: Callable[..., Path]
) -> None:
    checksums = [
        load_imdb(write_imdb(tmp_path / form, form), **SIZES).checksum
        for form in ("jsonl", "folder", "archive")
    ]
    assert checksums[0] == checksums[1] == checksums[2]
    other = load_imdb(tmp_path / "folder" / "aclImdb", seed=1, **SIZES).checksum
    assert other != checksums[0]


def test_counts_are_kept_until_a_file_changes(
    tmp_path: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    imdb_records: dict[str, list[dict[str, Any]]],
    write_imdb: Callable[..., Path],
) -> None:
    write_imdb(tmp_path, "jsonl")
    fresh = load_imdb(tmp_path, cache=False, **SIZES)
    assert not list(cache.rglob("*.safetensors"))
    first = load_imdb(tmp_path, **SIZES)
    with monkeypatch.context() as patched:
        patched.setattr(counted, "count_words", None)  # what is kept needs no counting
        second = load_imdb(tmp_path, **SIZES)
    assert fresh.checksum == first.checksum == second.checksum
    assert fresh.provenance == second.provenance
    (kept,) = cache.rglob("*.safetensors")
    kept.write_bytes(kept.read_bytes()[:-1])  # damaged: counted again
    assert load_imdb(tmp_path, **SIZES).checksum == first.checksum
    imdb_records["unsup"].append({"text": "something new"})
    write_imdb(tmp_path, "jsonl")
    assert "new" in load_imdb(tmp_path, **SIZES).feature_names


def test_restaurant_reviews_with_half_stars_lose_them(
    tmp_path: Path, write_jsonl: Callable[..., Path]
) -> None:
    records = [{"text": f"meal w{i}", "stars": 1 + i % 5} for i in range(50)]
    records += [{"text": f"snack h{i}", "stars": 3.5} for i in range(4)] + records[:2]
    write_jsonl(tmp_path / "text" / "zomato" / RESTAURANT_FILE, records)
    data = load_restaurant_reviews(tmp_path)
    splits = (data.train, data.validation, data.test)
    assert [np.bincount(split.y).tolist() for split in splits] == [[6] * 5, [2] * 5, [2] * 5]
    assert data.class_values is not None and data.unlabeled is not None
    np.testing.assert_array_equal(data.class_values, [1, 2, 3, 4, 5])
    assert _texts(data, data.unlabeled) == {(f"h{i}", "snack") for i in range(4)}
    assert "duplicates removed: 2 in reviews" in data.provenance


@pytest.fixture
def amazon(tmp_path: Path, write_jsonl: Callable[..., Path]) -> Path:
    """Write 40 reviews of each domain, every second one positive, and 6 unlabeled ones."""
    labeled = [
        {"text": f"buy {domain} {domain}{i}", "stars": (1, 4, 2, 5)[i % 4], "domain": domain}
        for domain in AMAZON_DOMAINS
        for i in range(40)
    ]
    unlabeled = [{"text": f"buy other o{i}", "domain": "toys"} for i in range(6)]
    write_jsonl(tmp_path / "amazon4" / "labelled.jsonl.gz", labeled)
    copies = [{"text": labeled[0]["text"], "domain": "toys"}]
    write_jsonl(tmp_path / "fdu_mtl_amazon14" / "unlabel.jsonl.gz", [*unlabeled, *copies])
    return tmp_path


# A tenth of each domain's 40 for validation and a fifth to test on: 28, 4 and 8 reviews.
@pytest.mark.parametrize(
    ("domain", "source", "n_domains", "trained"),
    [
        ("dvd", None, 1, {"dvd"}),
        ("dvd", "kitchen", 1, {"kitchen"}),
        (None, None, 4, set(AMAZON_DOMAINS)),
    ],
)
def test_amazon_within_and_across_domains(
    domain: str | None, source: str | None, n_domains: int, trained: set[str], amazon: Path
) -> None:
    data = load_amazon(amazon, seed=2, domain=domain, source=source)
    splits = (data.train, data.validation, data.test)
    for split, size in zip(splits, (28, 4, 8), strict=True):
        np.testing.assert_array_equal(np.bincount(split.y), [n_domains * size // 2] * 2)
    assert data.unlabeled is not None
    assert data.unlabeled.shape[0] == (4 - n_domains) * 28 + 6
    names = np.array(data.feature_names)
    domains = set(AMAZON_DOMAINS)
    assert set(names[data.train.X.indices]) & domains == trained
    assert set(names[data.unlabeled.indices]) & domains == domains - trained
    assert set(names[data.test.X.indices]) & domains == ({domain} if domain else domains)
    assert "1 of books in unlabeled" in data.provenance
    by_name = load_dataset(data.name, data_dir=amazon, seed=2)
    assert by_name.checksum == data.checksum
    # Positive are 4 and 5 stars, given to the odd ones.
    own = [names[row.indices] for row in (data.train.X[[i]] for i in range(n_domains * 28))]
    numbers = [int("".join(filter(str.isdigit, "".join(words)))) for words in own]
    np.testing.assert_array_equal(data.train.y, np.array(numbers) % 2)


def test_all_of_amazons_sets_have_the_same_texts_to_pretrain_on(amazon: Path) -> None:
    def texts(X: Any) -> list[tuple[int, ...]]:
        return sorted(tuple(X[[row]].indices) for row in range(X.shape[0]))

    everything = load_dataset("amazon", data_dir=amazon, seed=2)
    tested = set(texts(everything.test.X))
    assert not tested & set(texts(everything.pretraining_inputs))
    for name in ("amazon-books", "amazon-books-to-dvd"):
        data = load_dataset(name, data_dir=amazon, seed=2)
        assert data.feature_names == everything.feature_names
        assert texts(data.pretraining_inputs) == texts(everything.pretraining_inputs)
        assert set(texts(data.test.X)) < tested


def test_blitzers_archive_is_found_as_well(
    amazon: Path, tmp_path: Path, write_files: Callable[..., Path]
) -> None:
    def reviews(domain: str, stars: int) -> bytes:
        return b"".join(
            f"<review><rating>{stars}.0</rating><review_text>{domain} s{stars} {domain}{i}"
            "</review_text></review>".encode()
            for i in range(20)
        )

    names = {"kitchen": "kitchen_&_housewares"}
    files = {
        f"sorted_data_acl/{names.get(domain, domain)}/{kind}.review": reviews(domain, stars)
        for domain in AMAZON_DOMAINS
        for kind, stars in (("positive", 5), ("negative", 2), ("unlabeled", 3))
    }
    folder = tmp_path / "official"
    folder.mkdir()
    write_files(folder / "domain_sentiment_data.tar.gz", files)
    data = load_amazon(folder, domain="kitchen")
    # 40 reviews of each domain with a rating, 20 without; of the latter those of all domains.
    assert [len(split.y) for split in (data.train, data.validation, data.test)] == [28, 4, 8]
    assert data.unlabeled is not None and data.unlabeled.shape[0] == 3 * 28 + 4 * 20


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"domain": "toys"}, "'toys'; give one of books, dvd"),
        ({"domain": "dvd", "source": "toys"}, "'toys'"),
        ({"domain": "dvd", "source": "dvd"}, "both 'dvd'; leave source out"),
        ({"source": "dvd"}, "source is 'dvd', but domain None"),
        ({"domain": "dvd", "weighting": "none"}, "weighting is 'none'"),
    ],
)
def test_domains_that_are_none(
    settings: dict[str, Any], message: str, amazon: Path, raises_one_line: Any
) -> None:
    with raises_one_line(SettingError, message):
        load_amazon(amazon, **settings)


def test_too_few_reviews(
    tmp_path: Path,
    write_imdb: Callable[..., Path],
    write_jsonl: Callable[..., Path],
    raises_one_line: Any,
) -> None:
    write_imdb(tmp_path, "jsonl")
    with raises_one_line(DataError, "cannot be divided by class"):
        load_imdb(tmp_path)  # 10,000 of 40
    write_jsonl(tmp_path / RESTAURANT_FILE, [{"text": "one meal", "stars": 5}])
    with raises_one_line(DataError, "cannot be divided by class"):
        load_restaurant_reviews(tmp_path)
    for name in ("amazon4/labelled", "fdu_mtl_amazon14/unlabel"):
        record = {"text": "a book", "stars": 5, "domain": "books"}
        write_jsonl(tmp_path / f"{name}.jsonl.gz", [record])
    with raises_one_line(DataError, "has no reviews of dvd, electronics, kitchen"):
        load_amazon(tmp_path, domain="books")


def test_every_pair_of_domains_has_a_name() -> None:
    families = Counter(describe(name).family for name in dataset_names())
    assert families["amazon-DOMAIN"] == 4
    assert families["amazon-A-to-B"] == 12


@pytest.mark.parametrize("load", [load_imdb, load_restaurant_reviews])
def test_missing_files_are_named(load: Any, tmp_path: Path, raises_one_line: Any) -> None:
    with raises_one_line(DataError, "jsonl.gz.*check data_dir"):
        load(tmp_path)
