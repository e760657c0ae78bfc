"""What is drawn, and what is not."""

import math
import re

import pytest

from rectinet.report.figures import label_figure, learning_figures
from rectinet.report.series import learning_curves
from rectinet.report.strips import draw_strips
from rectinet.report.svg import half_widths
from rectinet.report.tables import label_curves
from rectinet.studies import Summary, read_study


def n_strokes(svg):
    """Count the strokes that have no dashes and no markers: error bars are among them."""
    return len(re.findall(r"<path ", svg)) + len(re.findall(r"<use ", svg))


def test_a_single_seed_has_no_interval():
    first, second = half_widths([Summary(0.1, None, 1), Summary(0.2, 0.05, 3)], 100)
    assert math.isnan(first)
    assert second == 5


def test_no_bar_is_drawn_without_an_interval():
    drawn = [
        n_strokes(draw_strips([("a", Summary(1.0, width, n))], "x", title="t", alt="a").svg)
        for width, n in ((None, 1), (0.5, 3))
    ]
    # The bar and its two caps, which are one path used twice; axes have as many ticks in both.
    assert drawn[0] < drawn[1]


@pytest.mark.parametrize("seeds", [1, 3])
def test_figures_of_one_seed_are_drawn(make_study, seeds):
    errors = {
        (name, start, labels): (0.01, 0.02, 0.03)[:seeds]
        for name in ("rectifier", "tanh")
        for start in (False, True)
        for labels in (2, None)
    }
    assert label_figure(label_curves(read_study(make_study(errors)))).svg.startswith("<svg")


def test_the_kept_epochs_are_those_of_the_table(make_study):
    # The runs of conftest.py kept the weights of epoch 1 + seed, wherever the curves are lowest.
    figures = learning_figures(learning_curves(read_study(make_study())))
    assert "without pre-training 2.00% (weights kept of epoch 1–3)" in figures[0].caption
