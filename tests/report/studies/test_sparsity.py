import pytest

from rectinet.report.settings import settings_tables
from rectinet.report.studies import content_of
from rectinet.report.studies.sparsity import ErrorByZeros
from rectinet.studies import read_study


@pytest.fixture
def make_nets(make_runs, make_spec):
    """Return a function from (share of zeros, test error) of each net to the study's folder."""

    def make(*nets, **kwargs):
        specs = [make_spec(seed=i, activation_l1=i / 1000) for i in range(len(nets))]
        outcomes = [{"zeros": [zeros, zeros], "error": error} for zeros, error in nets]
        return make_runs("sparsity", list(zip(specs, outcomes, strict=True)), **kwargs)

    return make


def groups(*errors, step=0.1):
    """Return 16 nets in 4 groups: zeros 10% to 13%, 20% to 23% and so on; errors -0.01, +0.01."""
    return [
        (step * (i + 1) + j / 100, error + (0.01 if j % 2 else -0.01))
        for i, error in enumerate(errors)
        for j in range(4)
    ]


def texts(folder):
    content = content_of(read_study(folder))
    return {s.topic: " ".join(s.paragraphs) for s in content.statements}, content


# In each group deviation sqrt(4 / 3) * 0.01 = 0.011547, t(0.975, 3) = 3.18245, so the half-width is
# 3.18245 * 0.011547 / 2 = 0.018374; sqrt(2) of it is 0.025985.
@pytest.mark.parametrize(
    ("errors", "limit", "rises"),
    [
        ((0.05, 0.05, 0.07, 0.20), 0.33, True),  # 7% is below 5 + 2.60
        ((0.05, 0.05, 0.08, 0.20), 0.23, True),  # 8% is not
        ((0.05, 0.20, 0.05, 0.20), 0.33, True),  # what comes back was no rise
        ((0.20, 0.10, 0.05, 0.06), 0.43, False),
        ((0.20, 0.10, 0.08, 0.05), 0.43, False),
    ],
)
def test_where_the_error_begins_to_rise(make_nets, errors, limit, rises):
    found = ErrorByZeros.of(read_study(make_nets(*groups(*errors))).classifiers)
    assert [group.error.n for group in found.groups] == [4, 4, 4, 4]
    assert found.best.error.half_width == pytest.approx(0.018374, abs=1e-6)
    assert found.limit == pytest.approx(limit)
    assert found.rises is rises


def test_nets_are_grouped_by_their_zeros_not_by_their_penalty(make_nets):
    nets = groups(0.05, 0.06, 0.07, 0.08)
    found = ErrorByZeros.of(read_study(make_nets(*nets[::-1])).classifiers)
    assert [round(group.error.mean, 6) for group in found.groups] == [0.05, 0.06, 0.07, 0.08]
    assert found.groups[0].activation_l1 == (0.012, 0.015)


def test_what_is_said(make_nets):
    said, content = texts(make_nets(*groups(0.05, 0.05, 0.08, 0.20), dataset="mnist"))
    assert "0 to 0.015, and in their seed" in said["What was done"]
    assert said["Where the error rises"] == (
        "The error is lowest, 5.00 ± 1.84%, among nets with 10.0% to 13.0% zeros. It is not "
        "distinguishably higher up to 23.0% zeros; the next nets, with 30.0% to 33.0%, have "
        "8.00 ± 1.84%. At the sparsest end, 41.5% zeros, it is 20.00 ± 1.84%."
    )
    assert said["The paper"].endswith("up to about 85% zeros. Ours does not suffer up to 23%.")
    (group,) = content.tables[0].groups
    assert [row[2].bold for row in group.rows] == [True, True, False, False]


def test_a_study_whose_error_never_rises_says_so(make_nets):
    said, _ = texts(make_nets(*groups(0.05, 0.05, 0.05, 0.05)))
    assert "not distinguishably higher up to 43.0% zeros, the" in said["Where the error rises"]
    assert "which it does not show" in said["The paper"]
    assert said["The paper"].endswith("up to 43%, the most that was seen.")


@pytest.mark.parametrize("n", [1, 7])
def test_few_nets_are_shown_without_a_verdict(make_nets, n):
    said, content = texts(make_nets(*groups(0.05, 0.06)[:n]))
    assert "too few to say: at least 8" in said["Where the error rises"]
    assert not content.tables


def test_settings_do_not_list_every_penalty(make_nets):
    (table,) = settings_tables(read_study(make_nets(*groups(0.05, 0.06, 0.07, 0.08))))
    assert dict(table.common)["L1 on activations"] == "16 values from 0 to 0.015"
    assert len(table.rows) == 1
