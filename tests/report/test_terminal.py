from __future__ import annotations

import io

import pytest
from rich.console import Console

from rectinet.report import print_results
from rectinet.report.page import render
from rectinet.studies import read_study


@pytest.fixture
def printed(make_study):
    def show(width=80, **kwargs):
        stream = io.StringIO()
        console = Console(file=stream, width=width)
        print_results(read_study(make_study(**kwargs)), console)
        return stream.getvalue()

    return show


@pytest.mark.parametrize("dataset", ["digits", "mnist", "else"])
@pytest.mark.parametrize("width", [80, 200])
def test_fits_80_columns(printed, dataset, width):
    lines = printed(dataset=dataset, width=width).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 80
    assert not any("…" in line for line in lines)


def test_wide_intervals_fit_80_columns(printed):
    errors = {
        ("rectifier", False, 100): (0.10, 0.90, 0.95),
        ("rectifier", True, 100): (0.90, 0.10, 0.20),
    }
    text = printed(errors=errors)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "100 1,000 65.00 ± 118.49 40.00 ± 108.28 −25.00 ± 225.97" in rows


def test_tables_and_summary(printed):
    rows = [" ".join(line.split()) for line in printed().splitlines()]
    assert "rectifier 2.00 ± 2.48 1.43 70.0 3.0 of 5 3" in rows
    assert "tanh 4.00 ± 2.48 1.16* 0.0 0.0 of 5 3" in rows
    assert "2 20 11.00 ± 2.48 2.00 ± 2.48 −9.00 ± 2.48" in rows
    assert "all 700 2.00 ± 2.48 2.00 ± 2.48 +0.00 ± 0.00" in rows
    text = " ".join(rows)
    assert "Lowest error. Without pre-training, the rectifier network had the lowest" in text
    assert "The paper has no result for digits." in text
    assert "\x1b" not in text


def test_brackets_in_names_are_no_markup(printed):
    assert "[bold]x" in printed(dataset="[bold]x")


def test_no_label_curve(printed):
    text = printed(errors={("rectifier", False, None): [0.02]})
    assert "few labels" not in text
    assert "2.00" in text


def test_only_the_columns_that_are_shown_are_explained(printed, make_study):
    text = " ".join(printed(dataset="mnist").split())
    for hidden in ("Best epoch", "Distinguishable:", "Intervals of one run"):
        assert hidden not in text
    page = render(read_study(make_study(dataset="mnist", name="page")))
    for hidden in ("Best epoch: ", "Distinguishable: ", "Intervals of one run"):
        assert hidden in page
