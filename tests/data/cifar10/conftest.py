"""CIFAR-10 in its official formats, byte for byte, with 20 examples in a file instead of 10,000."""

from __future__ import annotations

import io
import struct
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rectinet.data.cifar10 import compact

ROWS = 20
NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
PARTS = ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5")


@dataclass
class SmallCifar:
    """Six files' worth of images (6, 20, 32, 32, 3) and labels (6, 20); the last is the test."""

    images: np.ndarray
    labels: np.ndarray

    def planes(self, part: int) -> np.ndarray:
        """Return the pixels in the official order: red, green, blue planes, (20, 3072)."""
        return self.images[part].transpose(0, 3, 1, 2).reshape(ROWS, -1)

    def binary_files(self) -> dict[str, bytes]:
        files = {
            f"{name}.bin": np.column_stack([self.labels[part], self.planes(part)]).tobytes()
            for part, name in enumerate((*PARTS, "test_batch"))
        }
        return {**files, "batches.meta.txt": ("\n".join(NAMES) + "\n\n").encode()}

    def python_files(self) -> dict[str, bytes]:
        files = {
            name: python_2_batch(self.planes(part), self.labels[part])
            for part, name in enumerate((*PARTS, "test_batch"))
        }
        return {**files, "batches.meta": python_2_names()}

    def write(self, folder: Path, version: str) -> Path:
        """Write a version into `folder`; return the folder or file that holds it."""
        folder.mkdir(parents=True, exist_ok=True)
        if version == "compact":
            return self.write_compact(folder / "cifar10_webp.npz")
        kind, _, packed = version.partition(" ")
        files = self.binary_files() if kind == "binary" else self.python_files()
        inner = "cifar-10-batches-" + ("bin" if kind == "binary" else "py")
        if not packed:
            write_folder(folder / inner, files)
            return folder / inner
        return write_archive(folder / f"cifar-10-{kind}.tar.gz", inner, files)

    def write_compact(self, path: Path) -> Path:
        """Write the .npz file: here 4 x 5 images make a picture, so each part is one picture."""
        arrays = {
            "train_labels": self.labels[:5].reshape(-1).astype(np.uint8),
            "test_labels": self.labels[5].astype(np.uint8),
            "test_lossless": np.arange(ROWS) % 3 == 0,
        }
        for part in range(6):
            grid = self.images[part].reshape(4, 5, 32, 32, 3).swapaxes(1, 2)
            content = io.BytesIO()
            picture = Image.fromarray(np.ascontiguousarray(grid.reshape(128, 160, 3)))
            picture.save(content, "WEBP", lossless=True)
            name = f"train_{part:02}" if part < 5 else "test_00"
            arrays[name] = np.frombuffer(content.getvalue(), np.uint8)
        np.savez(path, **arrays)
        return path


def write_folder(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def write_archive(path: Path, inner: str, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        folder = tarfile.TarInfo(inner)
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in reversed(files.items()):  # their order in archives is arbitrary
            member = tarfile.TarInfo(f"{inner}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def python_2_string(text: bytes) -> bytes:
    """Pickle a str of Python 2."""
    short = len(text) < 256
    return (b"U" + bytes([len(text)]) if short else b"T" + struct.pack("<i", len(text))) + text


def python_2_batch(planes: np.ndarray, labels: np.ndarray) -> bytes:
    """Pickle a batch as Python 2 and its NumPy did: opcodes of protocol 2, strings of bytes."""
    rows = b"M" + struct.pack("<H", len(planes))
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        + (b"(K\x01" + rows + b"M\x00\x0c\x86")
        + b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNN"
        + b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        + (b"\x89" + python_2_string(planes.tobytes()) + b"tb")
    )
    listed = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    entries = {b"batch_label": python_2_string(b"a batch"), b"labels": listed, b"data": array}
    content = b"".join(python_2_string(key) + value for key, value in entries.items())
    return b"\x80\x02}(" + content + b"u."


def python_2_names() -> bytes:
    listed = b"](" + b"".join(python_2_string(name.encode()) for name in NAMES) + b"e"
    count = python_2_string(b"num_cases_per_batch") + b"K\x14"
    return b"\x80\x02}(" + count + python_2_string(b"label_names") + listed + b"u."


@pytest.fixture
def small_cifar(monkeypatch: pytest.MonkeyPatch) -> SmallCifar:
    monkeypatch.setattr(compact, "TILES", (4, 5))
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (6, ROWS, 32, 32, 3), dtype=np.uint8)
    return SmallCifar(images, random.integers(0, 10, (6, ROWS)).astype(np.uint8))
