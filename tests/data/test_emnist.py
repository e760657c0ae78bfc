from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.data import fetch_dataset, load_dataset, load_emnist, locate
from rectinet.data.emnist import CLASSES, find_emnist
from rectinet.errors import DataError

STEMS = (
    "emnist-byclass-train-images-idx3-ubyte",
    "emnist-byclass-train-labels-idx1-ubyte",
    "emnist-byclass-test-images-idx3-ubyte",
    "emnist-byclass-test-labels-idx1-ubyte",
)
Write = Callable[[Path, str], None]


@pytest.fixture
def arrays() -> list[np.ndarray]:
    """Return 186 training and 62 test examples of 4x4 pixels, as the files have them: lying."""
    random = np.random.default_rng(0)
    return [
        random.integers(0, 256, (186, 4, 4), dtype=np.uint8),
        (np.arange(186) % 62).astype(np.uint8),
        random.integers(0, 256, (62, 4, 4), dtype=np.uint8),
        np.arange(62, dtype=np.uint8),
    ]


@pytest.fixture
def write(arrays: list[np.ndarray], idx_bytes: Callable[[np.ndarray], bytes]) -> Write:
    """Write the files, unpacked, gzipped, or in an archive like the official one."""

    def run(folder: Path, packing: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        contents = dict(zip(STEMS, map(idx_bytes, arrays), strict=True))
        if packing == "gzip.zip":
            with zipfile.ZipFile(folder / packing, "w") as archive:
                archive.writestr("gzip/emnist-letters-test-labels-idx1-ubyte.gz", b"another set")
                for stem, content in contents.items():
                    archive.writestr(f"gzip/{stem}.gz", gzip.compress(content))
            return
        for stem, content in contents.items():
            zipped = packing == ".gz"
            (folder / f"{stem}{packing}").write_bytes(gzip.compress(content) if zipped else content)

    return run


def test_there_are_62_classes_in_the_official_order() -> None:
    assert len(CLASSES) == 62
    # ASCII has digits, capitals and small letters in that order as well.
    assert list(CLASSES) == sorted(CLASSES)


@pytest.mark.parametrize("subfolder", ["", "gzip", "emnist-byclass"])
@pytest.mark.parametrize("packing", ["", ".gz", "gzip.zip"])
def test_images_stand_upright_and_splits_are_in_order(
    packing: str, subfolder: str, tmp_path: Path, arrays: list[np.ndarray], write: Write
) -> None:
    write(tmp_path / subfolder, packing)
    assert find_emnist(tmp_path) == tmp_path / subfolder
    dataset = load_emnist(tmp_path)
    images, labels, test_images, test_labels = arrays
    for split, expected, expected_labels in (
        (dataset.train, images[:124], labels[:124]),
        (dataset.validation, images[124:], labels[124:]),  # as many as there are for the test
        (dataset.test, test_images, test_labels),
    ):
        # The official files have the pixel of row i and column j at [j, i].
        upright = np.stack([image.T for image in expected]).reshape(len(expected), 16)
        np.testing.assert_array_equal(np.rint(split.X * 255), upright)
        np.testing.assert_array_equal(split.y, expected_labels)
    assert dataset.image_shape == (4, 4)
    assert dataset.n_classes == 62


@pytest.mark.parametrize(
    ("index", "array", "message"),
    [
        (0, np.zeros((185, 4, 4), np.uint8), "has 185 images .* and 186 labels"),
        (1, np.full(186, 62, np.uint8), r"train-labels.*label 62 at position 0.*0\.\.61"),
        (2, np.zeros((62, 4), np.uint8), "magic number 0x00000802; expected 0x00000803"),
        (2, np.zeros((62, 5, 5), np.uint8), "16 pixels and test images of 25"),
    ],
)
@pytest.mark.parametrize("packing", [".gz", "gzip.zip"])
def test_files_that_do_not_fit_are_refused(
    packing: str,
    index: int,
    array: np.ndarray,
    message: str,
    tmp_path: Path,
    arrays: list[np.ndarray],
    write: Write,
    raises_one_line: Any,
) -> None:
    arrays[index] = array
    write(tmp_path, packing)
    with raises_one_line(DataError, message):
        load_emnist(tmp_path)


def test_exchanged_files_are_noticed(
    tmp_path: Path, arrays: list[np.ndarray], write: Write, raises_one_line: Any
) -> None:
    arrays[:] = arrays[2:] + arrays[:2]
    write(tmp_path, "")
    with raises_one_line(DataError, "62 training and 186 test examples.*exchanged"):
        load_emnist(tmp_path)


@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_a_truncated_archive_is_named(
    keep: float, tmp_path: Path, write: Write, raises_one_line: Any
) -> None:
    write(tmp_path, "gzip.zip")
    path = tmp_path / "gzip.zip"
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    with raises_one_line(DataError, "gzip.zip is truncated or damaged"):
        load_emnist(tmp_path)


def test_another_archive_and_none_are_named(tmp_path: Path, raises_one_line: Any) -> None:
    with raises_one_line(DataError, "gzip.zip: check data_dir, or run `rectinet data fetch emn"):
        load_emnist(tmp_path)
    assert find_emnist(tmp_path) is None
    with zipfile.ZipFile(tmp_path / "gzip.zip", "w") as archive:
        archive.writestr("something", b"else")
    with raises_one_line(DataError, "has no file emnist-byclass-train-images-idx3-ubyte.gz"):
        load_emnist(tmp_path)


def test_the_archive_that_was_fetched_can_be_loaded(
    tmp_path: Path, write: Write, served: Any, published: Any
) -> None:
    write(served[0], "gzip.zip")
    published("emnist-byclass")
    folder = fetch_dataset("emnist-byclass", data_dir=tmp_path / "new")
    assert folder == tmp_path / "new" / "emnist-byclass" == locate("emnist-byclass", folder)
    assert load_dataset("emnist-byclass", data_dir=tmp_path / "new").train.X.shape == (124, 16)
