"""Restaurant reviews with 1-5 stars: the nearest to the paper's OpenTable reviews."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rectinet.data.dataset import Dataset
from rectinet.data.locate import find_file
from rectinet.data.stratified import divide
from rectinet.data.text.assemble import Rows, assemble, by_stars
from rectinet.data.text.counted import count_reviews
from rectinet.data.text.review_file import read_reviews
from rectinet.errors import DataError, InputError
from rectinet.randomness import generator

RESTAURANT_FILE = "zomato_stars.jsonl.gz"


def load_restaurant_reviews(
    data_dir: str | Path,
    seed: int = 0,
    *,
    n_words: int = 5000,
    weighting: str = "binary",
    cache: bool = True,
) -> Dataset:
    """Load reviews of restaurants in Hyderabad (Zomato) as bags of words.

    A fifth each are the validation and the test set. Reviews with half stars, one in seventy,
    belong to none of the five classes: their texts are unlabeled training inputs.

    Args:
        data_dir: holds `RESTAURANT_FILE`, or has a subfolder ``zomato`` or ``text/zomato`` that
            does.
        seed: draws the splits, the stars in equal proportions.
        n_words: see `BagOfWords.fit`; the vocabulary is that of training and unlabeled reviews.
        weighting: see `BagOfWords.fit`.
        cache: keep the counted words in the user's cache, and use them the next time.

    Returns:
        The data set: classes of 1 to 5 stars, `class_values` the stars.

    Raises:
        DataError: if the file is missing or damaged, or has too few reviews.
        SettingError: if `n_words` is below 1 or `weighting` unknown.
    """
    path = _find(Path(data_dir))
    if path is None:
        raise DataError(
            f"{RESTAURANT_FILE} is neither in {data_dir} nor in {Path(data_dir) / 'zomato'}: "
            "check data_dir"
        )
    counted = count_reviews(lambda: {"reviews": read_reviews(path)}, [path], cache=cache)
    whole = counted.stars == np.rint(counted.stars)  # False for NaN as well
    y, values = by_stars(np.where(whole, counted.stars, np.nan))
    random = generator(seed, "restaurant-reviews")
    try:
        rest, test = divide(np.flatnonzero(whole), y, 0.2, random)
        train, validation = divide(rest, y, 0.25, random)  # 0.25 of 0.8 is a fifth of all
    except InputError as error:
        raise DataError(f"{path}: {error}") from error
    return assemble(
        "restaurant-reviews",
        counted,
        Rows(train, validation, test, np.flatnonzero(~whole)),
        y=y,
        classes=tuple(f"{value:g}" for value in values),
        class_values=values,
        n_words=n_words,
        weighting=weighting,
        provenance=f"{RESTAURANT_FILE}, splits by stars, seed {seed}; half stars unlabeled",
    )


def find_restaurant_reviews(folder: Path) -> Path | None:
    """Return the folder of `RESTAURANT_FILE`, at or below `folder`; None if it is not there."""
    path = _find(folder)
    return None if path is None else path.parent


def _find(folder: Path) -> Path | None:
    return find_file((folder, folder / "zomato", folder / "text" / "zomato"), RESTAURANT_FILE)
