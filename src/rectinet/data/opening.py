"""Files opened for reading; what is wrong with them said in one line."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from rectinet.errors import DataError

GET_IT_AGAIN = "export or copy the file again"

_GZIP_MAGIC = b"\x1f\x8b"


@contextlib.contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Yield a file's bytes, decompressed where it is gzipped, whatever its name.

    Raises:
        DataError: if it is missing, empty, truncated, damaged, or not text where text is read.
    """
    try:
        with path.open("rb") as raw:
            start = raw.peek(len(_GZIP_MAGIC))
            if not start:
                raise DataError(f"{path} is empty; expected a table: {GET_IT_AGAIN}")
            if start.startswith(_GZIP_MAGIC):
                with gzip.open(raw) as stream:
                    yield cast(BinaryIO, stream)
            else:
                yield raw
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist; check the path") from error
    except EOFError as error:
        raise DataError(
            f"{path} is truncated: its gzip stream has no end; {GET_IT_AGAIN}"
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path} is a damaged gzip file ({error}); {GET_IT_AGAIN}") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}; check the path") from error
    except UnicodeDecodeError as error:
        found = error.object[error.start]
        if error.object.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise DataError(f"{path} is UTF-16 text; expected UTF-8: save it as UTF-8") from error
        raise DataError(
            f"{path} is not UTF-8 text: it has the byte 0x{found:02x}; save it as UTF-8"
        ) from error


def malformed(path: Path, problem: object, expected: str) -> DataError:
    """Return the error for a file of another or of a broken format."""
    said = " ".join(str(problem).split()).rstrip(".;:")
    return DataError(f"{path} cannot be used: {said}; expected {expected}: {GET_IT_AGAIN}")
