"""Small files in the official formats, for the tests of the readers."""

from __future__ import annotations

import dataclasses
import functools
import gzip
import hashlib
import http.server
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pooch
import pytest

from rectinet.data import registry, user_cache
from rectinet.data.fetch import RemoteFile

IDX_CODES = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}
MNIST_STEMS = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def _idx_bytes(array: np.ndarray) -> bytes:
    header = struct.pack(">HBB", 0, IDX_CODES[array.dtype.name], array.ndim)
    shape = struct.pack(f">{array.ndim}I", *array.shape)
    return header + shape + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a user's cache of its own."""
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / "cache" / name)
    return user_cache()


@pytest.fixture(scope="session")
def idx_bytes() -> Callable[[np.ndarray], bytes]:
    """Return the writer of IDX: an array to the bytes of its file."""
    return _idx_bytes


class _Handler(http.server.SimpleHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Path, str, list[str]]]:
    """Serve a folder; yields the folder, its address, and the paths asked for so far."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(_Handler, "asked", [], raising=False)
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}/", _Handler.asked
        server.shutdown()
        thread.join()


@pytest.fixture
def published(
    served: tuple[Path, str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Let the registry download a data set from the folder that is served."""
    folder, address, _ = served

    def publish(name: str) -> None:
        entries = []
        for entry in registry._ENTRIES:
            if entry.info.name == name:
                files = tuple(
                    dataclasses.replace(
                        file, md5=hashlib.md5((folder / file.name).read_bytes()).hexdigest()
                    )
                    for file in entry.files
                )
                entry = dataclasses.replace(entry, files=files, mirrors=(address,))
            entries.append(entry)
        monkeypatch.setattr(registry, "_ENTRIES", tuple(entries))

    return publish


@dataclass
class SmallMnist:
    """Four arrays like MNIST's: 3x2 pixels, 30 training and 10 test examples."""

    arrays: list[np.ndarray]

    def remote_files(self) -> tuple[RemoteFile, ...]:
        """Return the files' names and checksums, as if these were the official ones."""
        return tuple(
            RemoteFile(
                name=f"{stem}.gz",
                md5=hashlib.md5(_packed(array)).hexdigest(),
                content_md5=hashlib.md5(_idx_bytes(array)).hexdigest(),
                other_names=(stem, stem.replace("-idx", ".idx")),
            )
            for stem, array in zip(MNIST_STEMS, self.arrays, strict=True)
        )

    def write(self, folder: Path) -> None:
        """Write the four files, gzipped, under their official names."""
        folder.mkdir(parents=True, exist_ok=True)
        for stem, array in zip(MNIST_STEMS, self.arrays, strict=True):
            (folder / f"{stem}.gz").write_bytes(_packed(array))


def _packed(array: np.ndarray) -> bytes:
    return gzip.compress(_idx_bytes(array), mtime=0)  # no time: the same bytes at every call


@pytest.fixture
def small_mnist() -> SmallMnist:
    random = np.random.default_rng(0)
    return SmallMnist(
        [
            random.integers(0, 256, (30, 3, 2), dtype=np.uint8),
            np.arange(30, dtype=np.uint8) % 10,
            random.integers(0, 256, (10, 3, 2), dtype=np.uint8),
            np.arange(10, dtype=np.uint8),
        ]
    )
