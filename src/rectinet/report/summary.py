"""What a study found, in plain words that follow from its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from rectinet.report.beside import beside_words
from rectinet.report.comparison import Comparison
from rectinet.report.opening import opening
from rectinet.report.parts import Statement
from rectinet.report.tables import FEW_ZEROS, ErrorRow, ErrorTable, LabelCurve, LabelRow
from rectinet.report.wording import (
    dataset_name,
    gap,
    listing,
    percent,
    percent_interval,
    plural,
    signed_gap,
    start,
)
from rectinet.studies import StudyResults

_RECTIFIER = "rectifier"
_ONE_RUN = "without several runs of each this may be chance"


def summarize(
    results: StudyResults, table: ErrorTable, curves: tuple[LabelCurve, ...]
) -> tuple[Statement, ...]:
    """Return the findings, the most important first.

    Args:
        results: the study.
        table: its error table.
        curves: its label curves.
    """
    groups = [table.group(pretrained) for pretrained in (False, True)]
    candidates = (
        *opening(results),
        Statement("Lowest error", tuple(_lowest_error(each) for each in groups if len(each) > 1)),
        Statement("True zeros", _zeros(table)),
        few_label_statement(curves),
        all_label_statement(table),
        Statement("The paper", _paper(table)),
    )
    return tuple(statement for statement in candidates if statement.paragraphs)


def _verdict(comparison: Comparison) -> str:
    seeds = "" if comparison.half_width is None else "seed by seed, "
    if comparison.unpaired:
        seeds = f"{_common_seeds(comparison)}, "
    text = f"{seeds}the difference is {signed_gap(comparison).removeprefix('+')} points"
    if comparison.distinguishable is None:
        return f"{text}; {_ONE_RUN}"
    return text if comparison.distinguishable else f"{text}, so the two are not distinguishable"


def _common_seeds(comparison: Comparison) -> str:
    return f"over the {plural(comparison.first.n, 'seed')} that both have"


def _lowest_error(group: tuple[ErrorRow, ...]) -> str:
    best, second, *_ = sorted(group, key=lambda row: row.test_error.mean)
    rectifier = next((row for row in group if row.activation == _RECTIFIER), None)
    other = second
    if rectifier is not None and best is not rectifier:
        other = rectifier
    comparison = Comparison.paired(best.errors, other.errors)
    verdict = "no seed of both is finished yet, so they cannot be compared"
    if comparison is not None:
        verdict = _verdict(comparison)
    opening = f"{start(best.pretrained).capitalize()},"
    figures = percent_interval(best.test_error), percent_interval(other.test_error)
    if comparison is not None and comparison.difference == 0 and not comparison.unpaired:
        return (
            f"{opening} {best.activation} and {other.activation} had the same, lowest test error: "
            f"{figures[0]}."
        )
    if other is rectifier:
        return (
            f"{opening} the rectifier did not have the lowest test error: {best.activation} had "
            f"{figures[0]}, the rectifier {figures[1]}; {verdict}."
        )
    return (
        f"{opening} the {best.activation} network had the lowest test error: {figures[0]}. Next "
        f"came {other.activation} with {figures[1]}; {verdict}."
    )


def _zeros(table: ErrorTable) -> tuple[str, ...]:
    sentences, never, seldom = list[str](), list[str](), list[str]()
    for name in dict.fromkeys(row.activation for row in table.rows):
        of_name = [row for row in table.rows if row.activation == name]
        rows = [row for row in of_name if row.sparse]
        if not rows:
            (seldom if any(row.zeros.mean > 0 for row in of_name) else never).append(name)
            continue
        share = _by_start(rows, [percent(row.zeros.mean, 1) for row in rows])
        sentences.append(
            f"Mean share of the {name}’s hidden units that were exactly zero for a test example: "
            f"{share}."
        )
        dead = _by_start(rows, [f"{row.dead_units.mean:.1f}" for row in rows])
        sentences.append(
            f"Units that were dead, that is zero for every test example: {dead}, of "
            f"{rows[0].n_units:,}."
        )
    if seldom:
        share = percent(FEW_ZEROS, 2)
        sentences.append(f"Less than {share} of {listing(seldom)} outputs were exactly zero.")
    if never:
        sentences.append(f"Units of {listing(never)} were never exactly zero.")
    return tuple(sentences)


def _by_start(rows: Sequence[ErrorRow], values: Sequence[str]) -> str:
    if len(rows) == 2:
        return f"{values[0]} without pre-training, {values[1]} with it"
    return f"{values[0]} {start(rows[0].pretrained)}"


def _changed(comparison: Comparison) -> str:
    before, after = percent_interval(comparison.first), percent_interval(comparison.second)
    difference = comparison.difference
    seeds = f", {_common_seeds(comparison)}" if comparison.unpaired else ""
    if difference == 0:
        return f"left the error at {after}{seeds}"
    verb = "lowered" if difference < 0 else "raised"
    if comparison.distinguishable is False:
        direction = "lower" if difference < 0 else "higher"
        return (
            f"made no distinguishable difference ({before} without, {after} with, "
            f"{gap(comparison)} {direction}{seeds})"
        )
    tail = "" if comparison.distinguishable else f"; {_ONE_RUN}"
    return f"{verb} the error from {before} to {after}, by {gap(comparison)}{seeds}{tail}"


def _compared(curve: LabelCurve) -> list[tuple[LabelRow, Comparison]]:
    return [
        (row, row.comparison)
        for row in curve.rows
        if row.comparison is not None and row.labels_per_class is not None
    ]


def few_label_statement(curves: Sequence[LabelCurve]) -> Statement:
    """Say what pre-training did with fewer labels than all."""
    return Statement(
        "Few labels", tuple(_few_labels(curve) for curve in curves if _compared(curve))
    )


def all_label_statement(table: ErrorTable) -> Statement:
    """Say what pre-training did with all labels."""
    return Statement("All labels", _all_labels(table))


def _few_labels(curve: LabelCurve) -> str:
    rows = _compared(curve)
    fewest, comparison = rows[0]
    text = (
        f"For the {curve.activation} network with {fewest.words}, pre-training on all inputs "
        f"{_changed(comparison)}."
    )
    if len(rows) == 1 or any(comparison.distinguishable is None for _, comparison in rows):
        return text
    clear = [(row, comparison) for row, comparison in rows if comparison.distinguishable]
    if not clear:
        return f"{text} It made no distinguishable difference at any number of labels below all."
    for verb, sign in (("helped", -1), ("hurt", 1)):
        those = [each for each in clear if sign * each[1].difference > 0]
        if those:
            where = listing([str(row.labels_per_class) for row, _ in those])
            most = max((each for _, each in those), key=lambda each: abs(each.difference))
            text += (
                f" Of the {len(rows)} numbers of labels below all, it {verb} distinguishably at "
                f"{len(those)} ({where} per class), by up to {gap(most)}."
            )
    return text


def _all_labels(table: ErrorTable) -> tuple[str, ...]:
    sentences: list[str] = []
    for row in table.group(False):
        other = table.row(row.activation, True)
        comparison = Comparison.paired(row.errors, other.errors) if other else None
        if comparison is None:
            continue
        subject = f"For the {row.activation} network"
        verb = "it" if sentences else "with all labels, pre-training"
        comma = "" if sentences else ","
        sentences.append(f"{subject}{comma} {verb} {_changed(comparison)}.")
    return tuple(sentences)


def _paper(table: ErrorTable) -> tuple[str, ...]:
    if not table.like_for_like:
        return (
            f"The paper has no result for {dataset_name(table.dataset)}, so nothing here can "
            "confirm or contradict its figures; only the pattern can be compared.",
        )
    zeros = tuple(
        f"The rectifier’s zeros {start(row.pretrained)} are {percent(row.zeros.mean, 1)}; the "
        f"paper has {percent(row.published_zeros, 1)}."
        for row in table.rows
        if row.published_zeros is not None
    )
    return (*beside_words(table.beside), *zeros)
