"""What bags of words cost: IMDB counted and selected, and a corpus of a million documents.

    python benchmarks/text_corpus.py words --data-dir DIR --n-words 25000
    python benchmarks/text_corpus.py corpus --data-dir DIR --folder FOLDER --documents 1000000

Seconds are of the processor, one thread; the peak is the resident size, what is mapped included.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

from rectinet.data import load_imdb
from rectinet.data.text import SampledDocuments, sample_corpus

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


def corpus(data_dir: str, folder: Path, n_words: int, n_documents: int) -> None:
    watch = Stopwatch()
    data = load_imdb(data_dir, n_words=n_words)
    documents = SampledDocuments(data.pretraining_inputs, data.feature_names, seed=0)
    watch.report("IMDB and its statistics")
    del data
    written = sample_corpus(
        folder, documents, n_documents, progress=lambda n: watch.report(f"{n:,} documents written")
    )
    for epoch in (1, 2):
        n_nonzeros = 0
        for X, _ in written:
            n_nonzeros += sum(X[row : row + _BATCH].nnz for row in range(0, X.shape[0], _BATCH))
        watch.report(f"read in minibatches of {_BATCH}, epoch {epoch}")
    print(f"{n_nonzeros / n_documents:.1f} words each, {len(written)} shards")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("words", "corpus"))
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--n-words", type=int, default=5000)
    parser.add_argument("--folder", type=Path, default=Path("corpus"))
    parser.add_argument("--documents", type=int, default=1_000_000)
    args = parser.parse_args()
    if args.what == "words":
        words(args.data_dir, args.n_words)
    else:
        corpus(args.data_dir, args.folder, args.n_words, args.documents)


if __name__ == "__main__":
    main()
