from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from rectinet.data import Dataset, Split, check_inputs, checksum_of, labeled_rows
from rectinet.errors import InputError


def make_split(as_csr: bool = False, n: int = 12, seed: int = 0) -> Split:
    X: Any = np.random.default_rng(seed).random((n, 4), dtype=np.float32)
    X[X < 0.5] = 0.0
    return Split(sparse.csr_array(X) if as_csr else X, np.arange(n) % 3)


def make_dataset(**changes: Any) -> Dataset:
    fields: dict[str, Any] = {
        "name": "three",
        "train": make_split(),
        "validation": make_split(n=6, seed=1),
        "test": make_split(n=3, seed=2),
        "classes": ("a", "b", "c"),
        "image_shape": (2, 2),
        "provenance": "made here",
    }
    return Dataset(**(fields | changes))


def test_sizes_are_those_of_the_arrays() -> None:
    dataset = make_dataset()
    assert (dataset.n_features, dataset.n_classes) == (4, 3)


@pytest.mark.parametrize("as_csr", [False, True])
def test_nothing_in_a_split_can_be_changed(as_csr: bool) -> None:
    split = make_split(as_csr)
    for array in (split.X.data, split.X.indices, split.X.indptr) if as_csr else (split.X,):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        split.y[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        split.y = np.zeros(3)  # type: ignore[misc]


@pytest.mark.parametrize("as_csr", [False, True])
def test_the_maker_of_the_arrays_can_still_write_to_them(as_csr: bool) -> None:
    X: Any = np.ones((2, 3), dtype=np.float32)
    X = sparse.csr_array(X) if as_csr else X
    Split(X, np.array([0, 1]))
    X[0, 0] = 2.0


def test_a_sparse_split_can_be_computed_with() -> None:
    split, dense = make_split(as_csr=True), make_split()
    weight = np.ones((4, 2), dtype=np.float32)
    np.testing.assert_allclose(split.X @ weight, dense.X @ weight, rtol=1e-6)
    np.testing.assert_array_equal(split.X[2:5].toarray(), dense.X[2:5])
    np.testing.assert_array_equal(split.take(np.array([5, 1])).X.toarray(), dense.X[[5, 1]])
    assert np.shares_memory(check_inputs(split.X).data, split.X.data)


def test_a_split_is_single_precision() -> None:
    assert Split(np.ones((2, 3)), np.array([0, 1])).X.dtype == np.float32


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classes": ("a", "b")}, r"expected 0\.\.1"),
        ({"image_shape": (3, 2)}, r"image_shape is \(3, 2\); expected a shape of 4"),
        ({"test": Split(np.ones((1, 5)), np.array([0]))}, "test.X has 5 features; expected 4"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_dataset(**changes)


@pytest.mark.parametrize("as_csr", [False, True])
def test_the_checksum_tells_data_apart_and_nothing_else(as_csr: bool) -> None:
    split = make_split(as_csr)
    same = make_split(as_csr)
    reference = checksum_of(split, same)
    assert reference == checksum_of(same, split)
    assert len(reference) == 64  # SHA-256 in hexadecimal

    other_label = Split(split.X, np.roll(split.y, 1))
    other_value = Split(split.X * np.float32(2), split.y)
    other_columns = Split(split.X[:, ::-1], split.y)
    parts = (other_label, other_value, other_columns, make_split(not as_csr))
    checksums = {checksum_of(part, same) for part in parts}
    assert len(checksums | {reference}) == len(parts) + 1


def test_a_wider_empty_column_changes_the_checksum() -> None:
    y = np.array([0])
    narrow, wide = (sparse.csr_array((1, width), dtype=np.float32) for width in (3, 4))
    assert checksum_of(Split(narrow, y)) != checksum_of(Split(wide, y))


def test_a_data_set_carries_the_checksum_of_its_splits() -> None:
    dataset = make_dataset()
    assert dataset.checksum == checksum_of(dataset.train, dataset.validation, dataset.test)
    swapped = dataclasses.replace(dataset, test=dataset.validation)
    assert swapped.checksum != dataset.checksum


@given(
    y=st.lists(st.integers(0, 2), min_size=6, max_size=60).filter(
        lambda labels: min(np.bincount(labels, minlength=3)) >= 2
    ),
    seed=st.integers(0, 2**32),
    data=st.data(),
)
def test_labeled_subsets_are_stratified_and_nested(
    y: list[int], seed: int, data: st.DataObject
) -> None:
    labels = np.array(y)
    most = int(np.bincount(labels).min())
    large = data.draw(st.integers(2, most))
    small = data.draw(st.integers(1, large - 1))
    rows = {n: labeled_rows(labels, 3, n, seed) for n in (small, large)}
    for n, chosen in rows.items():
        assert len(np.unique(chosen)) == len(chosen)
        np.testing.assert_array_equal(np.bincount(labels[chosen], minlength=3), n)
    assert set(rows[small]) < set(rows[large])
    np.testing.assert_array_equal(rows[large], labeled_rows(labels, 3, large, seed))


def test_few_labels_are_training_examples_with_their_own_labels() -> None:
    dataset = make_dataset()
    few = dataset.with_labels(per_class=2, seed=3)
    rows = labeled_rows(dataset.train.y, 3, 2, seed=3)
    np.testing.assert_array_equal(few.X, dataset.train.X[rows])
    np.testing.assert_array_equal(few.y, dataset.train.y[rows])


def test_another_seed_chooses_other_examples() -> None:
    y = np.zeros(1000, dtype=np.int64)
    # Two draws of 10 from 1000 are equal with probability below 1e-23.
    assert set(labeled_rows(y, 1, 10, seed=0)) != set(labeled_rows(y, 1, 10, seed=1))


@pytest.mark.parametrize("per_class", [0, 5])
def test_more_labels_than_the_rarest_class_has_are_refused(per_class: int) -> None:
    with pytest.raises(InputError, match=rf"per_class is {per_class}; expected 1\.\.4"):
        make_dataset().with_labels(per_class, seed=0)


def test_a_class_without_training_examples_is_named() -> None:
    with pytest.raises(InputError, match="class 3 has 0 training examples"):
        make_dataset(classes=("a", "b", "c", "d")).with_labels(1, seed=0)


@pytest.mark.parametrize("as_csr", [False, True])
def test_unlabeled_inputs_follow_the_labeled_ones(as_csr: bool) -> None:
    train, more = make_split(as_csr), make_split(as_csr, n=5, seed=4)
    dataset = make_dataset(train=train, unlabeled=more.X)
    everything = dataset.pretraining_inputs
    assert sparse.issparse(everything) == as_csr
    assert everything.dtype == np.float32
    rows = [X.toarray() if as_csr else X for X in (train.X, more.X, everything)]
    np.testing.assert_array_equal(np.vstack(rows[:2]), rows[2])
    assert dataset.checksum != make_dataset(train=train).checksum
    with pytest.raises(ValueError, match="read-only"):
        (dataset.unlabeled.data if as_csr else dataset.unlabeled)[0] = 1


def test_without_unlabeled_inputs_those_of_the_labeled_are_all() -> None:
    dataset = make_dataset()
    assert dataset.pretraining_inputs is dataset.train.X


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"unlabeled": np.ones((2, 3))}, "unlabeled has 3 features; expected 4"),
        ({"unlabeled": np.full((2, 4), np.nan)}, "unlabeled contains NaN"),
        ({"unlabeled": sparse.csr_array(np.ones((2, 4)))}, "not both dense or both sparse"),
        ({"class_values": np.ones(2)}, "expected 3 finite numbers"),
        ({"class_values": np.array([1, 2, np.inf])}, "expected 3 finite numbers"),
        ({"feature_names": ("a", "b")}, "feature_names has 2 names; expected 4"),
    ],
)
def test_what_does_not_fit_the_splits(
    changes: dict[str, Any], message: str, raises_one_line: Any
) -> None:
    with raises_one_line(InputError, message):
        make_dataset(**changes)


def test_class_values_are_the_targets() -> None:
    values = np.array([1, 2, 4])
    dataset = make_dataset(class_values=values)
    assert dataset.class_values is not None
    assert dataset.class_values.dtype == np.float64
    assert not dataset.class_values.flags.writeable
    values[0] = 9  # the caller's array is not the data set's
    np.testing.assert_array_equal(dataset.class_values[dataset.train.y[:3]], [1, 2, 4])


def test_drawn_labels_are_nested_and_in_order(raises_one_line: Any) -> None:
    different = Split(np.arange(160.0).reshape(40, 4), np.arange(40) % 3)
    dataset = make_dataset(train=different)
    rows = [
        {tuple(row) for row in dataset.draw_labels(count, seed=5).X.tolist()}
        for count in (5, 20, 40)
    ]
    assert list(map(len, rows)) == [5, 20, 40]
    assert rows[0] < rows[1] < rows[2]
    np.testing.assert_array_equal(dataset.draw_labels(40, seed=5).X, dataset.train.X)
    assert {tuple(row) for row in dataset.draw_labels(5, seed=6).X.tolist()} != rows[0]
    for count in (0, 41):
        with raises_one_line(InputError, f"count is {count}; expected 1..40"):
            dataset.draw_labels(count, seed=5)
