"""A whole run on MNIST, rectinet beside PyTorch eager: from random weights, evaluation included.

784-1000-1000-1000-10, batch 10, learning rate 0.1, activation L1 0.00003, the validation set
evaluated after every epoch. Both have the same initial weights, the same order of examples, and
the better of one thread and all; they take turns epoch by epoch, in processes of their own.
rectinet runs through its training loop with all that belongs to it; PyTorch does what it must.
Where PyTorch is not installed, rectinet runs alone.

    python benchmarks/mnist_run.py --data-dir DIR [--epochs N] [--threads N] [--examples N]
"""

from __future__ import annotations

import argparse
import importlib.util
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

OURS, THEIRS = "rectinet", "PyTorch"
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
    pairs = {
        f"{OURS} and {THEIRS}, float64": (exact[OURS], exact[THEIRS]),
        f"{OURS} and {THEIRS}, float32": (single[OURS], single[THEIRS]),
        f"{OURS}, float32 and float64": (single[OURS], exact[OURS]),
        f"{THEIRS}, float32 and float64": (single[THEIRS], exact[THEIRS]),
    }
    console.print(f"Losses of the first {len(exact[OURS])} steps, largest relative difference:")
    for name, (a, b) in pairs.items():
        far = np.abs(a - b) / np.abs(b)
        beyond = np.flatnonzero(far > ALLOWED)
        note = f", beyond {ALLOWED:g} from step {beyond[0] + 1} on" if len(beyond) else ""
        console.print(f"  {name}: {far.max():.1e}{note}", highlight=False)


def race(run: Run, threads: int, console: Console) -> dict[str, list[Epoch]]:
    """Let both take turns, epoch by epoch."""
    workers = {OURS: start("mnist_contenders:ours", run, threads)}
    if importlib.util.find_spec("torch"):
        workers[THEIRS] = start("mnist_contenders:theirs", run, threads, "torch")
    else:
        console.print("PyTorch is not installed and left out")
    epochs: dict[str, list[Epoch]] = {name: [] for name in workers}
    order = list(workers)
    try:
        if THEIRS in workers:
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
    table = Table(title="Validation after every epoch")
    for column in ("epoch", "zeros of ours", *(f"loss, error of {name}" for name in epochs)):
        table.add_column(column, justify="right")
    for number, each in enumerate(zip(*epochs.values(), strict=True), start=1):
        cells = (f"{epoch.loss:.4f}, {epoch.error:.2%}" for epoch in each)
        table.add_row(str(number), f"{each[0].zeros:.0%}", *cells)
    console.print(table)
    whole = {name: sum(epoch.seconds for epoch in each) for name, each in epochs.items()}
    text = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in whole.items())
    if THEIRS in epochs:
        ratios = [b.seconds / a.seconds for a, b in zip(*epochs.values(), strict=True)]
        text += f", ratio {whole[THEIRS] / whole[OURS]:.2f}"
        text += f"; median over epochs {statistics.median(ratios):.2f}"
    console.print(f"Whole run: {text}", highlight=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", help="folder with MNIST (default: RECTINET_DATA)")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--threads", type=int, default=cores(), help="at most; one is tried, too")
    parser.add_argument("--seed", type=int, default=0, help="of weights and order")
    parser.add_argument("--examples", type=int, help="train on the first so many only")
    parser.add_argument(
        "--hidden", type=int, nargs="+", default=[1000, 1000, 1000], help="units of each layer"
    )
    options = parser.parse_args()
    # The processes find `mnist_contenders` by its name.
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    console = Console()
    try:
        hidden = tuple(options.hidden)
        run = Run(options.data_dir, hidden, options.examples, options.epochs, options.seed)
        data(run)  # missing files are found before anything starts
        epochs = race(run, options.threads, console)
    except RectinetError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    if epochs[OURS]:
        show(epochs, console)


if __name__ == "__main__":
    main()
