"""``rectinet demo``, ``reproduce`` and ``report``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rectinet.cli.options import Address, Backend, DataDir, Jobs, Seeds
from rectinet.data import load_dataset
from rectinet.errors import SettingError
from rectinet.report import print_results, write_report
from rectinet.studies import STUDIES, Study, image_table, read_study, run_study


class Protocol(StrEnum):
    """How much effort a study takes."""

    QUICK = "quick"
    PAPER = "paper"


def demo(
    out: Annotated[Path, typer.Option(help="Folder for runs and page.")] = Path("results/demo"),
    jobs: Jobs = None,
) -> None:
    """Train the paper's comparison on handwritten digits, in a minute or two.

    Rectifier, tanh and softplus networks with and without pre-training, and the rectifier with few
    labels. Needs no download. Run it again to see the results again; finished runs are kept.
    """
    _run(image_table("digits", "quick"), out, None, jobs)


def reproduce(
    study: Annotated[str, typer.Argument(help=f"Which study: {', '.join(STUDIES)}.")],
    dataset: Annotated[str, typer.Option(help="digits or mnist.")] = "digits",
    protocol: Annotated[
        Protocol, typer.Option(help="quick: small nets; paper: the paper's sizes.")
    ] = Protocol.QUICK,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for runs and page (default: results/STUDY-DATASET-PROTOCOL)."),
    ] = None,
    seeds: Seeds = None,
    data_dir: DataDir = None,
    jobs: Jobs = None,
    backend: Backend = "local",
    address: Address = None,
) -> None:
    """Run one of the paper's experiments; interrupt and repeat the command to go on."""
    if study not in STUDIES:
        raise SettingError(f"study {study!r} is unknown; the known ones are {', '.join(STUDIES)}")
    plan = STUDIES[study](dataset, protocol.value, seeds)
    # Missing or damaged files are found before any run begins.
    load_dataset(dataset, data_dir=data_dir)
    folder = out or Path("results") / f"{study}-{dataset}-{protocol.value}"
    _run(plan, folder, data_dir, jobs, backend, address)


def report(
    folder: Annotated[Path, typer.Argument(help="A study's folder.")],
    out: Annotated[
        Path | None, typer.Option(help="The page to write (default: FOLDER/report.html).")
    ] = None,
) -> None:
    """Print a study's tables again and draw its page; trains nothing."""
    _show(folder, out)


def _run(
    plan: Study,
    out: Path,
    data_dir: Path | None,
    jobs: int | None,
    backend: str = "local",
    address: str | None = None,
) -> None:
    try:
        run_study(plan, out, data_dir=data_dir, jobs=jobs, backend=backend, address=address)
    except KeyboardInterrupt:
        # Here and not in main: typer ends the program itself when Ctrl-C reaches it.
        typer.echo(
            "rectinet: stopped; finished epochs are kept, the same command goes on from them",
            err=True,
        )
        raise typer.Exit(130) from None
    _show(out, None)


def _show(folder: Path, out: Path | None) -> None:
    page = write_report(folder, out)
    console = Console()
    print_results(read_study(folder), console)
    # Not through rich, which would break a long path into two lines.
    typer.echo(f"\nThe page to look at: {page.resolve()}")
