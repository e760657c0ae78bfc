import pytest

from rectinet.errors import SettingError
from rectinet.studies import ACTIVATIONS, PROTOCOLS, image_table
from rectinet.studies.image_table import CURVE


@pytest.mark.parametrize(("dataset", "protocol"), PROTOCOLS)
def test_six_cells_per_seed_and_a_label_curve_from_one_stack_each(dataset, protocol):
    study = image_table(dataset, protocol, n_seeds=2)
    full = [run for run in study.runs if run.labels_per_class is None]
    cells = {(run.activation.name, run.pretraining is not None, run.seed) for run in full}
    assert cells == {(a, p, s) for a in ACTIVATIONS for p in (False, True) for s in (0, 1)}
    assert len(full) == len(cells)
    # One stack per activation and seed serves all numbers of labels.
    assert len(study.pretraining) == len(ACTIVATIONS) * 2
    few = [run for run in study.runs if run.labels_per_class is not None]
    assert {run.activation.name for run in few} == {"rectifier"}
    for labels in {run.labels_per_class for run in few}:
        assert sum(run.labels_per_class == labels for run in few) == 2 * 2


def test_few_labels_are_drawn_more_often_than_all_labels_are_trained_on():
    runs = [run for run in image_table("digits", "paper").runs if run.activation.name == CURVE]
    seeds = {labels: set() for labels in {run.labels_per_class for run in runs}}
    for run in runs:
        seeds[run.labels_per_class].add(run.seed)
    assert seeds.pop(None) == set(range(5))
    assert set(map(frozenset, seeds.values())) == {frozenset(range(20))}


def test_with_and_without_pretraining_differ_in_nothing_else():
    for run in image_table("digits", "quick", 1).runs:
        if run.pretraining:
            assert run.pretraining.hidden_layer_sizes == run.hidden_layer_sizes
            assert run.pretraining.activation == run.activation
            assert run.pretraining.sign_flip == run.sign_flip
            assert run.pretraining.seed == run.seed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("letters", "quick"), "no settings for data set 'letters'.*digits quick"),
        (("digits", "thorough"), "protocol 'thorough'"),
        (("digits", "quick", 0), "number of seeds is 0"),
    ],
)
def test_what_there_is_not_is_refused(arguments, message):
    with pytest.raises(SettingError, match=message):
        image_table(*arguments)
