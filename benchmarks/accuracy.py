"""Accuracy with defaults, beside scikit-learn's MLP and gradient boosting, and the time to fit.

scikit-learn's bundled classification sets, and 10,000 examples of MNIST where it is to be had. A
quarter of each set is the test set, drawn anew for every seed; nothing is tuned. All run in turn in
one process. The defaults of `RectifierClassifier` were chosen on splits with the seeds 0 to 4: the
others are what counts.

    python benchmarks/accuracy.py [--data-dir DIR] [--seeds 5,6,7,8,9] [--sets iris,wine]
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from rectinet import DataError, RectifierClassifier, generator, load_dataset

CONTENDERS: dict[str, Callable[[int], Any]] = {
    "RectifierClassifier": lambda seed: RectifierClassifier(random_state=seed),
    "MLPClassifier": lambda seed: MLPClassifier(random_state=seed),
    "HistGradientBoosting": lambda seed: HistGradientBoostingClassifier(random_state=seed),
}


BUNDLED = {
    "iris": load_iris,
    "wine": load_wine,
    "breast_cancer": load_breast_cancer,
    "digits": load_digits,
}
MNIST = "mnist"


def data_sets(
    names: Sequence[str], data_dir: Path | None
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    for name in names:
        if name != MNIST:
            yield (name, *BUNDLED[name](return_X_y=True))
    if MNIST not in names:
        return
    try:
        mnist = load_dataset(MNIST, data_dir=data_dir)
    except DataError as error:
        Console(stderr=True).print(f"without MNIST: {error}")
        return
    rows = generator(0, "accuracy").permutation(len(mnist.train.y))[:10_000]
    yield "MNIST, 10,000", mnist.train.X[rows], mnist.train.y[rows]


def measure(X: np.ndarray, y: np.ndarray, seed: int, name: str) -> tuple[float, float]:
    """Return accuracy and seconds of one fit."""
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.25, random_state=seed, stratify=y
    )
    started = time.perf_counter()
    model = CONTENDERS[name](seed).fit(X_train, y_train)
    seconds = time.perf_counter() - started
    return float(model.score(X_test, y_test)), seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--data-dir", type=Path, help="folder with MNIST (default: RECTINET_DATA)")
    parser.add_argument("--seeds", default="5,6,7,8,9", help="of split and model, by comma")
    every = ",".join((*BUNDLED, MNIST))
    parser.add_argument("--sets", default=every, help="by comma (default: %(default)s)")
    arguments = parser.parse_args()
    names = arguments.sets.split(",")
    if unknown := set(names) - {*BUNDLED, MNIST}:
        parser.error(f"data set {min(unknown)!r} is unknown; use some of {every}")
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    warnings.simplefilter("ignore", ConvergenceWarning)  # the MLP's own limit of epochs
    table = Table(title=f"Accuracy and seconds to fit, mean over seeds {arguments.seeds}")
    for column in ("data", *CONTENDERS):
        table.add_column(column)
    means: dict[str, list[np.ndarray]] = {name: [] for name in CONTENDERS}
    for data, X, y in data_sets(names, arguments.data_dir):
        cells = []
        results = {name: [measure(X, y, seed, name) for seed in seeds] for name in CONTENDERS}
        for name, result in results.items():
            mean = np.mean(result, axis=0)
            means[name].append(mean)
            spread = np.std([accuracy for accuracy, _ in result], ddof=1) if len(seeds) > 1 else 0
            cells.append(f"{mean[0]:.2%} ± {spread:.2%}, {mean[1]:.2f} s")
        table.add_row(data, *cells)
    totals = {
        name: (np.mean(rows, axis=0)[0], np.sum(rows, axis=0)[1]) for name, rows in means.items()
    }
    table.add_section()
    table.add_row("mean; seconds in all", *(f"{a:.2%}, {s:.2f} s" for a, s in totals.values()))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
