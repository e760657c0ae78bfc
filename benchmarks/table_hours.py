"""Hours that the paper's table 1 takes on MNIST, and that the same steps take PyTorch eager.

Takes the epochs from results of `rectinet reproduce image-table --dataset mnist --protocol paper`
(a study's folder, or its saved copy), times a step of each stage of each activation with the
settings of that protocol, one thread, both in turn, and multiplies. rectinet's step is that of
`pretrain` and `finetune`, begun afresh in every turn, when fewer units are off than later; what
they do besides (drawing weights, evaluating once) counts as ours. PyTorch's is its usual loop, with
nothing besides; where it is not installed, rectinet's hours stand alone.

    python benchmarks/table_hours.py docs/results/image-table-mnist-paper --data-dir DIR
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # before any library reads it

import numpy as np
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from rectinet import generator, initialize_network, load_dataset
from rectinet.engine import DEFAULT_ENGINE, encode
from rectinet.errors import RectinetError, StudyError
from rectinet.nn import Array, activation
from rectinet.studies import PROTOCOLS, StudyResults, read_study
from rectinet.training import finetune, pretrain

PROTOCOL = PROTOCOLS["mnist", "paper"]
UNITS, CLASSES, BATCH, NOISE = PROTOCOL.hidden_layer_sizes[0], 10, 10, 0.25

Stage = tuple[str, str]
"""What is trained, and the activation."""

FIRST, UPPER, LABELS = "pre-training, layer 1", "pre-training, other layers", "fine-tuning"


def epochs(results: StudyResults) -> Counter[Stage]:
    """Count the epochs of the table's cells, all labels."""
    wanted = {"study": "image-table", "dataset": "mnist", "protocol": "paper"}
    found = {name: results.description[name] for name in wanted}
    if found != wanted:
        raise StudyError(
            f"{results.folder} has results of {' '.join(found.values())}; expected "
            f"{' '.join(wanted.values())}"
        )
    counted: Counter[Stage] = Counter()
    for stack in results.stacks:
        name = stack.spec["activation"]["type"].lower()
        for index, layer in enumerate(stack.values["layers"]):
            counted[UPPER if index else FIRST, name] += layer["epochs"]
    for run in results.classifiers:
        if run.labels_per_class is None:
            counted[LABELS, run.activation] += run.values["epochs"]
    return counted


@dataclass
class Theirs:
    """PyTorch's usual loop for one stage; `step` takes a minibatch."""

    torch: Any
    stage: Stage
    n_in: int

    def __post_init__(self) -> None:
        torch = self.torch
        sizes = [self.n_in, UNITS, self.n_in]
        if self.stage[0] == LABELS:
            sizes = [self.n_in, *PROTOCOL.hidden_layer_sizes, CLASSES]
        pairs = itertools.pairwise(sizes)
        self._layers = torch.nn.ModuleList([torch.nn.Linear(*pair) for pair in pairs])
        self._recipe = PROTOCOL.recipes[self.stage[1]]
        settings = self._recipe.from_random if self.stage[0] == LABELS else self._recipe.pretraining
        self._l1 = settings.activation_l1
        self._optimizer = torch.optim.SGD(
            self._layers.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_l2
        )
        functions = {"rectifier": torch.relu, "tanh": torch.tanh}
        self._h = functions.get(self.stage[1], torch.nn.functional.softplus)

    def step(self, x: Any, y: Any) -> None:
        """Do one step of plain gradient descent."""
        functional = self.torch.nn.functional
        self._optimizer.zero_grad()
        if self.stage[0] == LABELS:
            h, penalty = x, 0.0
            for layer in self._layers[:-1]:
                h = self._h(layer(h))
                if self._l1:
                    penalty = penalty + h.sum()
            loss = functional.cross_entropy(self._layers[-1](h), y) + self._l1 / len(x) * penalty
        else:
            encoder, decoder = self._layers
            z = decoder(self._h(encoder(x * (self.torch.rand_like(x) >= NOISE))))
            if self._recipe.pretraining.reconstruction.name == "sigmoid":
                cost = functional.binary_cross_entropy_with_logits(z, x, reduction="sum")
            else:
                cost = (functional.softplus(z) - x).square().sum()
            loss = cost / len(x)
        loss.backward()
        self._optimizer.step()


