from __future__ import annotations

import json
import re
import shutil
from xml.etree import ElementTree

import pytest

import rectinet.report
from rectinet.errors import StudyError
from rectinet.report import write_report
from rectinet.report.figures import learning_figures
from rectinet.report.images import square_side
from rectinet.report.series import LearningCurve

SVG = "{http://www.w3.org/2000/svg}"


def read(path):
    """Return the page's text and its tree; the page is well-formed XML but for its first line."""
    text = path.read_text()
    assert text.startswith("<!doctype html>\n")
    return text, ElementTree.fromstring(text.split("\n", 1)[1])


def words(element):
    return " ".join("".join(element.itertext()).split()).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def usual(write_study, tmp_path_factory):
    """The page of the usual study, for all tests that only read it: its path, text and tree."""
    folder = write_study(tmp_path_factory.mktemp("usual"))
    page = write_report(folder)
    assert page == folder / "report.html"
    return page, *read(page)


def test_public_names():
    assert rectinet.report.__all__ == [
        "print_results",
        "save_report",
        "write_overview",
        "write_report",
    ]


def test_page_has_every_part_in_order(usual):
    _, text, tree = usual
    headings = [words(heading) for heading in tree.iter("h2")]
    assert headings == [
        "Summary",
        "Test error beside the paper’s",
        "Exact zeros in each hidden layer",
        "Few labels, rectifier",
        "Learning curves",
        "First-layer filters",
        "What the auto-encoders see and make of it",
        "Settings",
        "Where this differs from the paper",
        "Provenance",
    ]
    page = words(tree)
    assert "rectifier 2.00 ± 2.48 1.43 70.0 83.4 3.0 of 5 0.1 1–3 3" in page
    assert "2 20 11.00 ± 2.48 2.00 ± 2.48 −9.00 ± 2.48 yes" in page
    assert "all 700 2.00 ± 2.48 2.00 ± 2.48 +0.00 ± 0.00 no" in page
    assert "24 of 24 finished: 18 classifiers, 6 pre-trained stacks" in page
    assert "19 min 0 s" in page
    assert len(list(tree.iter(SVG + "svg"))) == 4
    assert len(list(tree.iter("img"))) == 2 + 2 * 3
    assert 'name="viewport"' in text
    assert "color-scheme: light dark" in text
    assert "prefers-color-scheme: dark" in text


def test_page_loads_nothing(usual):
    _, text, tree = usual
    for element in tree.iter():
        for name, value in element.attrib.items():
            if name.rpartition("}")[2] in ("src", "href", "srcset", "data", "action"):
                assert value.startswith(("#", "data:image/png;base64,")), (name, value[:80])
    assert not re.findall(r"url\((?!#)", text)
    assert not re.findall(r"@import|<script|<link|<iframe|<object", text)
    left = re.sub(r'xmlns(:\w+)?="[^"]*"', "", text)
    assert "http://" not in left
    assert "https://" not in left


def test_figures_take_the_pages_colors_and_say_what_they_show(usual):
    _, text, tree = usual
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', text)) <= set(ids)
    for drawing in tree.iter(SVG + "svg"):
        assert drawing.get("role") == "img"
        assert len(drawing.get("aria-label")) > 40
        assert list(drawing.iter(SVG + "text"))
        assert "currentColor" in ElementTree.tostring(drawing, "unicode")
    fixed = re.sub(r"var\(--\w+, #\w+\)", "", text.split("</style>")[1])
    for sentinel in ("#010203", "#0a0b", "#000000", "#ffffff", "DejaVu"):
        assert sentinel not in fixed
    assert all(image.get("alt") for image in tree.iter("img"))


def test_same_results_give_the_same_page(usual, tmp_path):
    folder, elsewhere = tmp_path / "study", tmp_path / "a.html"
    shutil.copytree(usual[0].parent, folder, ignore=shutil.ignore_patterns("report.html"))
    assert write_report(folder, elsewhere) == elsewhere
    assert elsewhere.read_bytes() == usual[0].read_bytes()
    assert not (folder / "report.html").exists()


def test_unfinished_study(make_study):
    gone = [("tanh", False, None), ("rectifier", True, None), ("rectifier", True, 2)]
    _, tree = read(write_report(make_study(unfinished=gone)))
    page = words(tree)
    assert "9 of the 24 runs are not finished" in page
    assert "digits-tanh-random-labels-all-seed0" in page
    assert "2 20 11.00 ± 2.48 – – –" in page


def test_only_few_label_runs_are_finished(make_study):
    gone = [(name, start, None) for name in ("rectifier", "tanh") for start in (False, True)]
    page = words(read(write_report(make_study(unfinished=gone)))[1])
    assert "No run with all labels is finished yet." in page
    assert "Learning curves" not in page


def test_one_seed(make_study, one_seed):
    page = words(read(write_report(make_study(one_seed)))[1])
    assert "rectifier 1.00 1.43 70.0" in page
    assert "2 20 10.00 1.00 −9.00 –" in page
    assert "Every setting was run with one random seed" in page


def test_one_cell_without_label_curve(make_study):
    _, tree = read(write_report(make_study({("tanh", False, None): [0.0]})))
    page = words(tree)
    assert "Few labels" not in page
    assert "nothing to draw" in page
    assert page.count("Nothing to show") == 2
    assert len(list(tree.iter(SVG + "svg"))) == 1  # the learning curve, though it ends at 0


def test_learning_curves_that_are_zero_have_no_logarithm():
    assert learning_figures([LearningCurve("tanh", False, ((0.0,),), (0.0,))]) == ()


def test_inputs_that_are_no_square_images(make_study):
    _, tree = read(write_report(make_study(n_features=5)))
    assert not list(tree.iter("img"))
    assert words(tree).count("Nothing to show") == 2
    assert [square_side(n) for n in (64, 784, 3072, 1)] == [8, 28, None, None]


def test_recalled_figures_are_marked(make_study):
    page = words(read(write_report(make_study(dataset="mnist")))[1])
    assert "tanh 4.00 ± 2.48 1.16*" in page
    assert "recalled" in page


def test_settings_of_single_layers_are_readable(layered_study):
    page = words(read(write_report(layered_study))[1])
    assert "Gaussian with σ = 0.3 in layer 1, masking with 25% set to 0 in layer 2" in page
    assert "0.01 in layers 1–2, 0.1 in the output layer" in page
    assert "codes divided by each unit’s largest" in page


def test_text_from_the_study_is_escaped(make_study):
    folder = make_study(protocol="<script>1</script>")
    content = json.loads((folder / "study.json").read_text())
    content["runs"].append("x<script>alert(1)<script>")
    (folder / "study.json").write_text(json.dumps(content))
    text, tree = read(write_report(folder))
    assert "<script" not in text
    assert "x<script>alert(1)<script>" in words(tree)


def test_other_version_is_refused(make_study, raises_one_line):
    folder = make_study()
    content = json.loads((folder / "study.json").read_text())
    (folder / "study.json").write_text(json.dumps({**content, "format": 99}))
    with raises_one_line(StudyError, "another version"):
        write_report(folder)
    assert not (folder / "report.html").exists()


def test_no_study(tmp_path, raises_one_line):
    with raises_one_line(StudyError, "not a study folder"):
        write_report(tmp_path)
