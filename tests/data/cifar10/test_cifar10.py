from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from rectinet.data import (
    fetch_dataset,
    load_cifar10,
    load_cifar10_official_test,
    load_dataset,
    locate,
)
from rectinet.data.cifar10 import find_cifar10
from rectinet.errors import DataError

ROWS = 20
VERSIONS = ["binary", "binary archive", "python", "python archive", "compact"]


@pytest.mark.parametrize("subfolder", ["", "cifar10"])
@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_gives_the_same_splits(
    version: str, subfolder: str, tmp_path: Path, small_cifar: Any
) -> None:
    place = small_cifar.write(tmp_path / subfolder, version)
    assert find_cifar10(tmp_path) == (place if place.is_dir() else place.parent)
    dataset = load_cifar10(tmp_path, rows=ROWS)
    pixels = small_cifar.images[:5].reshape(100, 3072)
    labels = small_cifar.labels[:5].reshape(100)
    # 4/5 of the training images to train on, 1/10 each for validation and test.
    parts = {"train": slice(80), "validation": slice(80, 90), "test": slice(90, 100)}
    for name, rows in parts.items():
        split = getattr(dataset, name)
        assert split.X.dtype == np.float32
        np.testing.assert_array_equal(np.rint(split.X * 255), pixels[rows])
        np.testing.assert_array_equal(split.y, labels[rows])
    assert dataset.image_shape == (32, 32, 3)
    assert dataset.classes[0] == "airplane"
    assert version.split()[0] in dataset.provenance.lower()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_official_test_set_stands_apart(version: str, tmp_path: Path, small_cifar: Any) -> None:
    small_cifar.write(tmp_path, version)
    test = load_cifar10_official_test(tmp_path, rows=ROWS)
    np.testing.assert_array_equal(
        np.rint(test.split.X * 255), small_cifar.images[5].reshape(20, -1)
    )
    np.testing.assert_array_equal(test.split.y, small_cifar.labels[5])
    if version == "compact":
        np.testing.assert_array_equal(test.lossless, np.arange(ROWS) % 3 == 0)
        assert "13 of them went through JPEG" in test.provenance
    else:
        assert test.lossless.all()
        assert "JPEG" not in test.provenance


def test_batches_pickled_anew_by_python_3_are_read(tmp_path: Path, small_cifar: Any) -> None:
    folder = small_cifar.write(tmp_path, "python")
    before = load_cifar10(tmp_path, rows=ROWS)
    for part in range(5):
        content = {"data": small_cifar.planes(part), "labels": small_cifar.labels[part].tolist()}
        (folder / f"data_batch_{part + 1}").write_bytes(pickle.dumps(content))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": list(before.classes)}))
    assert load_cifar10(tmp_path, rows=ROWS).checksum == before.checksum


def test_the_archive_that_was_fetched_can_be_loaded(
    tmp_path: Path, small_cifar: Any, served: Any, published: Any
) -> None:
    small_cifar.write(served[0], "binary archive")
    published("cifar10")
    assert fetch_dataset("cifar10", data_dir=tmp_path / "new") == tmp_path / "new" / "cifar10"
    assert locate("cifar10", tmp_path / "new") == tmp_path / "new" / "cifar10"
    assert load_cifar10(tmp_path / "new", rows=ROWS).train.X.shape == (4 * ROWS, 3072)


def test_official_versions_come_before_the_compact_one(tmp_path: Path, small_cifar: Any) -> None:
    small_cifar.write(tmp_path, "compact")
    assert "compact" in load_cifar10(tmp_path, rows=ROWS).provenance
    small_cifar.write(tmp_path, "python archive")
    assert "Python" in load_cifar10(tmp_path, rows=ROWS).provenance


def test_nothing_there_is_answered_with_the_forms(tmp_path: Path, raises_one_line: Any) -> None:
    for load in (load_cifar10, load_cifar10_official_test):
        with raises_one_line(DataError, "cifar-10-binary.tar.gz.*cifar10_webp.npz.*data fetch"):
            load(tmp_path)
    assert find_cifar10(tmp_path) is None


