from __future__ import annotations

import json
from datetime import date

import pytest

from rectinet.report.comparison import Comparison, inside
from rectinet.report.provenance import provenance
from rectinet.report.series import learning_curves
from rectinet.report.settings import settings_tables
from rectinet.report.tables import error_table, label_curves
from rectinet.report.wording import by_layer
from rectinet.studies import Summary, read_study


def test_error_table_holds_means_and_intervals_over_seeds(make_study):
    table = error_table(read_study(make_study()))
    order = [(row.activation, row.pretrained) for row in table.rows]
    assert order == [("rectifier", False), ("tanh", False), ("rectifier", True), ("tanh", True)]
    row = table.rows[0]
    assert row.test_error.mean == pytest.approx(0.02)
    assert row.test_error.half_width == pytest.approx(0.02484, abs=1e-5)
    assert row.test_error.n == 3
    assert row.errors == {0: 0.01, 1: 0.02, 2: 0.03}
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
    assert few.comparison.half_width == pytest.approx(0.02484, abs=1e-5)
    assert few.comparison.distinguishable is True
    assert (everything.comparison.difference, everything.comparison.distinguishable) == (0, False)


def test_label_row_without_its_partner_has_no_comparison(make_study):
    folder = make_study(unfinished=[("rectifier", True, 2)])
    few = label_curves(read_study(folder))[0].rows[0]
    assert few.pretrained is None
    assert few.comparison is None


# Differences and their interval, with t(0.975, 2) = 4.3027 and t(0.975, 1) = 12.7062:
# 0.010, 0.012, 0.011: mean 0.011, deviation 0.001, half-width 0.002484 (means 0.02 and 0.031 with
# half-widths above 0.02: their own intervals overlap);
# 0.04, 0.01, 0.01: mean 0.02, deviation 0.017321, half-width 0.043027;
# 0.01, 0.03: mean 0.02, deviation 0.014142, half-width 0.127062.
@pytest.mark.parametrize(
    ("second", "difference", "half_width", "distinguishable", "unpaired"),
    [
        ({0: 0.02, 1: 0.032, 2: 0.041}, 0.011, 0.002484, True, 0),
        ({2: 0.04, 0: 0.05, 1: 0.03}, 0.02, 0.043027, False, 0),
        ({0: 0.02, 1: 0.05, 7: 0.9}, 0.02, 0.127062, False, 2),
        ({2: 0.9}, 0.87, None, None, 2),
        ({0: 0.01, 1: 0.02, 2: 0.03}, 0.0, 0.0, False, 0),
    ],
)
def test_difference_is_taken_seed_by_seed(
    second, difference, half_width, distinguishable, unpaired
):
    first = {0: 0.01, 1: 0.02, 2: 0.03}
    found, reverse = Comparison.paired(first, second), Comparison.paired(second, first)
    assert found.difference == pytest.approx(difference)
    assert reverse.difference == pytest.approx(-difference)
    assert found.half_width == reverse.half_width == pytest.approx(half_width, abs=1e-6)
    assert found.distinguishable is reverse.distinguishable is distinguishable
    assert found.unpaired == unpaired
    assert found.second.mean - found.first.mean == pytest.approx(difference)


def test_no_common_seed_no_comparison():
    assert Comparison.paired({0: 0.1}, {1: 0.1}) is None
    assert Comparison.paired({0: 0.1}, {}) is None


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
    assert common["Corruption"] == "masking with 25% set to 0"
    assert common["Reconstruction"] == "softplus with squared error (strategy A)"
    assert common["Hidden layers"] == "3 × 2"
    assert finetuning.columns == ("Activation", "Epochs", "Used for")
    assert set(finetuning.rows) == {
        ("rectifier", "2", "all labels, without and with pre-training"),
        ("rectifier", "9", "2 per class, without and with pre-training"),
        ("tanh", "2", "all labels, without and with pre-training"),
    }


def test_settings_of_single_layers(layered_study):
    pretraining, finetuning = settings_tables(read_study(layered_study))
    common = dict(pretraining.common)
    assert (
        common["Corruption"]
        == "Gaussian with σ = 0.3 in layer 1, masking with 25% set to 0 in layer 2"
    )
    assert pretraining.columns == ("Activation", "Reconstruction")
    strategy = "sigmoid with cross-entropy (strategy B)"
    assert pretraining.rows == (
        ("rectifier", f"{strategy} and codes divided by each unit’s largest"),
        ("tanh", strategy),
    )
    assert finetuning.columns == ("Activation", "Learning rate", "Used for")
    both = "all labels, without and with pre-training"
    assert set(finetuning.rows) == {
        ("rectifier", "0.1", f"2 per class, without pre-training; {both}"),
        (
            "rectifier",
            "0.01 in layers 1–2, 0.1 in the output layer",
            "2 and 5 per class, with pre-training",
        ),
        ("tanh", "0.1", both),
    }


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ("aaa", "a"),
        ("a", "a"),
        ("abb", "a in layer 1, b in layer 2 and the output layer"),
        ("abbb", "a in layer 1, b in layers 2–3 and the output layer"),
        ("aba", "a in layer 1, b in layer 2, a in the output layer"),
    ],
)
def test_what_holds_in_each_layer(values, text):
    assert by_layer(values, len(values) - 1) == text


def test_newest_result(make_study):
    folder = make_study()
    times = ["2026-11-24T00:30:00+02:00", "2026-11-23T09:50:00+00:00", "2026-11-22T23:59:59+00:00"]
    for index, path in enumerate(sorted((folder / "runs").glob("*/result.json"))):
        content = json.loads(path.read_text()) | {"finished": times[index % 3]}
        path.write_text(json.dumps(content))
    assert provenance(read_study(folder)).newest == date(2026, 11, 23)


def test_provenance_counts_runs_and_seconds(make_study):
    origin = provenance(read_study(make_study(unfinished=[("tanh", False, None)])))
    assert (origin.n_classifiers, origin.n_stacks, origin.n_runs) == (15, 6, 24)
    assert len(origin.unfinished) == 3
    assert all("tanh-random-labels-all" in name for name in origin.unfinished)
    assert origin.seconds == 15 * 60 + 6 * 10
    assert origin.checksums == (("sum0", (0,)), ("sum1", (1,)), ("sum2", (2,)))
