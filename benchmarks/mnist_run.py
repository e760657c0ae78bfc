"""A whole run on MNIST, rectinet beside PyTorch eager: from random weights, evaluation included.

784-1000-1000-1000-10, batch 10, learning rate 0.1, activation L1 0.00003, the validation set
evaluated after every epoch. Both have the same initial weights, the same order of examples, and
the better of one thread and all; they take turns epoch by epoch, in processes of their own.
rectinet runs through its training loop with all that belongs to it; PyTorch does what it must.

    python benchmarks/mnist_run.py --data-dir DIR [--epochs N] [--threads N] [--examples N]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from mnist_contenders import Epoch, Run, data
from rectinet.bench import cores
from rectinet.bench.race import fastest, thread_choices
from rectinet.bench.workers import PAUSE, Worker
from rectinet.errors import RectinetError

ALLOWED = 1e-4  # relative difference of losses


def start(build: str, run: Run, threads: int, first: str | None = None) -> Worker:
    """Return a worker with the better number of threads."""
    candidates = [Worker(build, number, first) for number in thread_choices(threads)]
    for worker in candidates:
        worker.load(run)
    best = candidates[fastest(candidates, 0.5)]
    for worker in candidates:
        if worker is not best:
            worker.close()
    return best


def compare(workers: dict[str, Worker], console: Console) -> None:
    """Say how far the losses of the first steps are apart, in both precisions.

    In float32 no two libraries need agree for long: a unit whose sum is 0 up to rounding is on for
    one and off for the other, and its weights then move by a whole step or not at all. So each is
    also compared with the same steps in float64, where that practically does not happen.
    """
    exact = {
        name: np.array(worker.call("first_losses", "float64")) for name, worker in workers.items()
    }
    single = {
        name: np.array(worker.call("first_losses", "float32")) for name, worker in workers.items()
    }
    ours, theirs = workers
    pairs = {
        f"{ours} and {theirs}, float64": (exact[ours], exact[theirs]),
        f"{ours} and {theirs}, float32": (single[ours], single[theirs]),
        f"{ours}, float32 and float64": (single[ours], exact[ours]),
        f"{theirs}, float32 and float64": (single[theirs], exact[theirs]),
    }
    console.print(f"Losses of the first {len(exact[ours])} steps, largest relative difference:")
    for name, (a, b) in pairs.items():
        far = np.abs(a - b) / np.abs(b)
        beyond = np.flatnonzero(far > ALLOWED)
        note = f", beyond {ALLOWED:g} from step {beyond[0] + 1} on" if len(beyond) else ""
        console.print(f"  {name}: {far.max():.1e}{note}", highlight=False)


def race(run: Run, threads: int, console: Console) -> dict[str, list[Epoch]]:
    """Let both take turns, epoch by epoch."""
    workers = {
        "rectinet": start("mnist_contenders:ours", run, threads),
        "PyTorch": start("mnist_contenders:theirs", run, threads, "torch"),
    }
    epochs: dict[str, list[Epoch]] = {name: [] for name in workers}
    order = list(workers)
    try:
        compare(workers, console)
        for number in range(run.epochs):
            current = {}
            for name in order:
                time.sleep(PAUSE)
                current[name] = workers[name].call("epoch")
            for name, epoch in current.items():
                epochs[name].append(epoch)
            order.reverse()
            times = ", ".join(f"{name} {current[name].seconds:.1f} s" for name in workers)
            console.print(f"epoch {number + 1}: {times}", highlight=False)
    except KeyboardInterrupt:
        console.print("stopped; this is what was measured until then")
    finally:
        used = ", ".join(f"{name} {worker.threads}" for name, worker in workers.items())
        console.print(f"threads: {used}")
        for worker in workers.values():
            worker.close()
    return epochs


def show(epochs: dict[str, list[Epoch]], console: Console) -> None:
    ours, theirs = epochs["rectinet"], epochs["PyTorch"]
    table = Table(title="Validation after every epoch")
    for column in (
        "epoch",
        "zeros",
        "loss, ours",
        "PyTorch's",
        "error, ours",
        "PyTorch's",
        "ratio",
    ):
        table.add_column(column, justify="right")
    for number, (a, b) in enumerate(zip(ours, theirs, strict=True), start=1):
        losses = f"{a.loss:.4f}", f"{b.loss:.4f}"
        errors = f"{a.error:.2%}", f"{b.error:.2%}"
        ratio = f"{b.seconds / a.seconds:.2f}"
        table.add_row(str(number), f"{a.zeros:.0%}", *losses, *errors, ratio)
    console.print(table)
    whole = [sum(epoch.seconds for epoch in each) for each in (ours, theirs)]
    median = statistics.median(b.seconds / a.seconds for a, b in zip(ours, theirs, strict=True))
    console.print(
        f"Whole run: rectinet {whole[0]:.1f} s, PyTorch {whole[1]:.1f} s, ratio "
        f"{whole[1] / whole[0]:.2f}; median over epochs {median:.2f}",
        highlight=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", help="folder with MNIST (default: RECTINET_DATA)")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--threads", type=int, default=cores(), help="at most; one is tried, too")
    parser.add_argument("--seed", type=int, default=0, help="of weights and order")
    parser.add_argument("--examples", type=int, help="train on the first so many only")
    options = parser.parse_args()
    # The processes find `mnist_contenders` by its name.
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    console = Console()
    try:
        run = Run(options.data_dir, options.examples, options.epochs, options.seed)
        data(run)  # missing files are found before anything starts
        epochs = race(run, options.threads, console)
    except RectinetError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    if epochs["rectinet"]:
        show(epochs, console)


if __name__ == "__main__":
    main()
