"""``rectinet data list``, ``info`` and ``fetch``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from rectinet.cli.options import DataDir, as_options
from rectinet.data import dataset_names, describe, fetch_dataset, load_dataset, locate

app = typer.Typer(help="What data sets there are, and how to get them.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of a data set; see `rectinet data list`.")]


@app.command("list")
def list_datasets(data_dir: DataDir = None) -> None:
    """List the data sets and say which are ready to use."""
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("name", "ready", "what it is, and how to get it"):
        # The last is as wide as is left, and wraps.
        table.add_column(column, no_wrap=column in ("name", "ready"))
    listed = set()
    for name in dataset_names():
        family = describe(name).family
        if family in listed:
            continue
        if family:
            listed.add(family)
        ready = not describe(name).needs_files or locate(name, data_dir) is not None
        # The command on a line of its own, to be copied: the longest has 39 characters.
        how = "" if ready else f"\n{_how_to_get(name)}"
        table.add_row(family or name, "yes" if ready else "no", describe(name).description + how)
    Console().print(table)


@app.command()
def info(name: Name, data_dir: DataDir = None) -> None:
    """Say where a data set comes from, and what its splits hold if it is there."""
    entry = describe(name)
    folder = locate(name, data_dir) if entry.needs_files else None
    lines = {
        "name": entry.name,
        "what it is": entry.description,
        "examples": f"{entry.n_examples:,} of {entry.n_features} features"
        + (f", and {entry.n_unlabeled:,} unlabeled" if entry.n_unlabeled else ""),
        "classes": str(entry.n_classes),
        "from": entry.source,
        "license": entry.license,
    }
    if entry.needs_files:
        cure = entry.how_to_get or f"rectinet data fetch {name}"
        lines["files"] = str(folder) if folder else f"not found; {cure}"
    # A folder named by the user must hold the files; loading says what is missing.
    if folder or data_dir or not entry.needs_files:
        data = load_dataset(name, data_dir=data_dir)
        sizes = (len(split.y) for split in (data.train, data.validation, data.test))
        lines["splits"] = "{:,} train, {:,} validation, {:,} test".format(*sizes)
        if data.unlabeled is not None:
            lines["splits"] += f", {data.unlabeled.shape[0]:,} unlabeled"
        lines["how"] = data.provenance
        lines["checksum"] = data.checksum
    for key, value in lines.items():
        typer.echo(f"{key + ':':<12}{as_options(value)}")


@app.command()
def fetch(
    name: Name,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="Where to put it (default: the user cache).")
    ] = None,
) -> None:
    """Download a data set's files and check them."""
    with _DownloadBar() as bar:
        folder = fetch_dataset(name, data_dir=data_dir, progress=bar)
    typer.echo(f"{name} needs no files" if folder is None else f"{name} is in {folder}")


def _how_to_get(name: str) -> str:
    """Return the command that fetches a data set, or that says how to get it."""
    return f"rectinet data {'fetch' if describe(name).can_fetch else 'info'} {name}"


class _DownloadBar:
    """A rich bar with the interface that the downloader calls (see `rectinet.data.ProgressBar`)."""

    def __init__(self) -> None:
        self.total = 0
        self._progress = Progress(
            TextColumn("downloading"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("")

    def __enter__(self) -> _DownloadBar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def update(self, n: int) -> None:
        """Add `n` bytes."""
        self._progress.update(self._task, advance=n, total=self.total)

    def reset(self) -> None:
        """Begin a file."""
        self._progress.reset(self._task, total=self.total)

    def close(self) -> None:
        """End a file."""
