from collections import Counter

import pytest

from rectinet.studies import ACTIVATIONS, image_table
from rectinet.studies.image_table import CURVE


@pytest.mark.parametrize(("dataset", "protocol"), image_table.settings)
def test_six_cells_per_seed_and_a_label_curve_from_one_stack_each(dataset, protocol):
    study = image_table(dataset, protocol, n_seeds=2)
    full = [run for run in study.runs if run.labels_per_class is None]
    cells = Counter((run.activation.name, run.pretraining is not None, run.seed) for run in full)
    assert cells == {(a, p, s): 1 for a in ACTIVATIONS for p in (False, True) for s in (0, 1)}
    # One stack per activation and seed serves all numbers of labels.
    assert len(study.pretraining) == len(ACTIVATIONS) * 2
    few = [run for run in study.runs if run.labels_per_class is not None]
    assert {run.activation.name for run in few} <= {CURVE}
    assert set(Counter(run.labels_per_class for run in few).values()) <= {2 * 2}


def test_few_labels_are_drawn_more_often_than_all_labels_are_trained_on():
    runs = [run for run in image_table("digits", "paper").runs if run.activation.name == CURVE]
    seeds = {labels: set() for labels in {run.labels_per_class for run in runs}}
    for run in runs:
        seeds[run.labels_per_class].add(run.seed)
    assert seeds.pop(None) == set(range(5))
    assert set(map(frozenset, seeds.values())) == {frozenset(range(20))}
