"""Accuracy on tables with the defaults, beside four peers, with few labels and with all.

scikit-learn's bundled sets, Spambase and Letter where they are to be had, and made tables with
heavy tails, rare columns, outliers and columns in other units. Each draw takes 30% of a set (3,000
rows at most) for the test; of the rest, `--labels` rows are labeled, 0 for all. "few rows" has
those alone, "unlabeled too" all others beside them without a label, for the rectifier network.
Diabetes has numbers to predict: the peers are the regressors, the score is R^2, and the linear
model is a ridge regression. Nothing is tuned on these draws.

    python benchmarks/tables.py [--tables-dir DIR] [--labels 100,1000,0] [--draws 0,1,2]
        [--sets spambase,iris] [--contenders rectifier,linear] [--rows 5000]

A toy run, some seconds: --sets iris,tails --labels 30 --draws 0 --rows 300
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from rectinet import RectifierClassifier, RectifierRegressor, generator

Data = tuple[str, np.ndarray, np.ndarray]

# Of each: a classifier and a regressor, by the seed.
CONTENDERS: dict[str, tuple[Callable[[int], Any], Callable[[int], Any]]] = {
    "rectifier": (
        lambda seed: RectifierClassifier(random_state=seed),
        lambda seed: RectifierRegressor(random_state=seed),
    ),
    "linear": (
        lambda seed: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
        lambda seed: make_pipeline(StandardScaler(), Ridge()),
    ),
    "SVC": (
        lambda seed: make_pipeline(StandardScaler(), SVC()),
        lambda seed: make_pipeline(StandardScaler(), SVR()),
    ),
    "RandomForest": (
        lambda seed: RandomForestClassifier(random_state=seed),
        lambda seed: RandomForestRegressor(random_state=seed),
    ),
    "HistGradientBoosting": (
        lambda seed: HistGradientBoostingClassifier(random_state=seed),
        lambda seed: HistGradientBoostingRegressor(random_state=seed),
    ),
}


def real(tables: Path | None) -> Iterator[Data]:
    for name in ("spambase", "letter"):
        path = tables and tables / f"{name}.csv.gz"
        if path is None or not path.exists():
            Console(stderr=True).print(f"without {name}: give --tables-dir")
            continue
        frame = pd.read_csv(path)
        target = {"spambase": "spam", "letter": "letter"}[name]
        yield name, frame.drop(columns=target).to_numpy(float), frame[target].to_numpy()
    for load in (load_iris, load_wine, load_breast_cancer, load_digits, load_diabetes):
        yield load.__name__.removeprefix("load_"), *load(return_X_y=True)


def made(n: int) -> Iterator[Data]:
    random = generator(0, "made tables")
    weight = random.normal(size=12)

    def label(score: np.ndarray, noise: float = 0.3) -> np.ndarray:
        score = score + noise * random.normal(size=n)
        return (score > np.median(score)).astype(int)

    normal = random.normal(size=(n, 12))
    yield "tails", np.exp(2 * normal), label(normal @ weight)
    yield "raw tails", np.exp(2 * normal), label(np.exp(2 * normal) @ weight, 0)
    cauchy = random.standard_cauchy((n, 12))
    yield "Cauchy", cauchy, label(np.clip(cauchy, -3, 3) @ weight)
    rare = random.normal(size=(n, 12))
    rare[:, :4] = random.random((n, 4)) < [0.0005, 0.002, 0.01, 0.05]
    rare[:, 4] = 7
    yield "rare", rare, label(rare @ (weight * ([8, 6, 4, 2] + [1] * 8)))
    outliers = random.normal(size=(n, 12))
    score = outliers @ weight
    outliers[::500, 3] *= 1e3
    outliers[::700, 5] = 1e9
    yield "outliers", outliers, label(score)
    units = 10.0 ** np.arange(-6, 6)
    yield "units", normal * units + 100 * units, label(normal @ weight)
    counts = np.floor(np.exp(3 * normal)).clip(0, 1e9)
    yield "counts", counts, label(np.log1p(counts) @ weight)
    wide = random.normal(size=(n, 300))
    yield "wide", wide, label(wide[:, :20] @ random.normal(size=20))


def drawn(y: np.ndarray, n_labels: int, draw: int) -> tuple[np.ndarray, ...] | None:
    """Return the rows that are labeled, those that are not, and those of the test."""
    classes = None if y.dtype.kind == "f" else y
    rest, test = train_test_split(
        np.arange(len(y)), test_size=0.3, random_state=draw, stratify=classes
    )
    if not n_labels:
        return rest, rest[:0], test[:3000]
    if n_labels >= len(rest):
        return None
    labeled, others = train_test_split(
        rest,
        train_size=n_labels,
        random_state=draw,
        stratify=None if classes is None else classes[rest],
    )
    return labeled, others, test[:3000]


def measure(X: np.ndarray, y: np.ndarray, rows: tuple[np.ndarray, ...], model: Any) -> np.ndarray:
    """Return the score, in percent, and the seconds of one fit."""
    labeled, others, test = rows
    target = y[labeled]
    if len(others):
        missing = np.full(len(others), np.nan if y.dtype.kind == "f" else None)
        target = np.concatenate([target.astype(missing.dtype), missing])
    started = time.process_time()
    model.fit(X[np.concatenate([labeled, others])], target)
    seconds = time.process_time() - started
    return np.array([100 * model.score(X[test], y[test]), seconds])


def cell(results: list[np.ndarray], linear: list[np.ndarray]) -> str:
    """Return the mean score, the worst difference to the linear model, and the mean seconds."""
    score, seconds = np.mean(results, axis=0)
    worst = min(mine[0] - its[0] for mine, its in zip(results, linear, strict=True))
    return f"{score:.1f} ({worst:+.1f}), {seconds:.1f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "--tables-dir", type=Path, help="folder with spambase.csv.gz, letter.csv.gz"
    )
    parser.add_argument("--labels", default="100,1000,0", help="labeled rows, by comma; 0: all")
    parser.add_argument("--draws", default="0,1,2", help="seeds of split and model, by comma")
    parser.add_argument("--sets", help="names, by comma (default: all)")
    parser.add_argument("--contenders", default=",".join(CONTENDERS), help="names, by comma")
    parser.add_argument("--rows", type=int, default=5000, help="of the made tables")
    parser.add_argument("--unlabeled", action="store_true", help="also with unlabeled rows beside")
    arguments = parser.parse_args()
    draws = [int(draw) for draw in arguments.draws.split(",")]
    contenders = ["linear", *(n for n in arguments.contenders.split(",") if n != "linear")]
    warnings.simplefilter("ignore")  # the peers' own, of constant columns and limits of steps
    table = Table(title=f"Score (worst difference to the linear model), draws {arguments.draws}")
    for column in ("data", "labels", *contenders, *(["unlabeled too"] * arguments.unlabeled)):
        table.add_column(column)
    console = Console(width=150)
    for name, X, y in (*real(arguments.tables_dir), *made(arguments.rows)):
        if arguments.sets and name not in arguments.sets.split(","):
            continue
        regression = int(y.dtype.kind == "f")
        for n_labels in map(int, arguments.labels.split(",")):
            rows = [drawn(y, n_labels, draw) for draw in draws]
            if any(each is None for each in rows):
                continue
            results: dict[str, list[np.ndarray]] = {}
            for draw, (labeled, others, test) in zip(draws, filter(None, rows), strict=True):
                alone = (labeled, others[:0], test)
                for contender in contenders:
                    model = CONTENDERS[contender][regression](draw)
                    results.setdefault(contender, []).append(measure(X, y, alone, model))
                if arguments.unlabeled and n_labels:
                    model = CONTENDERS["rectifier"][regression](draw)
                    semi = measure(X, y, (labeled, others, test), model)
                    results.setdefault("unlabeled too", []).append(semi)
            cells = [cell(each, results["linear"]) for each in results.values()]
            console.print(name, n_labels or "all", *cells, sep=" | ")
            table.add_row(name, str(n_labels or "all"), *cells)
    console.print(table)


if __name__ == "__main__":
    main()
