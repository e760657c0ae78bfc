"""An epoch of the first author's best setting for text, and what all its epochs would take.

Three layers of rectifiers on IMDB, salt-and-pepper noise and masking, cross-entropy, reconstruction
sampling in layer 1, which is ours; the author took 120, 120 and 1 epochs, five days on a CPU of
then, on another, larger corpus. One epoch of each layer is trained, on some of the documents, and
scaled to all. The peak is the resident size of the whole process.

    python benchmarks/text_epoch.py --data-dir DIR [--examples 10000]
    python benchmarks/text_epoch.py --data-dir DIR --words 25000 --layers 1 --examples 0
"""

from __future__ import annotations

import argparse
import resource
import sys
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from rectinet.data import load_imdb
from rectinet.errors import RectinetError
from rectinet.nn import Rectifier
from rectinet.studies.recipes.text import RATING_PROTOCOLS
from rectinet.training import pretrain

EPOCHS = (120, 120, 1)
_KIB_PER_GIB = 1024**2


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--words", type=int, default=5000)
    parser.add_argument("--units", type=int, default=5000, help="of each layer")
    parser.add_argument("--layers", type=int, default=3, choices=(1, 2, 3))
    parser.add_argument("--examples", type=int, default=10_000, help="documents; 0: all")
    options = parser.parse_args()
    settings = RATING_PROTOCOLS["imdb", "paper"].shallower(options.layers)
    recipe = settings.recipes["rectifier"].pretraining
    try:
        X = load_imdb(options.data_dir, n_words=options.words).pretraining_inputs
        part = X[: options.examples or None]
        outcome = pretrain(
            part,
            (options.units,) * options.layers,
            activation=Rectifier(),
            sign_flip="half",
            settings=replace(recipe, epochs=1),
        )
    except RectinetError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    sizes = "-".join(map(str, (options.words, *(options.units,) * options.layers)))
    table = Table(title=f"{sizes}, {part.shape[0]:,} of {X.shape[0]:,} documents")
    for column in ("", "zeros", "ms a step", "an epoch of all", "epochs", "hours"):
        table.add_column(column, justify="right" if column else "left")
    whole = 0.0
    for record, epochs in zip(outcome.records, EPOCHS, strict=False):
        epoch = record.seconds * X.shape[0] / part.shape[0]
        whole += epoch * epochs / 3600
        zeros = f"{record.evaluation.zeros[0]:.0%}"
        step = f"{1000 * record.seconds * recipe.batch_size / part.shape[0]:.1f}"
        hours = f"{epoch * epochs / 3600:.1f}"
        table.add_row(record.stage, zeros, step, f"{epoch / 60:.1f} min", str(epochs), hours)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_PER_GIB
    console = Console()
    console.print(table)
    console.print(f"{whole:.1f} hours in all; peak memory {peak:.2f} GiB", highlight=False)


if __name__ == "__main__":
    main()
