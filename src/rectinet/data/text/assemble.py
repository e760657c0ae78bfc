"""A data set from counted reviews and the rows of its splits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rectinet.data.dataset import Dataset, Split
from rectinet.data.text.counted import CountedReviews


@dataclass(frozen=True)
class Rows:
    """Row numbers of the splits; `unlabeled` may be empty."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    unlabeled: np.ndarray

    def sizes(self) -> str:
        """Return the splits' sizes for a provenance line."""
        return (
            f"{len(self.train):,} train, {len(self.validation):,} validation, {len(self.test):,} "
            f"test, {len(self.unlabeled):,} unlabeled"
        )


def assemble(
    name: str,
    counted: CountedReviews,
    rows: Rows,
    *,
    y: np.ndarray,
    classes: tuple[str, ...],
    class_values: np.ndarray | None,
    n_words: int,
    weighting: str,
    provenance: str,
) -> Dataset:
    """Return the data set; its vocabulary is that of the reviews to train on, labeled or not.

    Args:
        name: of the data set.
        counted: the reviews.
        rows: of the splits.
        y: shape (n,), int64: the class of every review; what unlabeled ones have does not matter.
        classes: see `Dataset`.
        class_values: see `Dataset`.
        n_words: see `BagOfWords.fit`.
        weighting: see `BagOfWords.fit`.
        provenance: the source and how it was split.

    Raises:
        InputError: if a split has no reviews.
        SettingError: if `n_words` is below 1 or `weighting` unknown.
    """
    bag, X = counted.bag(np.concatenate([rows.train, rows.unlabeled]), n_words, weighting)
    return Dataset(
        name=name,
        train=Split(X[rows.train], y[rows.train]),
        validation=Split(X[rows.validation], y[rows.validation]),
        test=Split(X[rows.test], y[rows.test]),
        classes=classes,
        image_shape=None,
        provenance=f"{provenance}; {rows.sizes()}; {counted.duplicates}; the {len(bag.terms):,} "
        f"words in most training reviews, {weighting}",
        unlabeled=X[rows.unlabeled] if len(rows.unlabeled) else None,
        class_values=class_values,
        feature_names=bag.terms,
    )


def by_stars(stars: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make each rating that occurs a class.

    Args:
        stars: shape (n,), NaN where unknown.

    Returns:
        The class of each review, shape (n,), int64, -1 where unknown; and the classes' values,
        ascending.
    """
    known = ~np.isnan(stars)
    values, numbers = np.unique(stars[known], return_inverse=True)
    y = np.full(len(stars), -1, dtype=np.int64)
    y[known] = numbers
    return y, values
