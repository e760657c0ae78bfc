"""One training step of 784-1000-1000-1000-10 at batch 10, beside the peers that are installed.

Interleaved: every peer does a block of steps in turn, many times over, so that a change of the
machine's speed meets all of them. Prints medians and ratios. Absolute times mean little on a
shared machine; the ratios are what to quote.

    python benchmarks/training_step.py [--threads N] [--blocks N]
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from rectinet.engine import DEFAULT_ENGINE, Update, backward_and_update, forward, new_update
from rectinet.nn import Rectifier, initialize_network
from rectinet.randomness import generator

SIZES, BATCH, RATE, STEPS = (784, 1000, 1000, 1000, 10), 10, 0.01, 20

Block = Callable[[], None]


def batches() -> list[tuple[np.ndarray, np.ndarray]]:
    """Fresh inputs for every step of a block, about as full of zeros as MNIST (81%)."""
    random = generator(0, "benchmark")
    drawn = []
    for _ in range(STEPS):
        x = random.random((BATCH, SIZES[0]), dtype=np.float32)
        x *= random.random(x.shape) < 0.19
        drawn.append((x, random.integers(0, SIZES[-1], BATCH)))
    return drawn


def rectinet_block(data: list[tuple[np.ndarray, np.ndarray]]) -> Block:
    network = initialize_network(
        SIZES[0], SIZES[1:-1], SIZES[-1], Rectifier(), generator(0, "weights")
    )
    updates = [new_update(layer, Update(RATE)) for layer in network.layers]

    def block() -> None:
        for x, y in data:
            values = forward(DEFAULT_ENGINE, network.layers, x)
            delta = DEFAULT_ENGINE.loss_gradient(network.loss, np.asarray(values[-1]), y)
            backward_and_update(DEFAULT_ENGINE, network.layers, values, delta, updates)

    return block


def torch_block(data: list[tuple[np.ndarray, np.ndarray]], threads: int) -> Block:
    import torch

    torch.set_num_threads(threads)
    layers: list[torch.nn.Module] = []
    for n_in, n_out in itertools.pairwise(SIZES):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    tensors = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in data]

    def block() -> None:
        for x, y in tensors:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()

    return block


def sklearn_block(data: list[tuple[np.ndarray, np.ndarray]]) -> Block:
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        SIZES[1:-1], solver="sgd", momentum=0, learning_rate_init=RATE, batch_size=BATCH, alpha=0
    )
    model.partial_fit(*data[0], classes=np.arange(SIZES[-1]))

    def block() -> None:
        for x, y in data:
            model.partial_fit(x, y)

    return block


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--blocks", type=int, default=15, help="timed blocks per peer")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    data = batches()
    blocks = {"rectinet (BLAS)": rectinet_block(data), "scikit-learn MLP": sklearn_block(data)}
    if importlib.util.find_spec("torch"):
        blocks["PyTorch eager"] = torch_block(data, options.threads)
    seconds: dict[str, list[float]] = {name: [] for name in blocks}
    with threadpool_limits(options.threads):
        for turn in range(options.blocks + 2):  # the first two warm up
            for name, block in blocks.items():
                started = time.perf_counter()
                block()
                if turn >= 2:
                    seconds[name].append((time.perf_counter() - started) / STEPS)
    ours = statistics.median(seconds["rectinet (BLAS)"])
    table = Table(title=f"{'-'.join(map(str, SIZES))}, batch {BATCH}, {options.threads} threads")
    for column in ("", "ms a step, median", "times rectinet's"):
        table.add_column(column, justify="left" if not column else "right")
    for name, values in seconds.items():
        median = statistics.median(values)
        table.add_row(name, f"{median * 1e3:.2f}", f"{median / ours:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
