"""Two runs side by side on one thread each, against the same two one after the other on two.

What a sweep gains by giving every run one thread. Both ways take turns, round by round; each run
is a process of its own. A step is one of 784-1000-1000-1000-10 at batch 10 and 80% zeros.

    python benchmarks/side_by_side.py [--zeros S] [--steps N] [--rounds N] [--hidden N]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from rectinet.bench import Effort
from rectinet.bench.contenders import RECTINET
from rectinet.bench.drawn import draw_network, share_of_zeros
from rectinet.bench.jobs import training_job
from rectinet.bench.timing import interleave, median_ratio
from rectinet.bench.workers import PAUSE, Worker
from rectinet.errors import RectinetError

UNTIMED = 5


def together(workers: Sequence[Worker], steps: int) -> float:
    """Return the seconds until all of `workers` have done `steps`, all at once."""
    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(lambda worker: worker.call("run", UNTIMED), workers))
        started = time.perf_counter()
        list(pool.map(lambda worker: worker.call("run", steps), workers))
        return time.perf_counter() - started


def in_turn(workers: Sequence[Worker], steps: int) -> float:
    """Return the seconds until all of `workers` have done `steps`, one after the other."""
    total = 0.0
    for worker in workers:
        total += together([worker], steps)
    return total


def measure(zeros: float, hidden: int, steps: int, rounds: int) -> None:
    network = draw_network((784, hidden, hidden, hidden, 10), zeros)
    job = training_job(network, 10)
    build = RECTINET.builds["training"]
    sides = [Worker(build, 1), Worker(build, 1)]
    turns = [Worker(build, 2), Worker(build, 2)]
    try:
        for worker in (*sides, *turns):
            worker.load(job)

        def after_a_pause(way: str) -> float:
            time.sleep(PAUSE)
            return together(sides, steps) if way == "sides" else in_turn(turns, steps)

        blocks = {way: lambda way=way: after_a_pause(way) for way in ("sides", "turns")}
        done = interleave(blocks, Effort(rounds)).seconds
    finally:
        for worker in (*sides, *turns):
            worker.close()
    if not done["sides"]:
        sys.exit(130)
    print(
        f"784-{hidden}-{hidden}-{hidden}-10, batch 10, {share_of_zeros(network, job.X):.1%} zeros"
    )
    for way, text in (
        ("sides", "two runs side by side, one thread each"),
        ("turns", "the same one after the other, two threads"),
    ):
        rate = 2 * steps / statistics.median(done[way])
        print(f"{text}: {rate:.0f} steps a second")
    ratio = median_ratio(done["turns"], done["sides"])
    print(f"throughput side by side: {ratio:.2f} times (median of {len(done['turns'])} rounds)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--zeros", type=float, default=0.8)
    parser.add_argument("--hidden", type=int, default=1000, help="units of each hidden layer")
    parser.add_argument("--steps", type=int, default=300, help="of each run and round")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    try:
        measure(options.zeros, options.hidden, options.steps, options.rounds)
    except RectinetError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