def altered(path: Path, change: Any) -> None:
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    ("version", "file", "change", "message"),
    [
        ("binary", "data_batch_3.bin", lambda c: c[:-1], r"data_batch_3.bin is truncated: .*61460"),
        ("binary", "test_batch.bin", lambda c: c + b"?", "test_batch.bin is too long"),
        (
            "binary",
            "data_batch_1.bin",
            lambda c: b"\x0a" + c[1:],
            r"label 10 at position 0.*0\.\.9",
        ),
        ("binary", "batches.meta.txt", lambda c: b"cat\ndog", "names the classes cat, dog; expec"),
        ("binary archive", "", lambda c: c[: len(c) // 2], "truncated or damaged"),
        ("binary archive", "", lambda c: b"no archive", "truncated or damaged"),
        ("python", "data_batch_2", lambda c: c[:-1], "data_batch_2 is truncated or no pickle"),
        ("python", "data_batch_2", lambda c: b"", "data_batch_2 is truncated or no pickle"),
        ("python", "data_batch_2", lambda c: b"\x80\x02]q\x01.", "holds a list; expected a dict"),
        ("python", "data_batch_2", lambda c: b"\x80\x02}.", "has no entry 'data'"),
        ("python", "batches.meta", lambda c: c.replace(b"frog", b"toad"), "names the classes"),
        (
            "python",
            "data_batch_2",
            lambda c: c.replace(b"numpy\ndtype", b"os\nsystem"),
            "asks for os.system.*nothing was run",
        ),
        ("compact", "", lambda c: c[: len(c) // 2], "is damaged or no .npz file"),
        ("compact", "", lambda c: c.replace(b"WEBP", b"JPEG"), "damaged|no picture that can be"),
    ],
)
def test_damage_is_named(
    version: str,
    file: str,
    change: Any,
    message: str,
    tmp_path: Path,
    small_cifar: Any,
    raises_one_line: Any,
) -> None:
    place = small_cifar.write(tmp_path, version)
    altered(place / file if file else place, change)
    load = load_cifar10_official_test if file == "test_batch.bin" else load_cifar10
    with raises_one_line(DataError, message):
        load(tmp_path, rows=ROWS)


@pytest.mark.parametrize(
    ("array", "value", "message"),
    [
        ("train_labels", np.zeros(99, np.uint8), r"train_labels of shape \(99,\)"),
        ("train_labels", np.full(100, 10, np.uint8), "label 10 at position 0"),
        ("train_00", np.zeros(10, np.uint8), "train_00 is no picture.*no WebP"),
        ("train_00", None, "has no array 'train_00'"),
        ("train_labels", np.array([None] * 100), "damaged or no .npz"),  # would need a pickle
    ],
)
def test_arrays_of_the_compact_file_are_checked(
    array: str,
    value: Any,
    message: str,
    tmp_path: Path,
    small_cifar: Any,
    raises_one_line: Any,
) -> None:
    path = small_cifar.write(tmp_path, "compact")
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files if name != array}
    if value is not None:
        arrays[array] = value
    np.savez(path, allow_pickle=True, **arrays)
    with raises_one_line(DataError, message):
        load_cifar10(tmp_path, rows=ROWS)


def test_a_picture_of_another_size_is_refused(
    tmp_path: Path, small_cifar: Any, raises_one_line: Any
) -> None:
    path = small_cifar.write(tmp_path, "compact")
    with np.load(path) as file:
        arrays = dict(file)
    with Image.new("RGB", (160, 64)) as picture:  # two rows of images instead of four
        picture.save(tmp_path / "small.webp", lossless=True)
    arrays["train_00"] = np.frombuffer((tmp_path / "small.webp").read_bytes(), np.uint8)
    np.savez(path, **arrays)
    with raises_one_line(DataError, "train_00 has 64 x 160 pixels; expected 128 x 160"):
        load_cifar10(tmp_path, rows=ROWS)


def test_a_member_missing_in_an_archive_is_named(
    tmp_path: Path, small_cifar: Any, monkeypatch: pytest.MonkeyPatch, raises_one_line: Any
) -> None:
    files = small_cifar.binary_files()
    del files["data_batch_4.bin"]
    monkeypatch.setattr(small_cifar, "binary_files", lambda: files)
    small_cifar.write(tmp_path, "binary archive")
    with raises_one_line(DataError, "has no file data_batch_4.bin"):
        load_cifar10(tmp_path, rows=ROWS)


def test_the_real_files(real_files: Any) -> None:
    folder = real_files("cifar10")
    dataset = load_dataset("cifar10", data_dir=folder)
    splits = (dataset.train, dataset.validation, dataset.test)
    assert [split.X.shape for split in splits] == [(40_000, 3072), (5_000, 3072), (5_000, 3072)]
    # The first labels of the official files, as everybody who prints them sees them.
    np.testing.assert_array_equal(dataset.train.y[:10], [6, 9, 9, 4, 1, 1, 2, 7, 8, 3])
    # The mean of each color over the 50,000, known from everybody's normalization constants.
    means = [split.X.reshape(-1, 3).mean(axis=0, dtype=np.float64) for split in splits]
    colors = np.average(means, axis=0, weights=[8, 1, 1])
    np.testing.assert_allclose(colors, [0.4914, 0.4822, 0.4465], atol=5e-5)
    assert all(np.bincount(np.concatenate([split.y for split in splits])) == 5_000)
    official = load_cifar10_official_test(folder)
    np.testing.assert_array_equal(official.split.y[:10], [3, 8, 8, 0, 6, 6, 1, 6, 3, 1])
    assert all(np.bincount(official.split.y) == 1_000)
