import numpy as np
import pytest

from rectinet.errors import InputError
from rectinet.files import write_tensors
from rectinet.report.pairwise import McNemar, mcnemar, not_worse_than_best, wrong_answers
from rectinet.report.tables import error_table
from rectinet.studies import cell, read_study

N_TEST = 40


def answers(*wrong):
    """Return a network that gets these test examples wrong."""
    return np.isin(np.arange(N_TEST), wrong)


# Sums of binomial coefficients over 2^(b + c), twice for the two sides:
#  0 of 5: 2 * 1 / 32 = 0.0625        0 of 6: 2 * 1 / 64 = 0.03125
#  1 of 8: 2 * (1 + 8) / 256          1 of 9: 2 * (1 + 9) / 512
#  2 of 4: more than a half, so 1
@pytest.mark.parametrize(
    ("only_first", "only_second", "p_value", "differs"),
    [
        (0, 5, 0.0625, False),
        (0, 6, 0.03125, True),
        (1, 7, 0.0703125, False),
        (1, 8, 0.0390625, True),
        (2, 2, 1.0, False),
        (0, 0, 1.0, False),
    ],
)
def test_p_values_by_hand(only_first, only_second, p_value, differs):
    # Ten more that both get wrong, and the rest that both get right, do not count.
    both, first = range(10), range(10, 10 + only_first)
    second = range(10 + only_first, 10 + only_first + only_second)
    a, b = {0: answers(*both, *first)}, {0: answers(*both, *second)}
    test, reverse = mcnemar(a, b), mcnemar(b, a)
    assert test == McNemar(only_first, only_second, (0,))
    assert reverse == McNemar(only_second, only_first, (0,))
    assert test.p_value == reverse.p_value == pytest.approx(p_value, rel=1e-12)
    assert test.differs is reverse.differs is differs


def test_a_classifier_never_differs_from_itself():
    random = np.random.default_rng(0)
    for share in (0, 0.01, 0.3, 1):
        same = {seed: random.random(N_TEST) < share for seed in range(3)}
        assert mcnemar(same, same).p_value == 1
        assert not_worse_than_best([same, same]) == (True, True)


def test_seeds_are_paired_and_their_discordant_answers_pooled():
    # Seed 0: 1 against 2; seed 2: 1 against 0; seeds 1 and 3 have no partner. Pairing seed 0 with
    # seed 2 would find other numbers: {0} against {0, 1, 2} and {0} against {5}.
    first = {0: answers(7), 2: answers(0), 1: answers(9)}
    second = {2: answers(), 0: answers(5, 6), 3: answers(1)}
    assert mcnemar(first, second) == McNemar(2, 2, (0, 2))
    assert mcnemar(first, {3: answers(1)}) is None


def test_three_seeds_can_show_what_one_does_not():
    worse, better = answers(0, 1), answers()
    assert not mcnemar({0: worse}, {0: better}).differs  # 0 of 2: p = 0.5
    pooled = mcnemar(dict.fromkeys(range(3), worse), dict.fromkeys(range(3), better))
    assert pooled.p_value == 0.03125  # 0 of 6


def test_bold_are_the_best_and_those_not_significantly_worse():
    best = {0: answers(0)}
    tie = {0: answers(39)}
    close = {0: answers(*range(1, 6))}  # 1 against 5: p = 0.21875
    worse = {0: answers(*range(1, 11))}  # 1 against 10: p = 0.0117
    elsewhere = {7: answers(0, 1)}
    found = not_worse_than_best([worse, close, best, elsewhere, tie])
    assert found == (False, True, True, False, True)
    assert not_worse_than_best([]) == ()


def test_other_test_examples_are_refused():
    with pytest.raises(InputError, match="40 test answers on one side and 3 on the other"):
        mcnemar({0: answers()}, {0: np.zeros(3, bool)})


def test_answers_are_read_from_the_runs_that_kept_them(make_study):
    folder = make_study()
    runs = cell(read_study(folder).classifiers, "rectifier", False)
    assert wrong_answers(runs) is None
    for run in runs:
        write_tensors(run.folder.path / "test.safetensors", {"wrong": answers(run.seed)})
    found = wrong_answers(cell(read_study(folder).classifiers, "rectifier", False))
    assert {seed: list(np.flatnonzero(wrong)) for seed, wrong in found.items()} == {
        0: [0],
        1: [1],
        2: [2],
    }


def test_bold_in_the_table_are_errors_that_pretraining_did_not_change(make_study):
    folder = make_study()
    assert not error_table(read_study(folder)).tested
    # Rectifier: 1 against 3 of each seed, 3 against 9 pooled: p = 0.146. Tanh: 0 against 2 of each
    # seed, 0 against 6: p = 0.03125.
    wrong = {
        ("rectifier", False): answers(0),
        ("rectifier", True): answers(1, 2, 3),
        ("tanh", False): answers(),
        ("tanh", True): answers(0, 1),
    }
    results = read_study(folder)
    for (name, pretrained), each in wrong.items():
        for run in cell(results.classifiers, name, pretrained):
            write_tensors(run.folder.path / "test.safetensors", {"wrong": each})
    table = error_table(read_study(folder))
    assert table.tested
    assert {(row.activation, row.pretrained): row.bold for row in table.rows} == {
        ("rectifier", False): True,
        ("rectifier", True): True,
        ("tanh", False): False,
        ("tanh", True): False,
    }
    assert table.row("tanh", True).pairwise == McNemar(0, 6, (0, 1, 2))
    assert table.row("tanh", False).pairwise == table.row("tanh", True).pairwise