def ours(stage: Stage, X: Array, y: Array, seed: int) -> None:
    """Train for one epoch, afresh."""
    part, name = stage
    kind, recipe = activation(name), PROTOCOL.recipes[name]
    flip = "half" if name == "rectifier" else "none"
    if part == LABELS:
        sizes = PROTOCOL.hidden_layer_sizes
        weights = generator(seed, "weights")
        network = initialize_network(X.shape[1], sizes, CLASSES, kind, weights, sign_flip=flip)
        finetune(network, X, y, settings=replace(recipe.from_random, epochs=1), seed=seed)
        return
    settings = replace(recipe.pretraining, epochs=1)
    pretrain(X, (UNITS,), activation=kind, sign_flip=flip, settings=settings, seed=seed)


def their_epoch(torch: Any, stage: Stage, X: Array, y: Array) -> Callable[[int], None]:
    """Return PyTorch's epoch, which goes on where the last one ended."""
    theirs = Theirs(torch, stage, X.shape[1])
    x_torch, y_torch = torch.from_numpy(X), torch.from_numpy(y)

    def epoch(seed: int) -> None:
        for rows in torch.from_numpy(generator(seed, "order").permutation(len(X))).split(BATCH):
            theirs.step(x_torch[rows], y_torch[rows])

    return epoch


def seconds_per_step(torch: Any, stage: Stage, X: Array, y: Array, rounds: int) -> list[float]:
    """Return medians over the rounds: ours, and PyTorch's if it is there."""
    epochs: list[Callable[[int], None]] = [lambda seed: ours(stage, X, y, seed)]
    if torch:
        epochs.append(their_epoch(torch, stage, X, y))

    def timed(epoch: Callable[[int], None], seed: int) -> float:
        started = time.perf_counter()
        epoch(seed)
        return (time.perf_counter() - started) / (len(X) // BATCH)

    found = [[timed(epoch, seed) for epoch in epochs] for seed in range(rounds + 1)]
    # Without the first turn, in which memory is first touched.
    return [statistics.median(times) for times in zip(*found[1:], strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("results", type=Path, help="folder of the study, or its saved copy")
    parser.add_argument("--data-dir", help="folder with MNIST (default: RECTINET_DATA)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--examples", type=int, default=2000, help="of a turn")
    options = parser.parse_args()
    console, torch = Console(), None
    if importlib.util.find_spec("torch"):
        torch = importlib.import_module("torch")
        torch.set_num_threads(1)
    else:
        console.print("PyTorch is not installed and left out")
    try:
        counted = epochs(results := read_study(options.results))
        mnist = load_dataset("mnist", data_dir=options.data_dir)
    except RectinetError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    steps = len(mnist.train.y) // BATCH
    X, y = (np.array(each[: options.examples]) for each in (mnist.train.X, mnist.train.y))
    table = Table(title=f"{len({run.seed for run in results.classifiers})} seeds, one core each")
    theirs = ["PyTorch's"] if torch else []
    for column in ("", "epochs", "ms a step", *theirs, "hours", *theirs):
        table.add_column(column, justify="right" if column else "left")
    whole = np.zeros(1 + len(theirs))
    with threadpool_limits(1):
        for stage, n_epochs in sorted(counted.items()):
            inputs = X
            if stage[0] == UPPER:  # on codes, as they are before training
                below = initialize_network(
                    X.shape[1],
                    (UNITS,),
                    CLASSES,
                    activation(stage[1]),
                    generator(0, "below"),
                    sign_flip="none",
                )
                inputs = encode(DEFAULT_ENGINE, below.hidden, X)
                inputs = (inputs + 1) / 2 if stage[1] == "tanh" else inputs / inputs.max()
            times = np.array(seconds_per_step(torch, stage, inputs, y, options.rounds))
            hours = times * steps * n_epochs / 3600
            whole += hours
            row = (f"{time_:.2f}" for time_ in times * 1000), (f"{hour:.2f}" for hour in hours)
            table.add_row(", ".join(stage), str(n_epochs), *row[0], *row[1])
    table.add_row("all", "", *[""] * len(whole), *(f"{hour:.2f}" for hour in whole))
    console.print(table)
    recorded = sum(float(run.values["seconds"]) for run in (*results.classifiers, *results.stacks))
    if torch:
        console.print(f"PyTorch takes {whole[1] / whole[0]:.1f} times as long.", highlight=False)
    console.print(
        f"The study itself took {recorded / 3600:.1f} hours, runs with few labels and all "
        "evaluation included.",
        highlight=False,
    )


if __name__ == "__main__":
    main()
