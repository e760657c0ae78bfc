"""Small collections of reviews in the official layouts."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def write_jsonl() -> Callable[..., Path]:
    """Return a writer of JSON lines, gzipped if the name says so."""

    def write(path: Path, records: Iterable[Mapping[str, Any]]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = "".join(json.dumps(record) + "\n" for record in records).encode()
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
        return path

    return write


@pytest.fixture
def write_files() -> Callable[..., Path]:
    """Return a writer of files into a folder, or into a .tar.gz if the name says so."""

    def write(place: Path, files: Mapping[str, bytes]) -> Path:
        if place.suffix == ".gz":
            with tarfile.open(place, "w:gz") as archive:
                for name, content in files.items():
                    member = tarfile.TarInfo(name)
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
            return place
        for name, content in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(content)
        return place

    return write
