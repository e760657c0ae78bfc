import json

from rectinet.report.studies import content_of
from rectinet.studies import read_study

# As in conftest.py, where intervals and differences are worked out.
LOW, HIGH, MIDDLE = (0.01, 0.02, 0.03), (0.10, 0.12, 0.11), (0.05, 0.03, 0.04)
CELLS = {
    ("rectifier", False, 2): HIGH,
    ("rectifier", True, 2): LOW,
    ("rectifier", False, None): LOW,
    ("rectifier", True, None): MIDDLE,
    ("tanh", False, 2): LOW,
    ("tanh", True, 2): HIGH,
}


def labels_study(make_study, errors=CELLS):
    folder = make_study(errors)
    path = folder / "study.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"study": "labels"}))
    return content_of(read_study(folder))


def test_one_chart_and_one_table_for_all_activations(make_study):
    content = labels_study(make_study)
    (table,) = content.tables
    assert [group.name for group in table.groups] == ["rectifier", "tanh"]
    rectifier, tanh = (
        [[cell.text for cell in row] for row in group.rows] for group in table.groups
    )
    assert rectifier == [
        ["2", "20", "11.00 ± 2.48", "2.00 ± 2.48", "−9.00 ± 2.48", "yes"],
        ["all", "700", "2.00 ± 2.48", "4.00 ± 2.48", "+2.00 ± 4.30", "no"],
    ]
    assert tanh == [["2", "20", "2.00 ± 2.48", "11.00 ± 2.48", "+9.00 ± 2.48", "yes"]]
    chart = content.sections[0].blocks[0].figure
    for name in ("rectifier without", "rectifier with", "tanh without", "tanh with"):
        assert f"{name} pre-training" in chart.svg


def test_ours_is_said_in_the_words_of_the_papers_statement(make_study):
    (paper,) = (s for s in labels_study(make_study).statements if s.topic == "The paper")
    statement, rectifier, tanh = paper.paragraphs
    assert statement.startswith("Figure 4 of the paper, on NORB")
    assert rectifier == (
        "Ours, rectifier: pre-training lowered the error distinguishably with 2 labels per class "
        "(20 in all); it made no distinguishable difference with all 700 labels (2.00 ± 4.30 "
        "points)."
    )
    assert tanh == (
        "Ours, tanh: pre-training raised the error distinguishably with 2 labels per class "
        "(20 in all)."
    )


def test_one_seed_is_not_judged(make_study):
    content = labels_study(make_study, {cell: values[:1] for cell, values in CELLS.items()})
    paper = content.statements[-1]
    assert paper.paragraphs[1] == ("Ours cannot be judged for rectifier: that needs several seeds.")
