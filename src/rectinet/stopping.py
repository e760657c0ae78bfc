"""Ctrl-C while the command line is still being imported, which takes about two seconds.

Nothing has begun by then, and `rectinet.cli.main`, which says what Ctrl-C stopped, is not there
yet. So the first import of all sees to it, in the process of the command alone: whoever imports
rectinet keeps Python's KeyboardInterrupt.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

EXIT_CODE = 130
"""Of a command that Ctrl-C stopped, as shells have it."""

_MESSAGE = "rectinet: stopped"


def end(more: str = "") -> NoReturn:
    """End the command that Ctrl-C stopped, with one line.

    Not by `typer.Exit`: that is what typer makes of a Ctrl-C of which nothing has been said yet.

    Args:
        more: what is kept and what is not.
    """
    print(f"{_MESSAGE}{more}", file=sys.stderr)
    sys.exit(EXIT_CODE)


def is_command(program: str, words: list[str]) -> bool:
    """Return whether a process is ``rectinet`` or ``python -m rectinet``.

    Args:
        program: ``sys.argv[0]`` during the import; ``-m`` where Python looks for the module.
        words: ``sys.orig_argv``. Workers have the program's ``sys.argv``, but words of their own.
    """
    if program not in words:
        return False
    if program == "-m":
        return words[words.index("-m") + 1 :][:1] == ["rectinet"]
    return Path(program).stem == "rectinet"


def import_is_done() -> None:
    """Give Ctrl-C back to Python, whose KeyboardInterrupt the command line understands."""
    if signal.getsignal(signal.SIGINT) is _stop:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _stop(number: int, frame: FrameType | None) -> None:
    os.write(2, f"{_MESSAGE}\n".encode())
    os._exit(EXIT_CODE)


# A job in the background ignores Ctrl-C, and goes on to.
if (
    is_command(sys.argv[0] if sys.argv else "", sys.orig_argv)
    and signal.getsignal(signal.SIGINT) is signal.default_int_handler
):
    signal.signal(signal.SIGINT, _stop)
