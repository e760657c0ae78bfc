import math

import pytest

from rectinet.nn import Rectifier, Softplus
from rectinet.report.studies import content_of
from rectinet.report.studies.softplus import sharpness_rows
from rectinet.studies import read_study

# Seed by seed, against the rectifier's 0.01, 0.02, 0.03: +0.09, +0.10, +0.08 is 0.09 ± 0.02484
# (see conftest.py); -0.004, +0.002, -0.001 is -0.001 ± 0.00745; of the three
# errors themselves 0.019 ± 0.02929.
ERRORS = {
    1.0: (0.10, 0.12, 0.11),
    3.0: (0.006, 0.022, 0.029),
    math.inf: (0.01, 0.02, 0.03),
}


@pytest.fixture
def make_sweep(make_runs, make_spec):
    def make(errors=ERRORS, dataset="digits"):
        runs = []
        for alpha, values in errors.items():
            kind = Rectifier() if math.isinf(alpha) else Softplus(alpha)
            for seed, error in enumerate(values):
                runs.append((make_spec(kind, seed=seed, dataset=dataset), {"error": error}))
        return read_study(make_runs("softplus", runs, dataset=dataset))

    return make


def said(results):
    return {s.topic: " ".join(s.paragraphs) for s in content_of(results).statements}


def test_rows_are_by_alpha_and_compared_with_the_rectifier(make_sweep):
    results = make_sweep()
    smooth, sharp, limit = sharpness_rows(results, pretrained=False)
    assert [row.alpha for row in (smooth, sharp, limit)] == [1, 3, math.inf]
    assert smooth.comparison.difference == pytest.approx(0.09)
    assert smooth.comparison.distinguishable is True
    assert sharp.comparison.distinguishable is False
    assert limit.comparison is None
    assert sharpness_rows(results, pretrained=True) == ()


def test_table_stands_beside_the_papers_figures(make_sweep):
    (table,) = content_of(make_sweep()).tables
    rows = [[cell.marked for cell in row] for row in table.groups[0].rows]
    assert rows[0] == ["1", "11.00 ± 2.48", "+9.00 ± 2.48", "17.68", "3"]
    assert rows[2] == ["∞ (rectifier)", "2.00 ± 2.48", "–", "16.40", "3"]


def test_whether_smoothness_gained_anything(make_sweep):
    text = said(make_sweep())["Smoothness"]
    assert text == (
        "Without pre-training, the error is lowest with alpha 3: 1.90 ± 2.93%. The rectifier has "
        "2.00 ± 2.48%. Distinguishably worse than the rectifier, seed by seed: alpha 1 (by "
        "9.00 ± 2.48 points). No finite alpha is distinguishably better: smoothness gained nothing."
    )
    swapped = {1.0: ERRORS[math.inf], math.inf: ERRORS[1.0]}
    text = said(make_sweep(swapped))["Smoothness"]
    assert text.endswith(
        "Distinguishably better than the rectifier, seed by seed: alpha 1 (by 9.00 ± 2.48 points)."
    )


def test_recalled_figures_are_marked(make_sweep):
    text = said(make_sweep())["The paper"]
    assert "17.68% (alpha 1), 17.53%* (alpha 1.3), 16.90%* (alpha 2), 16.66% (alpha 3)" in text
    assert "recalled" in text
    assert "no such figures for digits" in text


def test_on_norb_the_figures_are_compared(make_sweep):
    results = make_sweep({1.0: (0.1768,), math.inf: (0.25,)}, dataset="norb")
    text = said(results)["The paper"]
    assert "Alpha ∞ (rectifier): our error of 25.00% is 8.60" in text
    assert "Within noise of the paper’s error: alpha 1 (17.68% beside 17.68%)" in text
    assert [table.title for table in content_of(results).tables] == [
        "Test error by sharpness, without pre-training",
        "Beside the paper",
    ]


def test_one_run_or_no_rectifier_gives_no_verdict(make_sweep):
    text = said(make_sweep({1.0: (0.1,), math.inf: (0.2,)}))["Smoothness"]
    assert text.endswith("Without several runs of each, differences may be chance.")
