import pytest

from rectinet.report.beside import (
    Beside,
    beside_table,
    beside_words,
    binomial_half_width,
    binomial_interval,
)
from rectinet.studies import Summary
from rectinet.studies.paper import N_TEST, SOFTPLUS, TABLE_1, Published

PAPER = Published(0.02)


def beside(mean, half_width=None, n=1):
    return Beside("the net", Summary(mean, half_width, n), 10_000, PAPER, 10_000)


# None of n: from 0 to 1 - 0.025^(1/n), for n = 10: 1 - 0.025^0.1 = 0.30850; all of n: the mirror
# image. One of two: the interval is 1 - sqrt(1 - 0.025) = 0.012579 to its mirror image.
@pytest.mark.parametrize(
    ("error", "n_test", "low", "high"),
    [(0, 10, 0, 0.30850), (1, 10, 0.69150, 1), (0.5, 2, 0.012579, 0.987421)],
)
def test_exact_binomial_interval(error, n_test, low, high):
    assert binomial_interval(error, n_test) == pytest.approx((low, high), abs=1e-5)


def test_binomial_half_width():
    # 1.959964 sqrt(0.02 * 0.98 / 10,000) = 1.959964 * 0.0014
    assert binomial_half_width(0.02, 10_000) == pytest.approx(0.00274395)


def test_uncertainties_are_added_in_squares():
    # The paper's and ours, both 0.00274395: together 0.00388053; with 0.003 over seeds 0.00490500.
    assert beside(0.02).half_width == pytest.approx(0.00388053, abs=1e-7)
    assert beside(0.02, 0.003, 3).half_width == pytest.approx(0.00490500, abs=1e-7)


@pytest.mark.parametrize(
    ("mean", "verdict"),
    # The half-width of the difference is 0.00388 at 0.02, a little more above it, less below.
    [(0.025, "higher, beyond noise"), (0.023, "within noise"), (0.015, "lower, beyond noise")],
)
def test_a_difference_counts_where_its_interval_excludes_zero(mean, verdict):
    row = beside(mean)
    assert row.verdict == verdict
    assert row.differs == (verdict != "within noise")
    assert row.difference == pytest.approx(mean - 0.02)


def test_words_say_where_we_differ():
    first, second, third = beside_words([beside(0.03), beside(0.021)])
    assert first.startswith("The net: our error of 3.00% is 1.00 ± ")
    assert first.endswith("points higher than the paper’s 2.00%, and that is beyond noise.")
    assert second == "Within noise of the paper’s error: the net (2.10% beside 2.00%)."
    assert third.startswith("For 2 networks there is one run")


def test_table_has_the_intervals_of_both():
    (group,) = beside_table([beside(0.0), beside(0.02, 0.001, 3)]).groups
    texts = [[cell.text for cell in row] for row in group.rows]
    # 1 - 0.025^(1/10,000) = 0.000369
    assert texts[0][:4] == ["the net", "0.00", "0.00 to 0.04", "2.00"]
    assert texts[0][5:] == ["−2.00 ± 0.27", "lower, beyond noise"]
    assert texts[1][1] == "2.00 ± 0.10"
    assert texts[1][2] == texts[1][4]


def test_recalled_figures_of_the_paper_are_known_as_such():
    recalled = {key for key, published in TABLE_1.items() if published.recalled}
    read = {("norb", "tanh", True)}
    assert recalled | read == {
        (dataset, activation, True) for dataset in N_TEST for activation in ("tanh", "softplus")
    }
    assert {alpha for alpha, published in SOFTPLUS.items() if published.recalled} == {1.3, 2}
    # The sweep begins and ends at table 1's softplus and rectifier.
    errors = [published.test_error for published in SOFTPLUS.values()]
    assert errors[0] == TABLE_1["norb", "softplus", False].test_error
    assert errors[-1] == TABLE_1["norb", "rectifier", False].test_error
    assert errors == sorted(errors, reverse=True)
