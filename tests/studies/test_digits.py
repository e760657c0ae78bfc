"""The figures on digits that the README promises, computed anew: choices were made elsewhere."""

import numpy as np
import pytest

from rectinet.studies import cell, image_table, read_study, run_study
from rectinet.studies.study import Study

FEW_LABELS = range(30, 36)
"""Seeds that took no part in choosing settings; docs/results.md has 30 to 69."""
ALL_LABELS = FEW_LABELS[:5]
"""Some of the same: each pre-trained stack, which takes longest, then serves both."""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The rectifier with all labels and with five of each class."""
    whole = image_table("digits", "paper", n_seeds=FEW_LABELS.stop)
    runs = tuple(
        run
        for run in whole.runs
        if run.activation.name == "rectifier"
        and (run.labels_per_class, run.seed) in {*_cells(None, ALL_LABELS), *_cells(5, FEW_LABELS)}
    )
    folder = tmp_path_factory.mktemp("digits")
    run_study(Study(whole.name, whole.dataset, whole.protocol, runs), folder)
    return read_study(folder).classifiers


def _cells(labels_per_class, seeds):
    return [(labels_per_class, seed) for seed in seeds]


def mean_error(results, pretrained, labels_per_class, n_seeds):
    runs = cell(results, "rectifier", pretrained, labels_per_class)
    assert len(runs) == n_seeds
    return np.mean([run.test_error for run in runs])


def test_error_with_all_labels_is_at_most_3_percent(results):
    assert mean_error(results, False, None, len(ALL_LABELS)) <= 0.03
    assert mean_error(results, True, None, len(ALL_LABELS)) <= 0.03


def test_pretraining_gains_3_points_with_5_labels_per_class(results):
    n_seeds = len(FEW_LABELS)
    gain = mean_error(results, False, 5, n_seeds) - mean_error(results, True, 5, n_seeds)
    assert gain >= 0.03
