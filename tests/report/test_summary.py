from __future__ import annotations

import pytest

from rectinet.report.summary import summarize
from rectinet.report.tables import error_table, label_curves
from rectinet.studies import read_study

LOW, HIGH, MIDDLE = (0.01, 0.02, 0.03), (0.10, 0.11, 0.12), (0.03, 0.04, 0.05)


@pytest.fixture
def findings(make_study):
    """Return a function from test errors to the findings by topic."""

    def find(*args, **kwargs):
        results = read_study(make_study(*args, **kwargs))
        statements = summarize(results, error_table(results), label_curves(results))
        return {statement.topic: " ".join(statement.paragraphs) for statement in statements}

    return find


def pair(rectifier, tanh):
    return {("rectifier", False, None): rectifier, ("tanh", False, None): tanh}


def test_rectifier_lowest_and_distinguishable(findings):
    text = findings(pair(LOW, HIGH))["Lowest error"]
    assert text == (
        "Without pre-training, the rectifier network had the lowest test error: 2.00 ± 2.48%. "
        "Next came tanh with 11.00 ± 2.48%, 9.00 points more; the 95% intervals do not overlap."
    )


def test_rectifier_lowest_but_not_distinguishable(findings):
    text = findings(pair(LOW, MIDDLE))["Lowest error"]
    assert "the rectifier network had the lowest test error" in text
    assert "2.00 points more; the 95% intervals overlap" in text
    assert "not distinguishable" in text


def test_rectifier_not_lowest(findings):
    text = findings(pair(HIGH, LOW))["Lowest error"]
    assert "the rectifier did not have the lowest test error: tanh had 2.00 ± 2.48%" in text
    assert "the rectifier 11.00 ± 2.48%, 9.00 points more" in text


def test_equal_errors(findings):
    assert "rectifier and tanh had the same, lowest" in findings(pair(LOW, LOW))["Lowest error"]


def test_zeros(findings):
    text = findings()["True zeros"]
    assert "70.0% without pre-training, 70.0% with it" in text
    assert "3.0 without pre-training, 3.0 with it, of 5." in text
    assert "Units of tanh were never exactly zero." in text


def few(random, pretrained):
    return {
        ("rectifier", False, None): LOW,
        ("rectifier", True, None): LOW,
        ("rectifier", False, 2): random,
        ("rectifier", True, 2): pretrained,
    }


@pytest.mark.parametrize(
    ("random", "pretrained", "claim"),
    [
        (HIGH, LOW, "lowered the error from 11.00 ± 2.48% to 2.00 ± 2.48%, by 9.00 points."),
        (LOW, HIGH, "raised the error from 2.00 ± 2.48% to 11.00 ± 2.48%, by 9.00 points."),
        (MIDDLE, LOW, "made no distinguishable difference (4.00 ± 2.48% without, 2.00"),
        (LOW, LOW, "left the error at 2.00 ± 2.48%"),
    ],
)
def test_few_labels(findings, random, pretrained, claim):
    text = findings(few(random, pretrained))["Few labels"]
    assert text.startswith("For the rectifier network with 2 labels per class (20 in all), ")
    assert claim in text


def test_few_labels_counts_where_it_helped(findings):
    errors = few(HIGH, LOW) | {
        ("rectifier", False, 5): MIDDLE,
        ("rectifier", True, 5): LOW,
        ("rectifier", False, 10): LOW,
        ("rectifier", True, 10): HIGH,
    }
    text = findings(errors)["Few labels"]
    assert "helped distinguishably at 1 (2 per class), by up to 9.00 points" in text
    assert "hurt distinguishably at 1 (10 per class), by up to 9.00 points" in text


def test_all_labels(findings):
    text = findings()["All labels"]
    assert "For the rectifier network, with all labels, pre-training left the error at 2.00" in text
    assert "For the tanh network it lowered the error from 11.00 ± 2.48% to 4.00 ± 2.48%" in text


def test_paper_value_of_the_same_data_set(findings):
    inside = findings(pair(LOW, HIGH), dataset="mnist", name="inside")["The paper"]
    assert "0.57 points higher than the paper’s 1.43%" in inside
    assert "lies inside our 95% interval" in inside
    assert "zeros are 70.0%; the paper has 83.4%" in inside
    outside = findings(pair(HIGH, LOW), dataset="mnist", name="outside")["The paper"]
    assert "9.57 points higher" in outside
    assert "lies outside our 95% interval" in outside


def test_paper_value_of_no_data_set(findings):
    assert findings()["The paper"].startswith("The paper has no result for digits")


def test_one_seed_claims_no_interval(findings, one_seed):
    found = findings(one_seed, dataset="mnist")
    assert "Every setting was run once" in found["What was done"]
    assert "may be chance" in found["Lowest error"]
    assert "by 9.00 points; without several runs of each this may be chance" in found["Few labels"]
    assert "one run gives no interval" in found["The paper"]
    assert not any("±" in text for text in found.values())


def test_unfinished_runs_are_announced(findings):
    assert "Unfinished" not in findings(name="whole")
    text = findings(name="part", unfinished=[("tanh", False, None)])["Unfinished"]
    assert text.startswith("3 of the 24 runs are not finished")
