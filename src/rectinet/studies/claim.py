"""One command at a time in a study's folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rectinet.errors import StudyError
from rectinet.files import make_folder

if sys.platform != "win32":
    import fcntl


@contextmanager
def claim(folder: Path) -> Iterator[None]:
    """Keep other processes of this machine from working in `folder`, which is created if missing.

    The system takes the claim back when the process ends, however it does; nothing is written.
    Where there are no such locks (Windows, some network file systems), nothing is claimed.

    Raises:
        StudyError: if another process has claimed it.
        StorageError: if it cannot be created.
    """
    make_folder(folder)
    if sys.platform == "win32":
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StudyError(
                f"another process is working in {folder}; wait for its end or stop it, or give "
                "another folder with --out"
            ) from None
        except OSError:
            pass
        yield
    finally:
        os.close(handle)
