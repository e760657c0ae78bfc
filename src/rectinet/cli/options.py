"""Options that several commands share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from rectinet.errors import SettingError

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="Folder with the data sets' files (default: $RECTINET_DATA, then the user cache).",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", help="Runs at the same time (default: one per core)."),
]
Seeds = Annotated[
    int | None,
    typer.Option("--seeds", help="Runs per cell of the table (default: the protocol's)."),
]
OnlySeeds = Annotated[
    str | None,
    typer.Option(
        "--only-seeds",
        metavar="N,N",
        help="Do the runs of these seeds alone, numbered from 0, with commas between; the others "
        "elsewhere or later. `rectinet report --with` joins them.",
    ),
]

Backend = Annotated[
    str, typer.Option(help="Who does the runs: local (this machine), dask or ray (a cluster).")
]
Address = Annotated[str | None, typer.Option(help="Of the Dask scheduler, or of the Ray cluster.")]


def seed_numbers(text: str) -> tuple[int, ...]:
    """Return the numbers of an option such as ``0,2``.

    Raises:
        SettingError: if it is not like that.
    """
    if not re.fullmatch(r"\d+(,\d+)*", text):
        raise SettingError(f"--only-seeds is {text!r}; give numbers with commas between, as in 0,2")
    return tuple(map(int, text.split(",")))


def as_options(message: str) -> str:
    """Return a message of the library in the words of the command line; paths stay as they are."""
    return re.sub(r"(?<![\w/])data_dir(?![\w/])", "--data-dir", message)
