"""Figure 4: test error against the number of labels, with and without pre-training."""

from __future__ import annotations

from rectinet.report.figures import label_figure
from rectinet.report.opening import opening
from rectinet.report.parts import Chart, Content, Section, Statement
from rectinet.report.studies.image_table import learning_sections
from rectinet.report.studies.label_table import label_table
from rectinet.report.summary import all_label_statement, few_label_statement
from rectinet.report.tables import LabelCurve, error_table, label_curves
from rectinet.report.wording import dataset_name, gap, listing
from rectinet.studies import StudyResults

_PAPER = (
    "Figure 4 of the paper, on NORB: pre-training helps rectifiers much when labels are few, and "
    "not at all when all are labeled; tanh gains everywhere."
)


def content(results: StudyResults) -> Content:
    """Return what there is to show."""
    curves = label_curves(results)
    table = error_table(results)
    candidates = (
        *opening(results),
        few_label_statement(curves),
        all_label_statement(table),
        Statement("The paper", (_PAPER, *(_beside(curve) for curve in curves))),
    )
    sections = []
    if curves:
        blocks = (Chart(label_figure(curves)), label_table(curves))
        sections.append(Section("Test error against the number of labels", blocks))
    return Content(
        f"Few labels on {dataset_name(results.dataset)}",
        tuple(statement for statement in candidates if statement.paragraphs),
        (*sections, *learning_sections(results)),
    )


def _beside(curve: LabelCurve) -> str:
    """Say in which rows pre-training helped, in the words of the paper's statement."""
    tested = [
        (row, row.comparison)
        for row in curve.rows
        if row.comparison is not None and row.comparison.distinguishable is not None
    ]
    if not tested:
        return f"Ours cannot be judged for {curve.activation}: that needs several seeds."
    helped = [row.words for row, each in tested if each.distinguishable and each.difference < 0]
    hurt = [row.words for row, each in tested if each.distinguishable and each.difference > 0]
    even = [f"{row.words} ({gap(each)})" for row, each in tested if not each.distinguishable]
    parts = [
        f"{verb} with {listing(where)}"
        for verb, where in (
            ("lowered the error distinguishably", helped),
            ("raised the error distinguishably", hurt),
            ("made no distinguishable difference", even),
        )
        if where
    ]
    return f"Ours, {curve.activation}: pre-training {'; it '.join(parts)}."
