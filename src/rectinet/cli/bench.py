"""``rectinet bench training``, ``inference`` and ``kernels``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from rectinet import bench, stopping
from rectinet.bench.race import Watch
from rectinet.errors import SettingError
from rectinet.files import make_folder, write_json
from rectinet.kernels.thresholds import save_thresholds

app = typer.Typer(
    help=(
        "How fast rectinet is here, beside the peers that are installed.\n\n"
        "All take turns, each in a process of its own at its best number of threads; ratios are "
        "medians over rounds, and keep their meaning on a busy machine."
    ),
    no_args_is_help=True,
)

Hidden = Annotated[str, typer.Option(help="Hidden layers: 1000,1000,1000 or 3x1000.")]
Zeros = Annotated[str, typer.Option(help="Shares of hidden zeros, one or several: 0,0.5,0.8.")]
Threads = Annotated[
    int | None, typer.Option(help="Threads at most (default: all cores); one is tried, too.")
]
Rounds = Annotated[int, typer.Option(help="Blocks per contender and case.")]
Seconds = Annotated[
    float | None, typer.Option(help="Begin no further round of a case after so many.")
]
Features = Annotated[int, typer.Option(help="Inputs of the net; 19% are active.")]
Peers = Annotated[str | None, typer.Option(help="Only these peers, by comma (default: all).")]
Json = Annotated[Path | None, typer.Option("--json", help="Write all numbers there.")]
Plot = Annotated[Path | None, typer.Option(help="Draw speed against zeros there (.png or .svg).")]

Number = TypeVar("Number", int, float)


@app.command()
def training(
    hidden: Hidden = "3x1000",
    batch: Annotated[int, typer.Option(help="Examples per minibatch.")] = 10,
    zeros: Zeros = "0.8",
    threads: Threads = None,
    rounds: Rounds = 25,
    seconds: Seconds = None,
    features: Features = 784,
    peers: Peers = None,
    json: Json = None,
    plot: Plot = None,
) -> None:
    """Time one training step, and compare it with the memory floor."""
    settings = bench.TrainingSettings(
        hidden=_layers(hidden),
        batch=batch,
        zeros=_numbers("zeros", zeros, float),
        threads=_threads(threads),
        features=features,
        peers=_keys(peers),
    )
    effort = bench.Effort(rounds, seconds)
    _run(lambda watch: bench.measure_training(settings, effort, watch), json, plot)


@app.command()
def inference(
    hidden: Annotated[
        list[str] | None,
        typer.Option(help="Hidden layers, such as 3x1000; repeat it for several networks."),
    ] = None,
    batch: Annotated[str, typer.Option(help="Examples per call, one or several.")] = "1,32,1024",
    zeros: Zeros = "0.8",
    threads: Threads = None,
    rounds: Rounds = 25,
    seconds: Seconds = None,
    features: Features = 784,
    peers: Peers = None,
    json: Json = None,
    plot: Plot = None,
) -> None:
    """Time predictions, a fresh input on every call."""
    settings = bench.InferenceSettings(
        hidden=tuple(map(_layers, hidden or ["3x1000"])),
        batches=_numbers("batch", batch, int),
        zeros=_numbers("zeros", zeros, float),
        threads=_threads(threads),
        features=features,
        peers=_keys(peers),
    )
    effort = bench.Effort(rounds, seconds)
    _run(lambda watch: bench.measure_inference(settings, effort, watch), json, plot)


@app.command()
def kernels(
    batch: Annotated[str, typer.Option(help="Examples per call.")] = "1,10,32,128,512",
    shape: Annotated[
        str, typer.Option(help="Layers, inputs x units.")
    ] = "784x1000,1000x1000,1000x10",
    active: Annotated[str, typer.Option(help="Shares of active inputs.")] = "0.05,0.2,0.5,1",
    threads: Annotated[int | None, typer.Option(help="Threads (default: all cores).")] = None,
    rounds: Rounds = 7,
    seconds: Seconds = None,
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate", help="Find and store where BLAS becomes faster, on this machine."
        ),
    ] = False,
    json: Json = None,
) -> None:
    """Time the kernels that skip against BLAS, and whether rectinet chooses the faster one."""
    effort = bench.Effort(rounds, seconds, block=0.02)
    if calibrate:
        _calibrate(_threads(threads), effort)
        return
    grid = bench.Grid(
        batches=_numbers("batch", batch, int),
        shapes=tuple(_shape(part) for part in shape.split(",")),
        active=_numbers("active", active, float),
        threads=_threads(threads),
    )
    _run(lambda watch: bench.measure_kernels(grid, effort, watch), json, None)


def _run(measure: Callable[[Watch], bench.Report], json: Path | None, plot: Path | None) -> None:
    # What would fail at the end fails now, before anything is measured.
    if plot:
        bench.check_suffix(plot)
    for path in (json, plot):
        if path:
            make_folder(path.parent)
            if path.is_dir():
                raise SettingError(f"{path} is a folder; name a file in it")
    with _progress() as watch:
        report = measure(watch)
    if report.cases:
        bench.print_report(report, Console())
        if json:
            write_json(json, report.to_json())
        if plot:
            bench.draw(report, plot)
    if report.interrupted:
        stopping.end("" if report.cases else " before anything was measured")


def _calibrate(threads: int, effort: bench.Effort) -> None:
    try:
        with _progress() as watch:
            thresholds = bench.calibrate(threads, effort, watch)
    except KeyboardInterrupt:
        # Here and not in main: typer ends the program itself when Ctrl-C reaches it.
        stopping.end("; nothing was stored")
    bench.print_thresholds(thresholds, Console())
    typer.echo(f"Stored in {save_thresholds(thresholds)}; delete it to go back to the defaults.")


@contextmanager
def _progress() -> Iterator[Watch]:
    columns = (BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    # A bar that refreshes itself would do so while a contender works, on a core that it uses.
    console = Console(stderr=True)
    with Progress(
        *columns,
        console=console,
        transient=True,
        auto_refresh=False,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("", total=1.0)

        def watch(text: str, share: float) -> None:
            progress.update(task, description=text, completed=share, refresh=True)

        yield watch


def _threads(threads: int | None) -> int:
    return bench.cores() if threads is None else threads


def _keys(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(part.strip() for part in text.split(","))


def _numbers(name: str, text: str, kind: Callable[[str], Number]) -> tuple[Number, ...]:
    try:
        return tuple(kind(part) for part in text.split(","))
    except ValueError:
        raise SettingError(f"{name} is {text!r}; give numbers with commas between them") from None


def _layers(text: str) -> tuple[int, ...]:
    """Read ``1000,1000,1000`` or ``3x1000``."""
    count, times, units = text.partition("x")
    try:
        return (int(units),) * int(count) if times else tuple(map(int, text.split(",")))
    except ValueError:
        raise SettingError(
            f"hidden is {text!r}; give units with commas between them, or such as 3x1000"
        ) from None


def _shape(text: str) -> tuple[int, int]:
    n_in, _, n_out = text.partition("x")
    try:
        return int(n_in), int(n_out)
    except ValueError:
        raise SettingError(f"shape is {text!r}; give it such as 784x1000") from None
