"""A corpus larger than memory: CSR matrices in files of their own, mapped when they are read.

A folder holds ``corpus.json``, the list of what is complete, and for each shard the arrays of its
CSR matrix as .npy files, which can be mapped where .npz archives cannot.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from rectinet.data.check import check_inputs
from rectinet.errors import DataError, InputError, StorageError
from rectinet.files import as_path, make_folder, read_json, write_bytes, write_json

_FORMAT = "rectinet corpus 1"
_LIST = "corpus.json"
_TYPES = {"data": np.float32, "indices": np.int32, "indptr": np.int32, "stars": np.float64}
_CURE = "delete the folder and write the corpus again"


class Shard(NamedTuple):
    """Some documents of a corpus.

    Attributes:
        X: shape (n, n_features), float32 CSR, mapped from the disk and read-only.
        stars: shape (n,), float64, NaN where unknown; None if the corpus has none.
    """

    X: Any
    stars: np.ndarray | None


@dataclass(frozen=True)
class _Listed:
    """A complete shard.

    Attributes:
        n_documents, n_nonzeros: how many.
        sha256: of each of its files.
        source: what identifies the input up to its last document; empty if that is not known.
    """

    n_documents: int
    n_nonzeros: int
    sha256: dict[str, str]
    source: str = ""


class ShardWriter:
    """Writes a corpus, one shard at a time; what is complete stays when it is stopped.

    A folder in which a writer was stopped is taken up where it ends: `n_documents` says how many
    are there already.

    Args:
        folder: where the corpus goes; created if missing.
        terms: the name of each column.
        settings: JSON-ready values that say how documents become rows; those of a corpus that is
            taken up must be the same.

    Raises:
        DataError: if the folder holds a corpus that is damaged, or of other columns or settings.
        StorageError: if the folder cannot be written.
    """

    def __init__(
        self,
        folder: str | Path,
        terms: Sequence[str],
        settings: Mapping[str, str | int] | None = None,
    ):
        self.folder = make_folder(as_path(folder, "the name of a folder"))
        self.terms = tuple(map(str, terms))
        self._settings = dict(settings or {})
        self._shards: list[_Listed] = []
        if (self.folder / _LIST).exists():
            terms_there, self._shards, settings_there = _read_list(self.folder)
            if terms_there != self.terms:
                raise DataError(
                    f"{self.folder} holds a corpus of {len(terms_there)} other columns; expected "
                    f"these {len(self.terms)}: choose another folder, or delete it"
                )

            for name in sorted(settings_there.keys() | self._settings.keys()):
                there, here = settings_there.get(name), self._settings.get(name)
                if there != here:
                    raise DataError(
                        f"{self.folder} holds a corpus whose {name} is {there!r}; expected "
                        f"{here!r}: choose another folder, or delete it"
                    )

    @property
    def n_documents(self) -> int:
        """The number of documents in the shards that are complete."""
        return sum(shard.n_documents for shard in self._shards)

    def check_source(self, source: str) -> None:
        """Check that the complete shards came from the input that is at hand.

        Args:
            source: what identifies the input up to document `n_documents`; see `append`.

        Raises:
            DataError: if they came from another.
        """
        if self._shards and self._shards[-1].source != source:
            raise DataError(
                f"{self.folder} holds a corpus whose first {self.n_documents:,} documents are "
                "others than those at hand: choose another folder, or delete it"
            )

    def append(self, X: Any, stars: Any = None, *, source: str = "") -> None:
        """Write a shard; all of it or, if that fails, nothing.

        Args:
            X: shape (n, number of terms), sparse.
            stars: shape (n,), NaN where unknown; None: there are none.
            source: what identifies the input from the first document to the last of this shard,
                such as a checksum.

        Raises:
            InputError: if `X` cannot be used (see `check_inputs`), or has 2**31 non-zeros or more.
            StorageError: if the disk is full or the folder cannot be written.
        """
        matrix = check_inputs(sparse.csr_array(X), n_features=len(self.terms))
        if matrix.nnz > np.iinfo(np.int32).max:
            raise InputError(
                f"X has {matrix.nnz} non-zeros; expected fewer than 2**31 in one shard: append "
                "fewer documents at a time"
            )
        arrays = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr}
        if stars is not None:
            arrays["stars"] = np.asarray(stars, dtype=np.float64)
            if arrays["stars"].shape != (matrix.shape[0],):
                raise InputError(
                    f"stars has shape {arrays['stars'].shape}; expected ({matrix.shape[0]},): one "
                    "for each document"
                )
        sha256 = {}
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, np.asarray(array, dtype=_TYPES[name]), allow_pickle=False)
            sha256[name] = hashlib.sha256(buffer.getbuffer()).hexdigest()
            write_bytes(_file(self.folder, len(self._shards), name), buffer.getvalue())
        self._shards.append(_Listed(matrix.shape[0], matrix.nnz, sha256, source))
        content = {
            "format": _FORMAT,
            "settings": self._settings,
            "terms": list(self.terms),
            "shards": [asdict(shard) for shard in self._shards],
        }
        write_json(self.folder / _LIST, content)


class ShardedCorpus:
    """A corpus in a folder, as `ShardWriter` wrote it.

    Iterating yields every `Shard` in order. Each is mapped while it is in use: memory holds the
    pages that are read, and gives them back when they are needed elsewhere. A shard's files are
    compared with their checksums when it is opened for the first time.

    Args:
        folder: where it is.

    Raises:
        DataError: if there is no corpus, or its list is damaged or empty.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        self.terms, self._shards, _ = _read_list(self.folder)
        if not self._shards:
            raise DataError(f"{self.folder} holds a corpus without documents; {_CURE}")
        self._checked: set[int] = set()

    @property
    def n_documents(self) -> int:
        """The number of documents in all shards."""
        return sum(shard.n_documents for shard in self._shards)

    @property
    def n_features(self) -> int:
        """The number of columns."""
        return len(self.terms)

    def __len__(self) -> int:
        return len(self._shards)

    def __iter__(self) -> Iterator[Shard]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> Shard:
        """Map a shard.

        Raises:
            DataError: if a file of it is missing, truncated, altered, or is no part of a corpus.
            IndexError: if there is no such shard.
        """
        number = range(len(self))[number]
        listed = self._shards[number]
        arrays = {name: self._map(number, name) for name in listed.sha256}
        n, d = listed.n_documents, self.n_features
        matrix = sparse.csr_array(
            (arrays["data"], arrays["indices"], arrays["indptr"]), shape=(n, d), copy=False
        )
        if number not in self._checked:
            self._check(number, matrix)
            self._checked.add(number)
        matrix.has_canonical_format = True  # SciPy would look through all of it to find that out
        return Shard(matrix, arrays.get("stars"))

    def _map(self, number: int, name: str) -> np.ndarray:
        listed = self._shards[number]
        path = _file(self.folder, number, name)
        sizes = {"indptr": listed.n_documents + 1, "stars": listed.n_documents}
        expected = (sizes.get(name, listed.n_nonzeros),)
        try:
            if number not in self._checked:
                with path.open("rb") as stream:
                    found = hashlib.file_digest(stream, "sha256").hexdigest()
                if found != listed.sha256[name]:
                    raise ValueError("its checksum is another")
            # Nothing to map in an array without entries, which mmap refuses.
            array: np.ndarray = np.load(
                path, mmap_mode=None if expected == (0,) else "r", allow_pickle=False
            )
            if array.shape != expected or array.dtype != _TYPES[name]:
                raise ValueError(f"it holds {array.dtype} of shape {array.shape}")
        except FileNotFoundError as error:
            raise DataError(f"{path} is missing; {_CURE}") from error
        except (OSError, ValueError, EOFError) as error:
            raise DataError(f"{path} is damaged ({error}); {_CURE}") from error
        return array

    def _check(self, number: int, matrix: Any) -> None:
        try:
            check_inputs(matrix, n_features=self.n_features, name=f"shard {number}")
            if not matrix.has_canonical_format:
                raise InputError(f"shard {number} has columns twice or in disorder; {_CURE}")
        except InputError as error:
            raise DataError(f"{self.folder}: {error}") from error


def _read_list(folder: Path) -> tuple[tuple[str, ...], list[_Listed], dict[str, Any]]:
    """Return the names of the columns, the complete shards, and the settings."""
    if not (folder / _LIST).is_file():
        raise DataError(f"{folder} holds no corpus: there is no {_LIST}; check the path")
    try:
        content = read_json(folder / _LIST)
        if content["format"] != _FORMAT:
            raise ValueError(f"its format is {content['format']!r}, expected {_FORMAT!r}")
        shards = [_Listed(**shard) for shard in content["shards"]]
        for shard in shards:
            if not {"data", "indices", "indptr"} <= set(shard.sha256) <= set(_TYPES):
                raise ValueError(f"a shard has the files {', '.join(shard.sha256)}")
        return tuple(map(str, content["terms"])), shards, dict(content.get("settings", {}))
    except (StorageError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{folder / _LIST} is damaged ({error}); {_CURE}") from error


def _file(folder: Path, number: int, name: str) -> Path:
    return folder / f"{number:05d}.{name}.npy"
