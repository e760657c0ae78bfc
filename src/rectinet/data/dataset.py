"""A data set as the rest of rectinet sees it: three splits that nobody can change."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from rectinet.data.check import check_inputs, check_labels, is_sparse
from rectinet.errors import InputError
from rectinet.randomness import generator


@dataclass(frozen=True, eq=False)
class Split:
    """Examples and their labels, checked and read-only.

    Attributes:
        X: shape (n, d), a float32 ndarray or float32 CSR.
        y: shape (n,), int64, class numbers from 0.

    Raises:
        InputError: if `X` or `y` cannot be used (see `check_inputs` and `check_labels`).
    """

    X: Any
    y: np.ndarray

    def __post_init__(self) -> None:
        X = check_inputs(self.X).astype(np.float32, copy=False)
        y = check_labels(self.y, n_examples=X.shape[0])
        object.__setattr__(self, "X", _read_only(X))
        object.__setattr__(self, "y", _read_only(y))

    def take(self, rows: np.ndarray) -> Split:
        """Return the examples with the row numbers `rows`, shape (m,), in that order."""
        return Split(self.X[rows], self.y[rows])


@dataclass(frozen=True, eq=False)
class Dataset:
    """A named data set.

    Attributes:
        name: the name it is loaded by.
        train: the examples to learn from.
        validation: the examples to choose settings with.
        test: the examples to report on.
        classes: the name of each class, in the order of the labels.
        image_shape: (height, width) or (height, width, channels) of one row of `X`; None if the
            rows are not images.
        provenance: where the numbers come from and how they were split, in one line.
        redraw: where training examples never end: returns those of an epoch, counted from 1, as
            many as in `train`, which are those of epoch 1; None: the same in every epoch.
        unlabeled: shape (m, d), more inputs to learn from, without labels; float32 or float32
            CSR, as `train.X`; None if there are none.
        class_values: shape (n_classes,), float64: the number that each class stands for, where
            classes are the values of a rating; ``class_values[y]`` is the target. None elsewhere.
        feature_names: the name of each column, such as the words of a bag of words; empty if the
            columns have none.
        checksum: `checksum_of` the three splits, and the unlabeled inputs if there are any;
            studies store it with their results.

    Raises:
        InputError: if the splits do not fit together, the unlabeled inputs, the classes, their
            values, the columns' names, or the image shape.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    classes: tuple[str, ...]
    image_shape: tuple[int, ...] | None
    provenance: str
    redraw: Callable[[int], Split] | None = None
    unlabeled: Any = None
    class_values: np.ndarray | None = None
    feature_names: tuple[str, ...] = ()
    checksum: str = field(init=False)

    def __post_init__(self) -> None:
        for split_name in ("train", "validation", "test"):
            split: Split = getattr(self, split_name)
            check_inputs(split.X[:1], n_features=self.n_features, name=f"{split_name}.X")
            check_labels(split.y, n_examples=len(split.y), n_classes=self.n_classes)
        if self.image_shape is not None and math.prod(self.image_shape) != self.n_features:
            raise InputError(
                f"image_shape is {self.image_shape}; expected a shape of {self.n_features} values, "
                "the number of columns of X"
            )
        if self.unlabeled is not None:
            X = check_inputs(self.unlabeled, n_features=self.n_features, name="unlabeled")
            if is_sparse(X) != is_sparse(self.train.X):
                raise InputError(
                    "unlabeled and train.X are not both dense or both sparse; convert one of them"
                )
            object.__setattr__(self, "unlabeled", _read_only(X.astype(np.float32, copy=False)))
        if self.class_values is not None:
            values = np.array(self.class_values, dtype=np.float64)
            if values.shape != (self.n_classes,) or not np.isfinite(values).all():
                raise InputError(
                    f"class_values is {values.tolist()}; expected {self.n_classes} finite numbers, "
                    "one for each class"
                )
            object.__setattr__(self, "class_values", _read_only(values))
        if self.feature_names and len(self.feature_names) != self.n_features:
            raise InputError(
                f"feature_names has {len(self.feature_names)} names; expected {self.n_features}, "
                "one for each column of X"
            )
        checksum = checksum_of(self.train, self.validation, self.test, unlabeled=self.unlabeled)
        object.__setattr__(self, "checksum", checksum)

    @property
    def n_features(self) -> int:
        """The number of columns of X."""
        return int(self.train.X.shape[1])

    @property
    def n_classes(self) -> int:
        """The number of classes."""
        return len(self.classes)

    @property
    def pretraining_inputs(self) -> Any:
        """All inputs to learn from: `train.X`, and below it `unlabeled` if there is any."""
        if self.unlabeled is None:
            return self.train.X
        parts = (self.train.X, self.unlabeled)
        if is_sparse(self.train.X):
            return sparse.csr_array(sparse.vstack(parts, format="csr"))
        return np.concatenate(parts)

    def with_labels(self, per_class: int, seed: int) -> Split:
        """Return the few labeled training examples of a semi-supervised experiment.

        Args:
            per_class: how many examples of every class.
            seed: with the same seed, a larger `per_class` contains every smaller one.

        Returns:
            `per_class` * `n_classes` examples of `train`, in their order there.

        Raises:
            InputError: if a class has fewer than `per_class` examples.
        """
        return self.train.take(labeled_rows(self.train.y, self.n_classes, per_class, seed))

    def draw_labels(self, count: int, seed: int) -> Split:
        """Return some labeled training examples as they come, whatever their classes.

        Where classes are as rare as some star values, an equal number of each (`with_labels`)
        would be another problem than the one at hand.

        Args:
            count: how many.
            seed: with the same seed, a larger `count` contains every smaller one.

        Returns:
            `count` examples of `train`, in their order there.

        Raises:
            InputError: if there are fewer than `count` examples, or `count` is below 1.
        """
        n = len(self.train.y)
        if not 1 <= count <= n:
            raise InputError(f"count is {count}; expected 1..{n}, the labeled training examples")
        return self.train.take(np.sort(generator(seed, "labels").permutation(n)[:count]))


