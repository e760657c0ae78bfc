"""One pre-training step on bags of words: sampled outputs, all outputs, and dense PyTorch.

One layer and its decoder, float32, cross-entropy, salt-and-pepper noise drawn in every step, plain
SGD, on drawn documents whose words are as frequent as 1 / (rank + 10). Everybody has the same
documents, weights and minibatches, lives in a process of its own, takes the better of one thread
and all, and they take turns. A step without noise has the same cost for all, which is checked.

    python benchmarks/text_step.py [--words 5000,25000] [--distinct 30,118] [--json FILE]
    python benchmarks/text_step.py --words 25000 --on 0.0035 --ratio 0.0035
    python benchmarks/text_step.py --words 100000 --contenders sampled
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from rectinet import machine
from rectinet.bench import cores
from rectinet.bench.contenders import Contender
from rectinet.bench.race import Race, thread_choices
from rectinet.bench.results import Case, Report
from rectinet.bench.tables import duration
from rectinet.bench.timing import Effort, median_ratio
from rectinet.errors import RectinetError
from text_contenders import Job, documents

CONTENDERS = {
    "exact": Contender("exact", "all outputs", "rectinet", {"text": "text_contenders:exact"}),
    "sampled": Contender(
        "sampled", "sampled outputs", "rectinet", {"text": "text_contenders:sampled"}
    ),
    "torch": Contender(
        "torch", "dense PyTorch", "torch", {"text": "text_contenders:theirs"}, ("torch",), "torch"
    ),
}


def measure(options: argparse.Namespace, console: Console) -> Report:
    contenders = [CONTENDERS[name] for name in options.contenders]
    cases = []
    effort = Effort(options.rounds, options.seconds, options.block)
    choices = thread_choices(options.threads)
    interrupted = False
    for words in options.words:
        # A race of its own: the processes of the last one keep their memory.
        with Race("text", contenders, choices, effort) as race:
            for distinct in options.distinct:
                job = Job(
                    words,
                    options.units,
                    distinct,
                    options.batch,
                    on=options.on,
                    ratio=options.ratio,
                )
                X = documents(job)
                try:
                    outcome = race.run(job)
                except KeyboardInterrupt:
                    interrupted = True
                    break
                settings = {"sizes": [words, options.units, words], "batch": job.batch}
                settings |= {"distinct words": X.nnz / X.shape[0], "noise": [job.off, job.on]}
                settings |= {"ratio": job.ratio}
                zeros = 1 - X.nnz / (X.shape[0] * words)
                case = Case(settings, zeros, outcome.measurements, outcome.absent)
                cases.append(case)
                show(case, console)
                interrupted |= race.interrupted
        if interrupted:
            break
    return Report("text", machine.describe(), tuple(cases), interrupted)


def show(case: Case, console: Console) -> None:
    sizes = "-".join(map(str, case.settings["sizes"]))
    table = Table(
        title=f"{sizes}, batch {case.settings['batch']}, {case.settings['distinct words']:.0f} "
        f"distinct words, {case.settings['noise'][1]:g} added by noise, ratio "
        f"{case.settings['ratio']:g}; {len(case.ours.seconds)} rounds",
        title_justify="left",
    )
    table.add_column("")
    for column in ("threads", "time per step", "PyTorch takes", "difference"):
        table.add_column(column, justify="right")
    theirs = {each.name: each for each in case.measurements}.get(CONTENDERS["torch"].name)
    for each in case.measurements:
        ratio = f"{median_ratio(theirs.seconds, each.seconds):.1f} times" if theirs else ""
        row = (each.name, str(each.threads), duration(each.median), ratio)
        table.add_row(*row, f"{each.difference:.0e}")
    for name, reason in case.absent.items():
        table.add_row(name, reason, "", "", "")
    console.print(table)


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=numbers, default=[5000, 25000])
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--distinct", type=numbers, default=[30, 118], help="words per document")
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--ratio", type=float, default=0.01, help="share of the rest sampled")
    parser.add_argument("--on", type=float, default=0.005, help="share of words the noise adds")
    parser.add_argument("--threads", type=int, default=cores(), help="at most; one is tried, too")
    parser.add_argument("--contenders", type=lambda text: text.split(","), default=[*CONTENDERS])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, help="of rounds per case, at most")
    parser.add_argument("--block", type=float, default=0.2, help="seconds of a contender's turn")
    parser.add_argument("--json", type=Path, help="write all times to this file")
    options = parser.parse_args()
    if unknown := [name for name in options.contenders if name not in CONTENDERS]:
        parser.error(f"contender {unknown[0]!r} is unknown; use some of {', '.join(CONTENDERS)}")
    # The processes find `text_contenders` by its name.
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    try:
        report = measure(options, Console())
        if options.json:
            options.json.write_text(json.dumps(report.to_json(), indent=1) + "\n")
    except (RectinetError, OSError) as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
