"""What is said first of any study: what was run, and what is still missing."""

from __future__ import annotations

from rectinet.report.parts import Statement
from rectinet.report.wording import dataset_name, listing, plural
from rectinet.studies import StudyResults

_MOST_REASONS = 5

_SEEDS = (
    "All runs of a seed share the split, the labels and the test examples, so settings are "
    "compared seed by seed: where the interval of the mean difference contains zero they are "
    "called not distinguishable, because the difference may be chance."
)


def opening(
    results: StudyResults, how: str | None = None, what: str | None = None
) -> tuple[Statement, ...]:
    """Return the statements.

    Args:
        results: the study.
        how: how often settings were run, and what intervals mean, in full sentences; None: what
            is usual where the settings are run with several seeds.
        what: what learned which task, and how it is measured; None: what is usual for classes.
    """
    candidates = (
        Statement("What was done", (f"{what or _networks(results)} {how or _by_seeds(results)}",)),
        Statement("Diverged", _diverged(results)),
        Statement("Unfinished", _unfinished(results)),
    )
    return tuple(statement for statement in candidates if statement.paragraphs)


def _networks(results: StudyResults) -> str:
    first = results.classifiers[0]
    sizes = first.spec["hidden_layer_sizes"]
    units = str(sizes[0]) if len(set(sizes)) == 1 else listing([str(size) for size in sizes])
    return (
        f"Networks with {plural(len(sizes), 'hidden layer')} of {units} units learned to classify "
        f"{dataset_name(results.dataset)}. The test error is the share of the "
        f"{first.values['n_test']:,} test examples, never seen in training, that a network gets "
        "wrong."
    )


def _by_seeds(results: StudyResults) -> str:
    seeds = {result.seed for result in results.classifiers}
    if len(seeds) == 1:
        return (
            "Every setting was run with one random seed, so there are no intervals and differences "
            "may be chance."
        )
    return (
        f"Settings were run with up to {len(seeds)} random seeds; figures are means over seeds, "
        f"and ± is half of the 95% interval of the mean. {_SEEDS}"
    )


def _diverged(results: StudyResults) -> tuple[str, ...]:
    runs = results.diverged
    if not runs:
        return ()
    verb = "is" if len(runs) == 1 else "are"
    told = "; ".join(f"{run.name} ({run.reason})" for run in runs[:_MOST_REASONS])
    more = len(runs) - _MOST_REASONS
    return (
        f"{len(runs)} of the {plural(len(results.runs) + results.unfinished, 'run')} diverged and "
        f"{verb} in no figure: {told}{f'; and {more} more' if more > 0 else ''}.",
    )


def _unfinished(results: StudyResults) -> tuple[str, ...]:
    if not results.unfinished:
        return ()
    verb = "is" if results.unfinished == 1 else "are"
    names = listing(results.damaged_runs)
    damaged = f" It also does again the runs whose result is damaged: {names}." if names else ""
    seeds = any("--only-seeds" in command for command in results.description.get("commands", ()))
    cure = (
        "The command that began the study does the others without --only-seeds, and `rectinet "
        "report --with` adds those done elsewhere."
        if seeds
        else "The command that began the study goes on where it stopped."
    )
    return (
        f"{results.unfinished} of the {plural(len(results.runs) + results.unfinished, 'run')} "
        f"{verb} not finished: all that follows is provisional. {cure}{damaged}",
    )
