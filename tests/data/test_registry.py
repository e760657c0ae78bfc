from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

import rectinet.data
from rectinet.data import (
    dataset_names,
    describe,
    fetch_dataset,
    load_dataset,
    locate,
    registry,
)
from rectinet.errors import DataError


@pytest.fixture(autouse=True)
def no_folder_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give no test a RECTINET_DATA."""
    monkeypatch.delenv("RECTINET_DATA", raising=False)


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch, small_mnist: Any) -> Any:
    """Let the registry look for the small files instead of the official ones."""
    entries = tuple(
        dataclasses.replace(entry, files=small_mnist.remote_files())
        if entry.info.name == "mnist"
        else entry
        for entry in registry._ENTRIES
    )
    monkeypatch.setattr(registry, "_ENTRIES", entries)
    return small_mnist


def test_the_public_names_are_those_that_are_there() -> None:
    for name in rectinet.data.__all__:
        assert hasattr(rectinet.data, name)
    assert len(set(rectinet.data.__all__)) == len(rectinet.data.__all__)


@pytest.mark.parametrize("function", [describe, load_dataset, locate, fetch_dataset])
def test_an_unknown_name_is_answered_with_the_known_ones(function: Any) -> None:
    with pytest.raises(DataError, match="unknown data set 'minst'; expected one of digits, mnist"):
        function("minst")


def test_descriptions_agree_with_the_data() -> None:
    images = ("digits", "mnist", "cifar10", "characters", "distorted-characters", "emnist-byclass")
    images += ("distorted-emnist", "norb", "small-norb")
    texts = ("imdb", "restaurant-reviews", "amazon")
    others = set(dataset_names()) - {*images, *texts}
    assert set(dataset_names()[: len(images) + len(texts)]) == {*images, *texts}
    assert all(describe(name).family for name in others)
    by_hand = {
        "characters",
        "distorted-characters",
        "distorted-emnist",
        "norb",
        *texts[1:],
        *others,
    }
    for name in dataset_names():
        info = describe(name)
        assert info.name == name
        assert info.needs_files == (name != "digits")
        assert info.can_fetch == (name not in by_hand)
        assert bool(info.how_to_get) != info.can_fetch


@pytest.mark.parametrize("name", ["digits", "characters", "mnist"])
def test_what_ignores_the_seed_is_the_same_for_all(name: str, real_files: Any) -> None:
    folder = real_files(name)
    one, other = (load_dataset(name, data_dir=folder, seed=seed).checksum for seed in (0, 1))
    assert (one == other) == describe(name).ignores_seed


def test_digits_need_no_files(tmp_path: Path) -> None:
    assert fetch_dataset("digits") is None
    assert locate("digits") is None
    elsewhere = load_dataset("digits", data_dir=tmp_path / "no-such-folder", seed=2)
    assert elsewhere.checksum == load_dataset("digits", seed=2).checksum


def test_the_argument_comes_first_then_the_variable_then_the_cache(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_files: Any
) -> None:
    named, given = tmp_path / "named", tmp_path / "given"
    monkeypatch.setenv("RECTINET_DATA", str(named))
    assert locate("mnist") is None
    small_files.write(cache / "mnist")
    assert locate("mnist") == cache / "mnist"
    small_files.write(named)
    assert locate("mnist") == named
    assert locate("mnist", given) is None  # a folder that was asked for is the only one to search
    small_files.write(given / "mnist")
    assert locate("mnist", given) == given / "mnist"


def test_a_file_too_few_is_not_the_data_set(tmp_path: Path, small_files: Any) -> None:
    small_files.write(tmp_path)
    next(tmp_path.glob("*.gz")).unlink()
    assert locate("mnist", tmp_path) is None


def test_a_data_set_that_is_nowhere_is_answered_with_the_cures(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECTINET_DATA", str(tmp_path / "named"))
    with pytest.raises(DataError) as error:
        load_dataset("mnist")
    for part in (str(tmp_path / "named"), str(cache), "rectinet data fetch mnist", "data_dir"):
        assert part in str(error.value)


def test_a_folder_that_was_asked_for_is_named_when_it_lacks_the_files(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        load_dataset("mnist", data_dir=tmp_path)
    for part in (str(tmp_path), "train-images-idx3-ubyte.gz", "rectinet data fetch mnist"):
        assert part in str(error.value)


@pytest.mark.parametrize("name", dataset_names())
def test_descriptions_agree_with_the_files(name: str, real_files: Any) -> None:
    folder = real_files(name)
    if describe(name).n_unlabeled and name != "restaurant-reviews":
        pytest.skip("counting their words takes a minute; see tests/data/text")
    dataset, info = load_dataset(name, data_dir=folder), describe(name)
    sizes = [len(split.y) for split in (dataset.train, dataset.validation, dataset.test)]
    assert sum(sizes) == info.n_examples
    assert (dataset.n_classes, dataset.n_features) == (info.n_classes, info.n_features)
    assert dataset.name == name


@pytest.mark.parametrize("name", [name for name in dataset_names() if describe(name).needs_files])
def test_every_set_says_how_it_is_got(name: str, tmp_path: Path, raises_one_line: Any) -> None:
    cure = f"rectinet data fetch {name}" if describe(name).can_fetch else describe(name).how_to_get
    assert locate(name, tmp_path) is None
    with raises_one_line(DataError, re.escape(cure)):
        load_dataset(name)
    with raises_one_line(DataError, re.escape(str(tmp_path))):
        load_dataset(name, data_dir=tmp_path)


@pytest.mark.parametrize("name", [name for name in dataset_names() if not describe(name).can_fetch])
def test_what_cannot_be_downloaded_is_answered_with_how_to_get_it(
    name: str, raises_one_line: Any
) -> None:
    with raises_one_line(DataError, re.escape(describe(name).how_to_get)):
        fetch_dataset(name)


@pytest.mark.parametrize("explicit", [False, True])
def test_fetched_files_lie_where_loading_looks(
    explicit: bool, tmp_path: Path, cache: Path, small_files: Any
) -> None:
    data_dir = tmp_path / "mine" if explicit else None
    folder = (data_dir or cache) / "mnist"
    small_files.write(folder)  # complete already: fetching finds nothing to do and needs no network
    assert fetch_dataset("mnist", data_dir=data_dir) == folder
    assert locate("mnist", data_dir) == folder
