"""How fast distorted characters are made, beside the training that uses them up.

Images per second of each distortion alone and of the whole stream, on one thread; then training
steps of 1024-1000-1000-1000-62 at batch 10, alone and while the stream makes their examples: when
asked (no worker), in a thread, in a process. All take turns, round by round, and each round's
times are divided by that round's time of the step alone. At the end the memory, early and late.

    export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
    python benchmarks/distortion_stream.py --data-dir DIR [--dataset NAME] [--rounds N]
"""

from __future__ import annotations

import argparse
import itertools
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from rectinet import RectinetError, activation, generator, initialize_network, load_dataset
from rectinet.data import Dataset
from rectinet.data.distortion import DISTORTIONS, SIDE, DistortionStream
from rectinet.engine import (
    CpuEngine,
    Update,
    backward_and_update,
    forward,
    new_update,
)

BATCH = 10
HIDDEN = (1000, 1000, 1000)
RATE = 0.05
SEED = 0

Minibatches = Iterator[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Effort:
    """How much is timed.

    Attributes:
        rounds: in each, everything has one block.
        images: of a distortion's block, a multiple of 128.
        steps: of a block of training.
        warm_up: steps before the first block: at first many more units are active than later on.
    """

    rounds: int
    images: int
    steps: int
    warm_up: int


class Training:
    """Plain SGD on minibatches that come from outside."""

    def __init__(self, n_classes: int):
        random = generator(SEED, "weights")
        rectifier = activation("rectifier")
        self.network = initialize_network(SIDE * SIDE, HIDDEN, n_classes, rectifier, random)
        self._updates = [new_update(layer, Update(RATE)) for layer in self.network.layers]
        self._engine = CpuEngine()
        self._rows = np.arange(BATCH)

    def run(self, minibatches: Minibatches, steps: int) -> float:
        """Make some steps; return the seconds that one example took."""
        started = time.perf_counter()
        for X, y in itertools.islice(minibatches, steps):
            self._step(X, y)
        return (time.perf_counter() - started) / (steps * BATCH)

    def _step(self, X: np.ndarray, y: np.ndarray) -> None:
        engine, layers = self._engine, self.network.layers
        values = forward(engine, layers, engine.minibatch(X, self._rows))
        _, delta = engine.loss_and_gradient(self.network.loss, np.asarray(values[-1]), y)
        backward_and_update(engine, layers, values, delta, self._updates)

    def zeros(self, X: np.ndarray) -> float:
        """Return the mean share of zeros in the hidden layers."""
        values = forward(self._engine, self.network.layers, X)[1:-1]
        return float(np.mean([np.mean(np.asarray(each) == 0) for each in values]))


def ready(minibatches: Minibatches, number: int) -> Minibatches:
    """Yield some minibatches again and again, made before the clock runs."""
    kept = list(itertools.islice(minibatches, number))
    return itertools.cycle(kept)


def distortion_blocks(images: np.ndarray) -> dict[str, Callable[[], float]]:
    """Return for each distortion what times it: seconds per image."""

    def block(distort: Callable) -> float:
        random = generator(SEED, "benchmark")
        started = time.perf_counter()
        for part in np.split(images, len(images) // 128):
            distort(part, 1.0, random)
        return (time.perf_counter() - started) / len(images)

    return {each.name: (lambda each=each: block(each)) for each in DISTORTIONS}


def stream_block(stream: DistortionStream, images: int) -> Callable[[], float]:
    numbers = itertools.count()

    def block() -> float:
        started = time.perf_counter()
        stream.batch(next(numbers), images)
        return (time.perf_counter() - started) / images

    return block


def take_turns(blocks: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Return seconds per image or example, a list over the rounds."""
    for block in blocks.values():
        block()
    seconds: dict[str, list[float]] = {name: [] for name in blocks}
    for _ in range(rounds):
        for name, block in blocks.items():
            seconds[name].append(block())
    return seconds


def measure(data: Dataset, effort: Effort, console: Console) -> None:
    split = data.train
    stream = DistortionStream(split.X, split.y, seed=SEED)
    training = Training(data.n_classes)
    training.run(stream.minibatches(BATCH), effort.warm_up)
    background = {
        "as asked for": stream.minibatches(BATCH, workers=0),
        "one thread": stream.minibatches(BATCH, workers=1),
        "one process": stream.minibatches(BATCH, workers=1, processes=True),
    }
    prepared = ready(stream.minibatches(BATCH, workers=0), 2 * effort.steps)
    X, _ = stream.batch(0, effort.images)
    zeros = f"{training.zeros(X):.0%} zeros"
    console.print(f"{zeros} in the hidden layers after {effort.warm_up} steps")

    def trained(minibatches: Minibatches) -> Callable[[], float]:
        return lambda: training.run(minibatches, effort.steps)

    alone = {
        "training alone": trained(prepared),
        "the whole stream alone": stream_block(stream, effort.images),
    }
    seconds = take_turns(alone | distortion_blocks(X.reshape(-1, SIDE, SIDE)), effort.rounds)
    show(console, "production, one thread", seconds, "image")

    early = memory()
    seconds = {}
    for name, minibatches in background.items():
        # A producer that waits for room costs nothing: only its own block runs beside it.
        pair = {"training alone": trained(prepared), f"training fed {name}": trained(minibatches)}
        timed = take_turns(pair, effort.rounds)
        show(console, f"training, examples made {name}", timed, "example")
        minibatches.close()
    console.print(f"peak memory {early:.0f} MB before the last part, {memory():.0f} MB after it")


def show(console: Console, title: str, seconds: dict[str, list[float]], unit: str) -> None:
    table = Table(title=title)
    columns = ("what", f"us per {unit}", f"{unit}s per second", "times a training example")
    for column in columns:
        table.add_column(column, justify="left" if column == "what" else "right")
    first = seconds["training alone"]
    for name, each in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(each, first, strict=True))
        middle = statistics.median(each)
        table.add_row(name, f"{middle * 1e6:.1f}", f"{1 / middle:,.0f}", f"{ratio:.2f}")
    console.print(table)


def memory() -> float:
    """Return the largest memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", help="folder with the data set's files")
    parser.add_argument("--dataset", default="characters", help="its name (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--images", type=int, default=1280, help="of a block, a multiple of 128")
    parser.add_argument("--steps", type=int, default=300, help="of a block of training")
    parser.add_argument("--warm-up", type=int, default=3000, help="steps before the first block")
    options = parser.parse_args()
    effort = Effort(options.rounds, options.images, options.steps, options.warm_up)
    try:
        data = load_dataset(options.dataset, data_dir=options.data_dir)
        measure(data, effort, Console())
    except RectinetError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
