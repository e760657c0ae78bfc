"""Options that several commands share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

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

Backend = Annotated[
    str, typer.Option(help="Who does the runs: local (this machine), dask or ray (a cluster).")
]
Address = Annotated[str | None, typer.Option(help="Of the Dask scheduler, or of the Ray cluster.")]


def as_options(message: str) -> str:
    """Return a message of the library in the words of the command line; paths stay as they are."""
    return re.sub(r"(?<![\w/])data_dir(?![\w/])", "--data-dir", message)
