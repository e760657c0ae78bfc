import json
import re
from xml.etree import ElementTree

import pytest

from rectinet.errors import StudyError
from rectinet.report import save_report, write_overview, write_report

RECTIFIER, TANH = ("rectifier", False, None), ("tanh", False, None)


@pytest.fixture
def studies(make_study, tmp_path):
    """Two studies with finished runs, and one without; beside them something else."""
    make_study({RECTIFIER: [0.02, 0.03]}, name="first")
    make_study({RECTIFIER: [0.04], TANH: [0.1]}, name="second", dataset="mnist", unfinished=[TANH])
    make_study({TANH: [0.1]}, name="third", unfinished=[TANH])
    (tmp_path / "notes").mkdir()
    return tmp_path


def words(page):
    text = page.read_text()
    tree = ElementTree.fromstring(text.split("\n", 1)[1])
    return " ".join("".join(tree.itertext()).split()).replace("\N{NO-BREAK SPACE}", " ")


def test_one_section_for_each_study(studies):
    page = write_overview(studies)
    assert page == studies / "report.html"
    text = words(page)
    assert "2 studies 3 runs" in text
    assert "Rectifier networks on MNIST second, 1 of 2 runs finished" in text
    assert "no run in" in text  # the third
    # 0.02 and 0.03: deviation 0.0070711, t(0.975, 1) = 12.706, so 12.706 * 0.0070711 / sqrt(2)
    assert "rectifier 2.50 ± 6.35 1.43" in text
    assert "rectifier 4.00 1.43" in text
    assert page.read_text().count("<svg") == 2
    ids = re.findall(r'\sid="([^"]+)"', page.read_text())
    assert len(ids) == len(set(ids))


def test_links_lead_to_the_pages_that_were_drawn(studies, tmp_path):
    write_report(studies / "first")
    links = re.findall(r'<a href="([^#"]+)"', write_overview(studies).read_text())
    assert links == ["first/report.html"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    text = write_overview(studies, elsewhere / "all.html").read_text()
    assert re.findall(r'<a href="([^#"]+)"', text) == [
        (studies / "first" / "report.html").resolve().as_uri()
    ]


def test_saved_studies_are_shown_as_well(studies, tmp_path):
    save_report(studies / "first", tmp_path / "docs" / "first")
    assert "1 study 2 runs" in words(write_overview(tmp_path / "docs"))


def test_no_study_is_refused(tmp_path, raises_one_line):
    with raises_one_line(StudyError, "there is no study in"):
        write_overview(tmp_path)
    assert not list(tmp_path.iterdir())


def test_studies_that_cannot_be_shown_are_refused(studies, tmp_path, raises_one_line):
    path = studies / "first" / "study.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    assert "another version" in words(write_overview(studies))
    (studies / "second" / "study.json").unlink()
    with raises_one_line(StudyError, "can be shown"):
        write_overview(studies)
