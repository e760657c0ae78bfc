import re

import pytest

from rectinet.files import write_tensors
from rectinet.report import save_report, write_report
from rectinet.report.page import render
from rectinet.studies import read_study


@pytest.fixture
def folder(make_study, random):
    """A study whose networks kept their answers."""
    folder = make_study(dataset="mnist")
    for run in read_study(folder).classifiers:
        wrong = random.random(1000) < 0.1
        write_tensors(run.folder.path / "test.safetensors", {"wrong": wrong})
    return folder


def strip_images(page):
    """Cut the two sections that need weights."""
    return re.sub(
        r'<h2 id="part-\d">(First-layer|What the auto).*?</section>', "", page, flags=re.S
    )


def test_the_report_is_drawn_from_what_was_saved_alone(folder, tmp_path):
    save_report(folder, tmp_path / "saved")
    page = render(read_study(tmp_path / "saved"))
    assert "<img" not in page
    assert "McNemar" in page  # the pairwise test too
    assert strip_images(page) == strip_images(render(read_study(folder)))
    assert write_report(tmp_path / "saved") == tmp_path / "saved" / "report.html"


def test_saving_what_was_saved_changes_nothing(folder, tmp_path):
    save_report(folder, tmp_path / "saved")
    save_report(tmp_path / "saved", tmp_path / "again")
    for path in (tmp_path / "saved").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_markdown_shows_every_table_and_figure(folder, tmp_path):
    page = save_report(folder, tmp_path / "saved")
    assert page == tmp_path / "saved" / "README.md"
    text = page.read_text()
    figures = {path.name for path in page.parent.glob("*.svg")}
    assert set(re.findall(r"!\[.*?\]\((.*?)\)", text)) == figures
    assert len(figures) == 5
    assert (
        "\n| rectifier | **2.00 ± 2.48** | 1.43 | 70.0 | 83.4 | 3.0 of 5 | 0.1 | 1–3 | 3 |\n"
        in text
    )
    assert "1.16\\*" in text  # recalled
    heads = [line for line in text.splitlines() if line.startswith("|---")]
    # Provenance, errors, beside the paper, few labels, and the settings of two stages.
    assert len(heads) == 6
    assert "---|\n\n" not in text.replace("|---|---|\n\n", "")  # rows follow their head
    assert "24 of 24 finished: 18 classifiers, 6 pre-trained stacks; seeds 0–2" in text
    assert "- **10. MNIST’s split:** Training and validation" in text
    assert "| data, SHA-256 | `sum0` (seed 0) |" in text
    assert "\n| rectifier | 9 | 2 per class, without and with pre-training |\n" in text
    common = re.findall(r"The same for all: .*", text)
    assert len(common) == 2
    for line in common:
        assert "hidden layers 3 × 2; signs flipped none;" in line
        assert "learning rate 0.1" in line or "L1 on weights none" in line
    assert "\n\n\n" not in text


def test_figures_are_files_of_their_own(folder, tmp_path):
    page = save_report(folder, tmp_path / "saved")
    for path in page.parent.glob("*.svg"):
        text = path.read_text()
        assert text.startswith("<svg")
        assert "var(" not in text  # no page gives them colors
        assert 'fill="#ffffff"' in text


def test_whatever_a_study_is_called_markdown_stays_markdown(make_study, tmp_path):
    page = save_report(make_study(dataset="[a|b](c) *d*"), tmp_path / "saved")
    assert "\\[a\\|b\\](c) \\*d\\*" in page.read_text()
