"""EMNIST ByClass: the characters of NIST Special Database 19 in MNIST's format, 62 classes."""

from __future__ import annotations

import gzip
import string
import zipfile
import zlib
from pathlib import Path

import numpy as np

from rectinet.data.check import check_labels
from rectinet.data.dataset import Dataset, Split
from rectinet.data.fetch import RemoteFile
from rectinet.data.idx import parse_idx, read_uncompressed
from rectinet.data.locate import find_file, find_files
from rectinet.errors import DataError, InputError

EMNIST_MIRRORS = ("https://biometrics.nist.gov/cs_links/EMNIST/",)
EMNIST_FILES = (
    # The archive of all EMNIST sets; ByClass is four files in it. Only its own MD5 is known.
    RemoteFile("gzip.zip", "58c8d27c78d21e728a6bc7b3cc06412e", content_md5=""),
)
CLASSES = tuple(string.digits + string.ascii_uppercase + string.ascii_lowercase)
_STEMS = tuple(
    f"emnist-byclass-{part}-{kind}-ubyte"
    for part in ("train", "test")
    for kind in ("images-idx3", "labels-idx1")
)
_MEMBERS = tuple(RemoteFile(f"{stem}.gz", "", "", (stem,)) for stem in _STEMS)
_ARCHIVES = ("gzip.zip", "emnist-gzip.zip")
_SUBFOLDERS = ("", "gzip", "emnist", "emnist/gzip", "emnist-byclass", "emnist-byclass/gzip")
_LARGEST_PIXEL = np.float32(255)
_IMAGES_MAGIC = 0x00000803  # bytes, three dimensions
_LABELS_MAGIC = 0x00000801  # bytes, one dimension
_CURE = "delete the file and fetch or copy it again"


def load_emnist(data_dir: str | Path) -> Dataset:
    """Load EMNIST ByClass: 814,255 images of 28x28 pixels, 62 classes.

    The official test set is the test set; as many of the last training examples are the validation
    set. The official images lie on their side (rows and columns exchanged): here they stand
    upright.

    Args:
        data_dir: holds, itself or in a subfolder (gzip, emnist, emnist-byclass), the four files
            ``emnist-byclass-*-ubyte``, gzipped or not, or the official archive ``gzip.zip``.

    Returns:
        The data set; pixels are in [0, 1], ink is 1. It takes 2.6 GB as float32.

    Raises:
        DataError: if a file is missing or damaged, or images and labels do not belong together.
    """
    files = _Files(Path(data_dir))
    X, y = files.pair("train")
    test_X, test_y = files.pair("test")
    if test_X.shape[1] != X.shape[1]:
        raise DataError(
            f"{files.place} has training images of {X.shape[1]} pixels and test images of "
            f"{test_X.shape[1]}; expected the same: take all files from the same source"
        )
    test = Split(test_X, test_y)
    n_train = len(X) - len(test.y)
    if n_train < 1:
        raise DataError(
            f"{files.place} has {len(X)} training and {len(test.y)} test examples; expected more "
            "training than test examples: the files are exchanged; check their names"
        )
    return Dataset(
        name="emnist-byclass",
        train=Split(X[:n_train], y[:n_train]),
        validation=Split(X[n_train:], y[n_train:]),
        test=test,
        classes=CLASSES,
        image_shape=files.image_shape,
        provenance=f"EMNIST ByClass, official files, images turned upright; validation: the last "
        f"{len(test.y)} training examples; test: the official one",
    )


def find_emnist(folder: Path) -> Path | None:
    """Return the folder that holds the files, at or below `folder`; None if they are not there."""
    place = _find(folder)
    return place.parent if place is not None and place.is_file() else place


def _find(folder: Path) -> Path | None:
    """Return the folder of the four files, or the archive."""
    places = [folder / sub for sub in _SUBFOLDERS]
    for place in places:
        if find_files(place, "", _MEMBERS) is not None:
            return place
    found = (find_file(places, name) for name in _ARCHIVES)
    return next((path for path in found if path is not None), None)


class _Files:
    """The four files, wherever they lie."""

    def __init__(self, folder: Path):
        place = _find(folder)
        if place is None:
            raise DataError(
                f"the EMNIST ByClass files are not in {folder} (nor in its subfolders "
                f"{', '.join(_SUBFOLDERS[1:])}); looked for {', '.join(_STEMS)} (also with .gz) "
                "and gzip.zip: check data_dir, or run `rectinet data fetch emnist-byclass` and "
                "leave data_dir out"
            )
        self.place = place
        self.image_shape: tuple[int, ...] = ()

    def pair(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """Return X (n, height * width) float32 and y (n,) int64 of a part."""
        images_name, labels_name = (stem for stem in _STEMS if f"-{part}-" in stem)
        images = self._parse(images_name, _IMAGES_MAGIC)
        labels = self._parse(labels_name, _LABELS_MAGIC)
        if len(images) != len(labels):
            raise DataError(
                f"{self.place} has {len(images)} images in {images_name} and {len(labels)} labels "
                f"in {labels_name}; expected one for each image: take both from the same source"
            )
        try:
            y = check_labels(labels, n_examples=len(images), n_classes=len(CLASSES))
        except InputError as error:
            raise DataError(f"{self.place / labels_name}: {error}") from error
        upright = images.swapaxes(1, 2)
        self.image_shape = upright.shape[1:]
        return upright.reshape(len(images), -1) / _LARGEST_PIXEL, y

    def _parse(self, stem: str, magic: int) -> np.ndarray:
        return parse_idx(self._read(stem), source=self.place / stem, magic=magic)

    def _read(self, stem: str) -> bytes:
        if self.place.is_dir():
            path = find_file((self.place,), stem) or self.place / f"{stem}.gz"
            return read_uncompressed(path)
        try:
            with zipfile.ZipFile(self.place) as archive:
                return gzip.decompress(archive.read(_member(archive, stem, self.place)))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise DataError(f"{self.place} is truncated or damaged ({error}); {_CURE}") from error


def _member(archive: zipfile.ZipFile, stem: str, path: Path) -> str:
    for name in archive.namelist():
        if name.rpartition("/")[2] == f"{stem}.gz":
            return name
    raise DataError(
        f"{path} has no file {stem}.gz: it is not EMNIST's archive in MNIST's format; check its "
        "name or fetch it again"
    )
