"""Few labels on MNIST, all other training images unlabelled: test error beside scikit-learn's.

Every draw takes as many labels of each digit from the 50,000 training images; the settings below
were chosen on the 10,000 validation images with draw 0, and the test set is only measured. One
stack of denoising auto-encoders, trained without labels, serves all draws. What is finished is kept
in the results file and not done again.

    python benchmarks/few_labels.py [--data-dir DIR] [--labels 100,1000] [--draws 15,16,17,18,19]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.semi_supervised import LabelSpreading, SelfTrainingClassifier
from sklearn.svm import SVC

from rectinet import RectifierClassifier, StackedDenoisingAutoencoder, generator, load, load_dataset
from rectinet.data import Dataset, labeled_rows

# What scikit-learn's semi-supervised estimators are given of the unlabelled images: with all, a
# draw takes hours.
FEW_UNLABELLED = 8_000


def ours(stack: StackedDenoisingAutoencoder, draw: int) -> RectifierClassifier:
    return RectifierClassifier(
        pretraining=stack,
        input_dropout=0.2,
        dropout=0.3,
        self_training=12,
        max_iter=200,
        n_iter_no_change=20,
        random_state=draw,
    )


# Name, how it is made for a draw, and how many unlabelled examples it is given (None: it takes
# labelled examples only).
PEERS: dict[str, tuple[Callable[[int], Any], int | None]] = {
    "LogisticRegression": (lambda _: LogisticRegression(), None),
    "SVC": (lambda _: SVC(), None),
    "MLPClassifier": (lambda draw: MLPClassifier(random_state=draw), None),
    "SelfTrainingClassifier": (
        lambda _: SelfTrainingClassifier(LogisticRegression()),
        FEW_UNLABELLED,
    ),
    "LabelSpreading": (
        lambda _: LabelSpreading(kernel="knn", n_neighbors=7),
        FEW_UNLABELLED,
    ),
}
OURS = "RectifierClassifier"


def trained_stack(
    mnist: Dataset, folder: Path, units: list[int], epochs: int
) -> StackedDenoisingAutoencoder:
    """Return the stack in `folder`, or train it and keep it there."""
    if folder.exists():
        return load(folder)
    stack = StackedDenoisingAutoencoder(units, max_iter=epochs, random_state=0, verbose=True)
    stack.fit(mnist.train.X).save(folder)
    return stack


def measure(
    name: str, mnist: Dataset, labels: int, draw: int, stack: StackedDenoisingAutoencoder
) -> dict[str, Any]:
    """Return test error in percent and seconds to fit."""
    X, y = mnist.train.X, np.full(len(mnist.train.y), -1)
    known = labeled_rows(mnist.train.y, mnist.n_classes, labels // mnist.n_classes, draw)
    y[known] = mnist.train.y[known]
    if name == OURS:
        model: Any = ours(stack, draw)
    else:
        make, n_unlabelled = PEERS[name]
        model = make(draw)
        others = generator(draw, "unlabelled").permutation(np.flatnonzero(y == -1))
        rows = np.concatenate([known, others[: n_unlabelled or 0]])
        X, y = X[rows], y[rows]
    started = time.perf_counter()
    model.fit(X, y)
    seconds = time.perf_counter() - started
    error = 100 * (1 - model.score(mnist.test.X, mnist.test.y))
    return {"name": name, "labels": labels, "draw": draw, "error": error, "seconds": seconds}


def show(results: list[dict[str, Any]]) -> None:
    table = Table(title="MNIST, test error in %, mean and standard deviation over draws")
    for heading in ("", "labels", "draws", "error", "worst", "median seconds"):
        table.add_column(heading, justify="left" if not heading else "right")
    for labels in sorted({each["labels"] for each in results}):
        for name in (OURS, *PEERS):
            found = [e for e in results if e["name"] == name and e["labels"] == labels]
            if not found:
                continue
            errors = [each["error"] for each in found]
            table.add_row(
                name,
                str(labels),
                str(len(found)),
                f"{np.mean(errors):.2f} ± {np.std(errors):.2f}",
                f"{max(errors):.2f}",
                f"{statistics.median(each['seconds'] for each in found):.1f}",
            )
    Console().print(table)


def numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--labels", type=numbers, default=[100, 1000])
    parser.add_argument("--draws", type=numbers, default=[15, 16, 17, 18, 19])
    parser.add_argument("--only", choices=(OURS, *PEERS), help="measure this one only")
    parser.add_argument("--images", type=int, help="train on the first so many only")
    parser.add_argument("--units", type=numbers, default=[1000, 1000], help="of the stack's layers")
    parser.add_argument("--epochs", type=int, default=30, help="of the stack")
    parser.add_argument("--out", type=Path, default=Path("results/few_labels"))
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    mnist = load_dataset("mnist", data_dir=options.data_dir)
    if options.images:
        mnist = replace(mnist, train=mnist.train.take(np.arange(options.images)))
    options.out.mkdir(parents=True, exist_ok=True)
    stack = trained_stack(mnist, options.out / "stack", options.units, options.epochs)
    for labels in options.labels:
        for draw in options.draws:
            for name in (OURS, *PEERS):
                path = options.out / f"{name}-{labels}-{draw}.json"
                if path.exists() or options.only not in (None, name):
                    continue
                path.write_text(json.dumps(measure(name, mnist, labels, draw, stack)))
    show([json.loads(path.read_text()) for path in sorted(options.out.glob("*.json"))])


if __name__ == "__main__":
    main()
