"""IMDB: film reviews with 1-4 and 7-10 stars, and as many without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from rectinet.data.dataset import Dataset
from rectinet.data.fetch import RemoteFile
from rectinet.data.stratified import divide
from rectinet.data.text.assemble import Rows, assemble, by_stars
from rectinet.data.text.counted import count_reviews
from rectinet.data.text.imdb_archive import read_imdb_archive
from rectinet.data.text.review import Review
from rectinet.data.text.review_file import read_reviews
from rectinet.errors import DataError, InputError
from rectinet.randomness import generator

IMDB_MIRRORS = ("https://ai.stanford.edu/~amaas/data/sentiment/",)
IMDB_FILES = (
    RemoteFile(
        "aclImdb_v1.tar.gz",
        "7c2ac02c03563afcf9b574c7e56c153a",
        content_md5="",  # never published; a download is checked by the other
    ),
)
_JSON_LINES = tuple(f"{part}.jsonl.gz" for part in ("train", "test", "unsup_even", "unsup_odd"))


def load_imdb(
    data_dir: str | Path,
    seed: int = 0,
    *,
    n_words: int = 5000,
    weighting: str = "binary",
    n_labeled: int = 10_000,
    n_validation: int = 5_000,
    n_test: int = 10_000,
    cache: bool = True,
) -> Dataset:
    """Load the Large Movie Review Dataset (Maas et al. 2011) as bags of words.

    Of the official training reviews `n_labeled` keep their stars, `n_validation` are for
    validation, and the others lose their stars and join the unlabeled ones. The test set is drawn
    from the official test reviews, of which the others are not used. A text that occurs several
    times is kept once, in the test part if it stands there.

    Args:
        data_dir: holds the folder ``aclImdb``, or ``aclImdb_v1.tar.gz``, or the four files
            ``train.jsonl.gz``, ``test.jsonl.gz``, ``unsup_even.jsonl.gz`` and
            ``unsup_odd.jsonl.gz``; or has them in its subfolder ``imdb`` or ``text/imdb``.
        seed: draws the splits, the stars in equal proportions.
        n_words: see `BagOfWords.fit`; the vocabulary is that of training and unlabeled reviews.
        weighting: see `BagOfWords.fit`.
        n_labeled: the size of the training set.
        n_validation: the size of the validation set.
        n_test: the size of the test set.
        cache: keep the counted words in the user's cache, and use them the next time.

    Returns:
        The data set: a class for each number of stars, `class_values` the stars.

    Raises:
        DataError: if the files are missing or damaged, or have too few reviews.
        SettingError: if `n_words` is below 1 or `weighting` unknown.
    """
    folder = find_imdb(Path(data_dir))
    if folder is None:
        raise DataError(
            f"the IMDB reviews are neither in {data_dir} nor in {Path(data_dir) / 'imdb'}; looked "
            f"for the folder aclImdb, {IMDB_FILES[0].name}, {', '.join(_JSON_LINES)}: check "
            "data_dir, or run `rectinet data fetch imdb` and leave data_dir out"
        )
    sources = _sources(folder)
    counted = count_reviews(lambda: _read(sources), sources, cache=cache)
    y, values = by_stars(counted.stars)
    random = generator(seed, "imdb")
    try:
        unlabeled, chosen = divide(counted.rows("train"), y, n_labeled + n_validation, random)
        train, validation = divide(chosen, y, n_validation, random)
        _, test = divide(counted.rows("test"), y, n_test, random)
    except InputError as error:
        raise DataError(f"{folder}: {error}") from error
    return assemble(
        "imdb",
        counted,
        Rows(train, validation, test, np.concatenate([unlabeled, counted.rows("unsup")])),
        y=y,
        classes=tuple(f"{value:g}" for value in values),
        class_values=values,
        n_words=n_words,
        weighting=weighting,
        provenance=f"Large Movie Review Dataset, splits by stars, seed {seed}",
    )


def find_imdb(folder: Path) -> Path | None:
    """Return the folder of the reviews, in any of their forms; None if they are not there."""
    places = (folder, folder / "imdb", folder / "text" / "imdb")
    return next((place for place in places if _sources(place)), None)


def _sources(folder: Path) -> tuple[Path, ...]:
    files = tuple(folder / name for name in _JSON_LINES)
    if all(file.is_file() for file in files):
        return files
    for place in (folder / "aclImdb", folder / IMDB_FILES[0].name):
        if (place / "train").is_dir() or place.is_file():
            return (place,)
    return (folder,) if folder.name == "aclImdb" and (folder / "train").is_dir() else ()


def _read(sources: tuple[Path, ...]) -> Mapping[str, Iterable[Review]]:
    """Return the reviews by part, those of the test set first: of copies it keeps its own."""
    if len(sources) == 1:
        reviews = read_imdb_archive(sources[0])
        return {part: reviews[part] for part in ("test", "train", "unsup")}
    train, test, *unsup = sources
    return {
        "test": read_reviews(test),
        "train": read_reviews(train),
        "unsup": (review for file in unsup for review in read_reviews(file, labeled=False)),
    }
