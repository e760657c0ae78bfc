import numpy as np
import pytest

from rectinet.nn import reconstruction, reconstruction_names
from rectinet.report.studies import content_of
from rectinet.report.studies.strategy_rows import strategy_rows
from rectinet.studies import read_study
from rectinet.training import PretrainingSettings

# As in conftest.py, where intervals and differences are worked out.
LOW, HIGH, MIDDLE = (0.01, 0.02, 0.03), (0.10, 0.12, 0.11), (0.05, 0.03, 0.04)
ERRORS = {"softplus": LOW, "sigmoid": MIDDLE, "linear": HIGH, "linear-preactivation": HIGH}
BLOCKED = {"rectifier": (0.25, 0.5)}


def epoch(layer, number, loss, blocked):
    evaluation = {
        "loss": loss,
        "error": None,
        "zeros": [0.5],
        "dead_units": [0],
        "blocked": blocked,
    }
    return {
        "stage": f"pre-training layer {layer}",
        "epoch": number,
        "evaluation": evaluation,
        "seconds": 1.0,
    }


@pytest.fixture
def make_strategies(make_runs, make_spec):
    def make(errors):
        runs, stacks = [], []
        for name, values in errors.items():
            settings = PretrainingSettings(epochs=2, reconstruction=reconstruction(name))
            for seed, error in enumerate(values):
                spec = make_spec(seed=seed, stack=settings)
                runs.append((spec, {"error": error}))
                first, second = BLOCKED.get(name, (0.0, 0.0))
                records = [epoch(1, 1, 9.0, 0.9), epoch(1, 2, 2.0 + seed, first)]
                records += [epoch(2, 1, 9.0, 0.9), epoch(2, 2, 4.0, second)]
                clean = np.zeros((2, 4), np.float32)
                pictures = {"clean": clean, "reconstructed": clean + 0.5}
                stacks.append((spec.pretraining, {"records": records, "pictures": pictures}))
        runs.append((make_spec(seed=0), {"error": 0.015}))
        return read_study(make_runs("strategies", runs, stacks=stacks))

    return make


def test_every_strategy_has_a_row_by_its_letter(make_strategies):
    rows = strategy_rows(make_strategies(dict.fromkeys(reconstruction_names(), LOW[:1])))
    assert [(row.title, row.cost) for row in rows] == [
        ("no pre-training", "–"),
        ("A softplus", "squared"),
        ("B sigmoid", "cross-entropy"),
        ("C linear (output)", "squared"),
        ("C linear (pre-activation)", "squared"),
        ("D rectifier", "squared"),
    ]


def test_figures_of_the_last_epochs_are_means_over_seeds(make_strategies):
    _, row = strategy_rows(make_strategies({"rectifier": LOW}))
    assert row.test_error.mean == pytest.approx(0.02)
    assert [layer.mean for layer in row.losses] == [3, 4]
    assert [layer.mean for layer in row.blocked] == [0.25, 0.5]
    assert row.mean_blocked == pytest.approx(0.375)
    # Four inputs, each 0.5 away: 4 * 0.25 for every picture, two pictures a seed.
    assert (row.picture_error, row.n_pictures) == (1, 6)
    assert row.zeros.mean == pytest.approx(0.7)


def test_tables(make_strategies):
    errors, costs, blocked = content_of(make_strategies(ERRORS | {"rectifier": HIGH})).tables
    rows = [[cell.text for cell in row] for row in errors.groups[0].rows]
    assert rows[0] == ["no pre-training", "1.50", "–", "70.0", "1"]
    # Against seed 0 alone, which both have: 0.01 - 0.015 and 0.05 - 0.015.
    assert rows[1] == ["A softplus", "2.00 ± 2.48", "−0.50", "70.0", "3"]
    assert rows[2][2] == "+3.50"
    rows = [[cell.text for cell in row] for row in costs.groups[0].rows]
    assert rows[1] == ["B sigmoid", "cross-entropy", "3", "4", "1"]
    assert "Costs of higher layers cannot be compared at all" in costs.note
    rows = [[cell.text for cell in row] for row in blocked.groups[0].rows]
    assert rows[-1] == ["D rectifier", "25.0", "50.0"]
    assert rows[0] == ["A softplus", "0.0", "0.0"]


def test_what_is_said(make_strategies):
    content = content_of(make_strategies({"softplus": LOW, "sigmoid": MIDDLE, "rectifier": HIGH}))
    said = {s.topic: " ".join(s.paragraphs) for s in content.statements}
    assert said["Test error"].endswith("Without several runs of each, the order may be chance.")
    assert (
        "D rectifier 25.0% and 50.0%. None in A softplus and B sigmoid."
        in said["Blocked gradients"]
    )
    assert said["The paper"].endswith(
        "Ours: the lowest error after pre-training is A softplus’s. D blocked 37.5% of the "
        "gradients, mean over the layers."
    )


def test_a_study_without_finished_stacks(make_strategies):
    content = content_of(make_strategies({}))
    assert [section.title for section in content.sections] == ["After fine-tuning"]
