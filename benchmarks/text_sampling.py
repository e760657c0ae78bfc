"""What reconstruction sampling costs in quality: all outputs beside a share of them, on IMDB.

One layer of rectifiers is pre-trained on all texts to learn from, three ways: with all outputs;
with sampled outputs for as many epochs; with sampled outputs for as many epochs as fit into the
time that all outputs took. Each is then fine-tuned on the stars. The cost is that of all outputs on
the validation reviews, whoever trained; the RMSE is that of the expected stars on the test reviews.
Within a seed all begin with the same weights. One thread each, in turn.

    OMP_NUM_THREADS=1 python benchmarks/text_sampling.py --data-dir DIR [--seeds 0,1,2]
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, replace

import numpy as np
from rich.console import Console
from rich.table import Table

from rectinet import generator
from rectinet.data import Dataset, load_imdb
from rectinet.engine import Predictor
from rectinet.errors import RectinetError
from rectinet.nn import ReconstructionSampling, Rectifier, with_output
from rectinet.studies.ratings import expectation_rmse
from rectinet.studies.recipes.text import RATING_PROTOCOLS
from rectinet.training import finetune, pretrain

ALL, EQUAL_EPOCHS, EQUAL_TIME = "all outputs", "sampled, equal epochs", "sampled, equal time"


@dataclass(frozen=True)
class Outcome:
    """One way of pre-training; `seconds` are those of pre-training."""

    epochs: int
    seconds: float
    cost: float
    rmse: float


def run(
    data: Dataset, units: int, epochs: int, sampling: ReconstructionSampling | None, seed: int
) -> Outcome:
    """Pre-train, fine-tune and test."""
    recipe = RATING_PROTOCOLS["imdb", "quick"].shallower(1).recipes["rectifier"]
    started = time.perf_counter()
    stack = pretrain(
        data.pretraining_inputs,
        (units,),
        activation=Rectifier(),
        sign_flip="half",
        X_validation=data.validation.X,
        settings=replace(recipe.pretraining, epochs=epochs, sampling=sampling),
        seed=seed,
    )
    seconds = time.perf_counter() - started
    tuned = finetune(
        with_output(stack.layers, data.n_classes, generator(seed, "output")),
        data.train.X,
        data.train.y,
        data.validation.X,
        data.validation.y,
        settings=recipe.from_pretrained,
        seed=seed,
        class_values=data.class_values,
    )
    said = Predictor(tuned.network)(data.test.X)
    assert data.class_values is not None
    rmse = expectation_rmse(said, data.test.y, data.class_values)
    return Outcome(epochs, seconds, stack.records[-1].evaluation.loss, rmse)


def seed_outcomes(
    data: Dataset, units: int, epochs: int, ratio: float, seed: int
) -> dict[str, Outcome]:
    """Do the three ways with one seed."""
    sampling = ReconstructionSampling(ratio)
    exact = run(data, units, epochs, None, seed)
    equal = run(data, units, epochs, sampling, seed)
    more = max(epochs, int(epochs * exact.seconds / equal.seconds))
    return {
        ALL: exact,
        EQUAL_EPOCHS: equal,
        EQUAL_TIME: equal if more == epochs else run(data, units, more, sampling, seed),
    }


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--labeled", type=int, default=10_000, help="reviews to learn stars from")
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--ratio", type=float, default=0.02)
    parser.add_argument("--seeds", type=numbers, default=[0, 1, 2])
    options = parser.parse_args()
    console = Console()
    found = []
    try:
        for seed in options.seeds:
            data = load_imdb(options.data_dir, seed, n_labeled=options.labeled)
            found.append(seed_outcomes(data, options.units, options.epochs, options.ratio, seed))
            console.print(f"seed {seed} done", highlight=False)
    except RectinetError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    table = Table(title=f"{options.units} units, {options.ratio:g} of the zeros; means over seeds")
    for column in ("", "epochs", "seconds", "cost", "to all outputs", "RMSE", "to all outputs"):
        table.add_column(column, justify="right" if column else "left")
    for name in (ALL, EQUAL_EPOCHS, EQUAL_TIME):
        ours, exact = [each[name] for each in found], [each[ALL] for each in found]
        costs = np.array([a.cost / b.cost for a, b in zip(ours, exact, strict=True)])
        rmses = np.array([a.rmse - b.rmse for a, b in zip(ours, exact, strict=True)])
        table.add_row(
            name,
            "/".join(str(each.epochs) for each in ours),
            f"{np.mean([each.seconds for each in ours]):.0f}",
            f"{np.mean([each.cost for each in ours]):.1f}",
            f"{100 * costs.mean() - 100:+.1f}%",
            f"{np.mean([each.rmse for each in ours]):.3f}",
            f"{rmses.mean():+.3f} ({rmses.min():+.3f} to {rmses.max():+.3f})",
        )
    console.print(table)


if __name__ == "__main__":
    main()
