"""``rectinet demo``, ``reproduce`` and ``report``."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rectinet import stopping
from rectinet.cli.options import Address, Backend, DataDir, Jobs, OnlySeeds, Seeds, seed_numbers
from rectinet.data import describe, load_dataset, locate
from rectinet.errors import SettingError
from rectinet.report import print_results, save_report, write_overview, write_report
from rectinet.studies import STUDIES, Study, StudyResults, image_table, read_study, run_studies

_ALL = "all"
_RESULTS = Path("results")


class Protocol(StrEnum):
    """How much effort a study takes."""

    QUICK = "quick"
    PAPER = "paper"


def demo(
    out: Annotated[Path, typer.Option(help="Folder for runs and page.")] = _RESULTS / "demo",
    jobs: Jobs = None,
) -> None:
    """Train the paper's comparison on handwritten digits, in a minute or two.

    Rectifier, tanh and softplus networks with and without pre-training, and the rectifier with few
    labels. Needs no download. Run it again to see the results again; finished runs are kept.
    """
    _run([(image_table("digits", "quick"), out)], None, jobs)


def reproduce(
    study: Annotated[
        str, typer.Argument(help=f"Which study: {', '.join(STUDIES)}; or {_ALL} of them.")
    ],
    dataset: Annotated[
        str | None,
        typer.Option(help=f"Data set (default: the study's first; of {_ALL}: all there are)."),
    ] = None,
    protocol: Annotated[
        Protocol, typer.Option(help="quick: small nets; paper: the paper's sizes.")
    ] = Protocol.QUICK,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for runs and page (default: results/STUDY-DATASET-PROTOCOL); "
            f"of {_ALL}: the folder above those."
        ),
    ] = None,
    seeds: Seeds = None,
    only_seeds: OnlySeeds = None,
    data_dir: DataDir = None,
    jobs: Jobs = None,
    backend: Backend = "local",
    address: Address = None,
) -> None:
    """Run one of the paper's experiments; interrupt and repeat the command to go on."""
    only = None if only_seeds is None else seed_numbers(only_seeds)
    if study == _ALL:
        if only is not None:
            raise SettingError(f"--only-seeds takes one study; name it instead of {_ALL!r}")
        plans = _all_plans(dataset, protocol.value, seeds, data_dir)
        folders = [(out or _RESULTS) / _folder_name(plan) for plan in plans]
    elif study in STUDIES:
        experiment = STUDIES[study]
        # Where nothing is known of that protocol, the experiment says what it has.
        default = next(iter(experiment.datasets(protocol.value)), "")
        plans = [experiment(dataset or default, protocol.value, seeds)]
        folders = [out or _RESULTS / _folder_name(plans[0])]
    else:
        known = ", ".join((*STUDIES, _ALL))
        raise SettingError(f"study {study!r} is unknown; the known ones are {known}")
    # Missing or damaged files are found before any run begins.
    for name in dict.fromkeys(name for plan in plans for name in plan.datasets):
        load_dataset(name, data_dir=data_dir)
    _run(list(zip(plans, folders, strict=True)), data_dir, jobs, backend, address, only)
    if study == _ALL:
        _say_page(write_overview(out or _RESULTS))


def _all_plans(
    dataset: str | None, protocol: str, seeds: int | None, data_dir: Path | None
) -> list[Study]:
    """Return every study there is at one effort; data sets that are not here are left out."""
    if data_dir is not None and not data_dir.expanduser().is_dir():
        raise SettingError(
            f"--data-dir {data_dir}: there is no such folder; give the one that holds the data "
            "sets' files"
        )
    plans = [
        experiment(name, protocol, seeds)
        for experiment in STUDIES.values()
        for name in experiment.datasets(protocol)
        if dataset in (None, name)
    ]
    if not plans:
        known = {name for study in STUDIES.values() for name in study.datasets(protocol)}
        raise SettingError(
            f"no study has settings for data set {dataset!r} and protocol {protocol!r}; there are "
            f"some for {', '.join(sorted(known))}"
        )
    names = dict.fromkeys(name for plan in plans for name in plan.datasets)
    here = {name: _is_here(name, data_dir) for name in names}
    # One line for a family of data sets that come in the same files.
    left_out = {plan.dataset: name for plan in plans for name in plan.datasets if not here[name]}
    for family, name in left_out.items():
        typer.echo(
            f"rectinet: {family} is left out, its files were not found; see `rectinet data info "
            f"{name}`",
            err=True,
        )
    found = [plan for plan in plans if plan.dataset not in left_out]
    if not found:
        raise SettingError(
            f"no study is left of those of {', '.join(left_out)}; give the folder with their files "
            "with --data-dir"
        )
    return found


def _is_here(dataset: str, data_dir: Path | None) -> bool:
    return not describe(dataset).needs_files or locate(dataset, data_dir) is not None


def _folder_name(plan: Study) -> str:
    return f"{plan.name}-{plan.dataset}-{plan.protocol}"


def report(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="A study's folder; with --all, the one that holds them.",
            show_default="with --all: results",
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Draw one page over all studies in FOLDER.")
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option(
            help="Also write numbers (without weights), figures and a page in Markdown to this "
            "folder, small enough for a repository; it can be reported on like the study's own."
        ),
    ] = None,
    others: Annotated[
        list[Path] | None,
        typer.Option(
            "--with",
            help="Another folder of the same study, its own or a saved one, whose runs are added: "
            "other seeds, done elsewhere. May be given several times.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The page to write (default: FOLDER/report.html).")
    ] = None,
) -> None:
    """Print a study's tables again and draw its page; trains nothing."""
    if every:
        if save or others:
            name = "--save" if save else "--with"
            raise SettingError(f"{name} takes one study; give its folder, without --all")
        _say_page(write_overview(folder or Path("results"), out))
        return
    if folder is None:
        raise SettingError("no folder given; give a study's folder, or --all for all in results")
    page = write_report(folder, out, others=others or ())
    _show(read_study(folder, *(others or ())), page)
    if save:
        saved = save_report(folder, save, others=others or ())
        typer.echo(f"Saved without weights: {saved.parent.resolve()}")


def _run(
    studies: Sequence[tuple[Study, Path]],
    data_dir: Path | None,
    jobs: int | None,
    backend: str = "local",
    address: str | None = None,
    seeds: tuple[int, ...] | None = None,
) -> None:
    pages: dict[Path, Path] = {}

    def draw(folder: Path) -> None:
        pages[folder] = write_report(folder)

    try:
        try:
            run_studies(
                studies,
                data_dir=data_dir,
                jobs=jobs,
                backend=backend,
                address=address,
                seeds=seeds,
                ended=draw,
            )
        finally:
            # Not in `draw`: the progress bar takes what is printed meanwhile to standard error.
            for folder, page in pages.items():
                _show(read_study(folder), page)
    except KeyboardInterrupt:
        # Here and not in main: typer ends the program itself when Ctrl-C reaches it.
        stopping.end("; finished epochs are kept, the same command goes on from them")


def _show(results: StudyResults, page: Path) -> None:
    print_results(results, Console())
    _say_page(page)


def _say_page(page: Path) -> None:
    # Not through rich, which would break a long path into two lines.
    typer.echo(f"\nThe page to look at: {page.resolve()}")
