from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.data import load_dataset, load_mnist
from rectinet.errors import DataError

Writer = Callable[[np.ndarray], bytes]


def load_small(folder: Path, small_mnist: Any) -> Any:
    return load_mnist(folder, files=small_mnist.remote_files(), n_validation=10)


@pytest.mark.parametrize("subfolder", ["", "mnist"])
def test_splits_are_in_the_official_order(subfolder: str, tmp_path: Path, small_mnist: Any) -> None:
    small_mnist.write(tmp_path / subfolder)
    dataset = load_small(tmp_path, small_mnist)
    images, labels, test_images, test_labels = small_mnist.arrays
    for split, expected_images, expected_labels in (
        (dataset.train, images[:20], labels[:20]),
        (dataset.validation, images[20:], labels[20:]),
        (dataset.test, test_images, test_labels),
    ):
        assert split.X.dtype == np.float32
        np.testing.assert_allclose(split.X * 255, expected_images.reshape(-1, 6), rtol=1e-6)
        np.testing.assert_array_equal(split.y, expected_labels)
    assert dataset.image_shape == (3, 2)
    assert dataset.n_classes == 10


def test_unpacked_files_and_the_dotted_spelling_are_found(tmp_path: Path, small_mnist: Any) -> None:
    small_mnist.write(tmp_path)
    before = load_small(tmp_path, small_mnist)
    for path in list(tmp_path.iterdir()):
        path.with_name(path.name.removesuffix(".gz").replace("-idx", ".idx")).write_bytes(
            gzip.decompress(path.read_bytes())
        )
        path.unlink()
    assert load_small(tmp_path, small_mnist).checksum == before.checksum


def test_another_gzip_wrapper_of_the_same_content_is_accepted(
    tmp_path: Path, small_mnist: Any
) -> None:
    small_mnist.write(tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), compresslevel=1))
    assert load_small(tmp_path, small_mnist).train.X.shape == (20, 6)


def test_altered_content_is_refused(tmp_path: Path, small_mnist: Any) -> None:
    files = small_mnist.remote_files()
    small_mnist.arrays[2][0, 0, 0] ^= 1  # one bit of one pixel of the test images
    small_mnist.write(tmp_path)
    with pytest.raises(DataError, match=r"t10k-images.* is not the official file") as error:
        load_mnist(tmp_path, files=files, n_validation=10)
    assert files[2].content_md5 in str(error.value)
    assert "delete the file and run `rectinet data fetch mnist`" in str(error.value)


def test_truncation_is_reported_rather_than_the_checksum(
    tmp_path: Path, small_mnist: Any, idx_bytes: Writer
) -> None:
    small_mnist.write(tmp_path)
    path = tmp_path / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(idx_bytes(small_mnist.arrays[3])[:-1])
    with pytest.raises(DataError, match=r"t10k-labels.* is truncated: expected 18 bytes, found 17"):
        load_small(tmp_path, small_mnist)


def test_labels_under_the_name_of_images_are_reported(tmp_path: Path, small_mnist: Any) -> None:
    small_mnist.write(tmp_path)
    labels = (tmp_path / "train-labels-idx1-ubyte.gz").read_bytes()
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(labels)
    with pytest.raises(DataError, match="magic number 0x00000801; expected 0x00000803"):
        load_small(tmp_path, small_mnist)


def test_images_and_labels_that_disagree_in_number_are_refused(
    tmp_path: Path, small_mnist: Any
) -> None:
    small_mnist.arrays[1] = small_mnist.arrays[1][:-1]
    small_mnist.write(tmp_path)
    with pytest.raises(DataError, match=r"has 30 images and .* has 29 labels"):
        load_small(tmp_path, small_mnist)


def test_a_label_out_of_range_is_located(tmp_path: Path, small_mnist: Any) -> None:
    small_mnist.arrays[1][7] = 10
    small_mnist.write(tmp_path)
    with pytest.raises(DataError, match=r"train-labels.*label 10 at position 7.*expected 0\.\.9"):
        load_small(tmp_path, small_mnist)


def test_a_missing_file_is_reported_with_the_cure(tmp_path: Path, small_mnist: Any) -> None:
    small_mnist.write(tmp_path)
    (tmp_path / "t10k-images-idx3-ubyte.gz").unlink()
    for folder in (tmp_path, tmp_path / "no-such-folder"):
        with pytest.raises(DataError) as error:
            load_small(folder, small_mnist)
        for part in (str(folder), "t10k-images-idx3-ubyte.gz", "rectinet data fetch mnist"):
            assert part in str(error.value)


def test_the_real_files(real_files: Any) -> None:
    folder = real_files("mnist")
    dataset = load_dataset("mnist", data_dir=folder)
    splits = (dataset.train, dataset.validation, dataset.test)
    assert [split.X.shape for split in splits] == [(50_000, 784), (10_000, 784), (10_000, 784)]
    # The first labels of the official training and test files, as printed in every tutorial.
    np.testing.assert_array_equal(dataset.train.y[:10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    np.testing.assert_array_equal(dataset.test.y[:10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    # The mean of the 60,000 training images, known from everybody's normalization constants.
    means = [split.X.mean(dtype=np.float64) for split in (dataset.train, dataset.validation)]
    assert np.average(means, weights=[5, 1]) == pytest.approx(0.1307, abs=5e-5)
    assert (dataset.train.X.min(), dataset.train.X.max()) == (0.0, 1.0)
