"""What bags of words cost: IMDB counted and selected, and a corpus of a million documents.

    python benchmarks/text_corpus.py words --data-dir DIR --n-words 25000
    python benchmarks/text_corpus.py corpus --data-dir DIR --folder FOLDER --documents 1000000
    python benchmarks/text_corpus.py train --data-dir DIR --folder FOLDER --documents 1000000

`corpus` and `train` go on where they were stopped; `train` makes the corpus in a process of its
own, if it is not complete, and pre-trains a stack over its shards. Seconds are of the processor,
one thread (OMP_NUM_THREADS=1); the peak is the resident size, what is mapped included.
"""

from __future__ import annotations

import argparse
import resource
import time
from multiprocessing import get_context
from pathlib import Path

from rectinet import StackedDenoisingAutoencoder, load
from rectinet.data import load_imdb
from rectinet.data.text import SampledDocuments, ShardedCorpus, sample_corpus

_BATCH = 10
_KIB_PER_MIB = 1024


class Stopwatch:
    """Prints the seconds since the last line, and the peak memory so far."""

    def __init__(self) -> None:
        self._last = time.process_time()

    def report(self, what: str) -> None:
        """Print a line about what was done since the last one."""
        now = time.process_time()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_PER_MIB
        print(f"{what:<40} {now - self._last:8.1f} s   peak {peak:6.0f} MiB", flush=True)
        self._last = time.process_time()


def words(data_dir: str, n_words: int) -> None:
    watch = Stopwatch()
    data = load_imdb(data_dir, n_words=n_words, cache=False)
    watch.report(f"IMDB to {n_words:,} words, nothing kept")
    load_imdb(data_dir, n_words=n_words)
    watch.report("counted again, and kept")
    load_imdb(data_dir, n_words=n_words, seed=1)
    watch.report("another split from what was kept")
    X = data.pretraining_inputs
    print(f"{X.shape[0]:,} to learn from, {X.nnz / X.shape[0]:.1f} words each")


def write(data_dir: str, folder: Path, n_words: int, n_documents: int) -> None:
    watch = Stopwatch()
    data = load_imdb(data_dir, n_words=n_words)
    documents = SampledDocuments(data.pretraining_inputs, data.feature_names, seed=0)
    watch.report("IMDB and its statistics")
    del data
    sample_corpus(
        folder, documents, n_documents, progress=lambda n: watch.report(f"{n:,} documents written")
    )


def corpus(data_dir: str, folder: Path, n_words: int, n_documents: int) -> None:
    write(data_dir, folder, n_words, n_documents)
    watch, written = Stopwatch(), ShardedCorpus(folder)
    for epoch in (1, 2):
        n_nonzeros = 0
        for X, _ in written:
            n_nonzeros += sum(X[row : row + _BATCH].nnz for row in range(0, X.shape[0], _BATCH))
        watch.report(f"read in minibatches of {_BATCH}, epoch {epoch}")
    print(f"{n_nonzeros / n_documents:.1f} words each, {len(written)} shards")


def train(data_dir: str, folder: Path, n_words: int, n_documents: int, units: list[int]) -> None:
    # Apart: its memory would hide that of the training.
    writer = get_context("spawn").Process(
        target=write, args=(data_dir, folder / "corpus", n_words, n_documents)
    )
    writer.start()
    writer.join()
    if writer.exitcode:
        raise SystemExit(f"the corpus was not written to its end (exit code {writer.exitcode})")
    documents, model = ShardedCorpus(folder / "corpus"), folder / "stack"
    stack = StackedDenoisingAutoencoder(
        units,
        corruption_level=(0.5, 0.005),
        reconstruction_sampling=0.02,
        learning_rate_init=0.01,
        random_state=0,
    )
    if (model / "model.json").exists():
        stack = load(model)
    watch = Stopwatch()
    watch.report("before the first shard")
    for number in range(getattr(stack, "n_iter_", 0), len(documents)):
        stack.partial_fit(documents[number].X).save(model)
        costs = ", ".join(f"{r.training_loss:.1f}" for r in stack.records_[-len(units) :])
        watch.report(f"shard {number + 1} of {len(documents)}, cost {costs}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("words", "corpus", "train"))
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--n-words", type=int, default=5000)
    parser.add_argument("--folder", type=Path, default=Path("corpus"))
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--units", type=int, nargs="+", default=[300, 300, 300])
    args = parser.parse_args()
    if args.what == "words":
        words(args.data_dir, args.n_words)
    elif args.what == "train":
        train(args.data_dir, args.folder, args.n_words, args.documents, args.units)
    else:
        corpus(args.data_dir, args.folder, args.n_words, args.documents)


if __name__ == "__main__":
    main()
