from __future__ import annotations

import pytest

from rectinet.report.comparison import Comparison, inside
from rectinet.report.provenance import provenance
from rectinet.report.series import learning_curves
from rectinet.report.settings import settings_tables
from rectinet.report.tables import error_table, label_curves
from rectinet.studies import Summary, read_study


def test_error_table_holds_means_and_intervals_over_seeds(make_study):
    table = error_table(read_study(make_study()))
    order = [(row.activation, row.pretrained) for row in table.rows]
    assert order == [("rectifier", False), ("tanh", False), ("rectifier", True), ("tanh", True)]
    row = table.rows[0]
    assert row.test_error.mean == pytest.approx(0.02)
    assert row.test_error.half_width == pytest.approx(0.02484, abs=1e-5)
    assert row.test_error.n == 3
    assert row.zeros.mean == pytest.approx(0.7)
    assert [layer.mean for layer in row.layer_zeros] == pytest.approx([0.9, 0.5])
    assert (row.dead_units.mean, row.n_units) == (3, 5)
    assert row.learning_rates == ((0.1, 0.1, 0.1),)
    assert row.best_epochs == (1, 2, 3)
    assert table.is_lowest(row)
    assert not table.is_lowest(table.rows[1])


@pytest.mark.parametrize(
    ("dataset", "reference", "like_for_like"),
    [("mnist", "mnist", True), ("digits", "mnist", False), ("else", None, False)],
)
def test_paper_stands_beside_its_own_data_set(make_study, dataset, reference, like_for_like):
    table = error_table(read_study(make_study(dataset=dataset)))
    assert table.reference == reference
    assert table.like_for_like is like_for_like
    first, second, _, last = table.rows
    if reference is None:
        assert first.published is None
        assert first.published_zeros is None
    else:
        assert first.published.test_error == 0.0143
        assert first.published_zeros == 0.834
        assert second.published_zeros is None
        assert last.published.recalled


def test_label_curve_runs_from_few_to_all(make_study):
    (curve,) = label_curves(read_study(make_study()))
    assert curve.activation == "rectifier"
    assert [(row.labels_per_class, row.n_labels) for row in curve.rows] == [(2, 20), (None, 700)]
    few, everything = curve.rows
    assert few.random.mean == pytest.approx(0.11)
    assert few.pretrained.mean == pytest.approx(0.02)
    assert few.comparison.difference == pytest.approx(-0.09)
    assert few.comparison.distinguishable is True
    assert everything.comparison == Comparison(0.0, False)


def test_label_row_without_its_partner_has_no_comparison(make_study):
    folder = make_study(unfinished=[("rectifier", True, 2)])
    few = label_curves(read_study(folder))[0].rows[0]
    assert few.pretrained is None
    assert few.comparison is None


@pytest.mark.parametrize(
    ("second", "distinguishable"),
    [(Summary(0.31, 0.1, 3), True), (Summary(0.29, 0.1, 3), False), (Summary(0.9, None, 1), None)],
)
def test_means_differ_when_their_intervals_are_apart(second, distinguishable):
    first = Summary(0.1, 0.1, 3)
    assert Comparison.of(first, second).distinguishable is distinguishable
    assert Comparison.of(second, first).distinguishable is distinguishable


def test_inside():
    assert inside(0.11, Summary(0.1, 0.02, 3)) is True
    assert inside(0.13, Summary(0.1, 0.02, 3)) is False
    assert inside(0.1, Summary(0.1, None, 1)) is None


def test_learning_curve_is_the_mean_over_seeds(make_study):
    curve = learning_curves(read_study(make_study()))[0]
    assert (curve.activation, curve.pretrained) == ("rectifier", False)
    assert curve.seeds == ((0.5, 0.01), (0.5, 0.02), (0.5, 0.03))
    assert curve.mean == pytest.approx((0.5, 0.02))


def test_settings_have_one_row_per_recipe(make_study):
    pretraining, finetuning = settings_tables(read_study(make_study()))
    assert pretraining.columns == ("Activation",)
    assert pretraining.rows == (("rectifier",), ("tanh",))
    common = dict(pretraining.common)
    assert common["Corruption"] == "masking, 25% set to 0"
    assert common["Reconstruction"] == "softplus, squared error (strategy A)"
    assert common["Hidden layers"] == "3 × 2"
    assert finetuning.columns == ("Activation", "Epochs", "Used for")
    assert set(finetuning.rows) == {
        ("rectifier", "2", "all labels, without and with pre-training"),
        ("rectifier", "9", "2 per class, without and with pre-training"),
        ("tanh", "2", "all labels, without and with pre-training"),
    }


def test_provenance_counts_runs_and_seconds(make_study):
    origin = provenance(read_study(make_study(unfinished=[("tanh", False, None)])))
    assert (origin.n_classifiers, origin.n_stacks, origin.n_runs) == (15, 6, 24)
    assert len(origin.unfinished) == 3
    assert all("tanh-random-labels-all" in name for name in origin.unfinished)
    assert origin.seconds == 15 * 60 + 6 * 10
    assert origin.checksums == (("sum0", (0,)), ("sum1", (1,)), ("sum2", (2,)))
