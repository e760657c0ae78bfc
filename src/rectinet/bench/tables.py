"""The results in a terminal."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rectinet.bench.kernels import ACCEPTED, relative_speed
from rectinet.bench.memory import Floor
from rectinet.bench.results import Case, Report
from rectinet.kernels.thresholds import BATCH_SIZES, WIDTHS, Thresholds


def print_report(report: Report, console: Console) -> None:
    """Print a report of any task."""
    machine = report.machine
    console.print(
        f"{machine['processor']}, {machine['cores']} cores; rectinet {machine['rectinet']}, "
        f"kernels {machine['kernels']}, {machine['instructions']}; "
        f"Python {machine['python']}, NumPy {machine['numpy']}",
        style="dim",
        highlight=False,
    )
    if report.task == "kernels":
        _print_cells(report.cases, console)
    else:
        for case in report.cases:
            _print_case(case, "step" if report.task == "training" else "call", console)
    if report.interrupted:
        console.print("Stopped; this is what was measured until then.", style="bold")


def print_thresholds(thresholds: Thresholds, console: Console) -> None:
    """Print a calibration."""
    table = _table("Share of active inputs up to which the native kernels are faster")
    for column in ("units", "batch", *thresholds.shares):
        table.add_column(column, justify="right")
    for units, width in enumerate(WIDTHS):
        for index, batch in enumerate(BATCH_SIZES):
            shares = (f"{rows[units][index]:.0%}" for rows in thresholds.shares.values())
            table.add_row(str(width), str(batch), *shares)
    console.print(table)


def _print_case(case: Case, unit: str, console: Console) -> None:
    sizes = "-".join(map(str, case.settings["sizes"]))
    rounds = len(case.ours.seconds)
    table = _table(
        f"{sizes}, batch {case.settings['batch']}, {case.zeros:.1%} zeros; "
        f"{rounds} round{'s' if rounds > 1 else ''}"
    )
    table.add_column("")
    table.add_column("version")
    for column in ("threads", f"time per {unit}", "times rectinet's"):
        table.add_column(column, justify="right")
    for each in case.measurements:
        ratio = "" if each is case.ours else f"{case.ratios[each.name]:.2f}"
        table.add_row(each.name, each.version, str(each.threads), duration(each.median), ratio)
    for name, reason in case.absent.items():
        table.add_row(name, Text(reason, style="dim"), "", "", "")
    console.print(table)
    differences = [each.difference for each in case.measurements[1:]]
    if differences:
        what = "losses" if unit == "step" else "probabilities"
        console.print(f"  All compute the same {what}, to {max(differences):.1g}.", highlight=False)
    if case.floor:
        console.print(f"  {floor_lines(case.floor, case.ours.median)}", highlight=False)


def floor_lines(floor: Floor, seconds: float) -> str:
    """Say what the memory floor is and how close a step comes to it."""
    ways = (("copying", floor.copying), ("in place", floor.in_place))
    parts = [
        f"{name} {bandwidth / 1e9:.1f} GB/s: {duration(floor.seconds(bandwidth))}, rectinet takes "
        f"{seconds / floor.seconds(bandwidth):.2f} times that"
        for name, bandwidth in ways
    ]
    return (
        f"Memory floor: {floor.forward / 1e6:.1f} MB of weights read going forward, "
        f"{floor.backward / 1e6:.1f} MB read and written going backward. At the bandwidth "
        f"measured {'; '.join(parts)}."
    )


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it, to three digits or better."""
    value, unit = (seconds * 1e6, "µs") if seconds < 1e-3 else (seconds * 1e3, "ms")
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def _print_cells(cases: Sequence[Case], console: Console) -> None:
    speeds: list[float] = []
    for kernel in dict.fromkeys(case.settings["kernel"] for case in cases):
        table = _table(f"{kernel}: µs per call; speed of auto relative to the faster of the two")
        for column in ("layer", "batch", "active", "native", "BLAS", "auto", "chosen", "speed"):
            table.add_column(column, justify="left" if column == "chosen" else "right")
        for case in cases:
            if case.settings["kernel"] == kernel:
                speeds.append(relative_speed(case))
                table.add_row(*_cell(case, speeds[-1]))
        console.print(table)
    below = sum(speed < ACCEPTED for speed in speeds)
    console.print(
        f"  {below} of {len(speeds)} cells are below {ACCEPTED}; "
        f"the median is {statistics.median(speeds):.2f}.",
        highlight=False,
    )


def _cell(case: Case, speed: float) -> tuple[str | Text, ...]:
    settings = case.settings
    auto, native, blas = (_microseconds(each.median) for each in case.measurements)
    low = speed < ACCEPTED
    return (
        f"{settings['n_in']} x {settings['n_out']}",
        str(settings["batch"]),
        f"{settings['active']:.0%}",
        native,
        blas,
        auto,
        settings["chosen"],
        Text(f"{speed:.2f}{' !' if low else ''}", style="bold red" if low else ""),
    )


def _microseconds(seconds: float) -> str:
    value = seconds * 1e6
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _table(title: str) -> Table:
    return Table(title=Text(f" {title}", style="bold"), title_justify="left", box=box.SIMPLE_HEAD)