def labeled_rows(y: np.ndarray, n_classes: int, per_class: int, seed: int) -> np.ndarray:
    """Choose which examples keep their label: the same number of every class.

    Args:
        y: shape (n,), int64, class numbers below `n_classes`.
        n_classes: the number of classes.
        per_class: how many examples of every class to choose.
        seed: with the same seed, a larger `per_class` contains every smaller one.

    Returns:
        Row numbers, shape (`per_class` * `n_classes`,), int64, ascending.

    Raises:
        InputError: if a class has fewer than `per_class` examples, or `per_class` is below 1.
    """
    counts = np.bincount(y, minlength=n_classes)
    rarest = int(np.argmin(counts))
    if not 1 <= per_class <= counts[rarest]:
        raise InputError(
            f"per_class is {per_class}; expected 1..{counts[rarest]}: class {rarest} has "
            f"{counts[rarest]} training examples; ask for fewer labels"
        )
    random = generator(seed, "labels")
    # The whole class is shuffled whatever `per_class` is: this is what nests the subsets.
    chosen = [random.permutation(np.flatnonzero(y == k))[:per_class] for k in range(n_classes)]
    return np.sort(np.concatenate(chosen))


def checksum_of(*splits: Split, unlabeled: Any = None) -> str:
    """Return the SHA-256, in hexadecimal, of all arrays: type, shape and bytes."""
    digest = hashlib.sha256()
    matrices = [(split.X, (split.y,)) for split in splits]
    for X, labels in [*matrices, *([] if unlabeled is None else [(unlabeled, ())])]:
        digest.update(repr(X.shape).encode())
        for array in (*_arrays(X), *labels):
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _arrays(X: Any) -> Iterable[np.ndarray]:
    return (X.data, X.indices, X.indptr) if is_sparse(X) else (X,)


def _read_only(X: Any) -> Any:
    """Return `X` as read-only views: whoever made the arrays keeps theirs as they are."""
    if is_sparse(X):
        arrays = tuple(_read_only(array) for array in _arrays(X))
        return type(X)(arrays, shape=X.shape, copy=False)
    view = X.view()
    view.flags.writeable = False
    return view
