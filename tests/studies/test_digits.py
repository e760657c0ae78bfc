"""The figures on digits that the README promises, computed anew: choices were made elsewhere."""

import numpy as np
import pytest

from rectinet.studies import cell, image_table, read_study, run_study
from rectinet.studies.run import Study


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The rectifier with all labels and with five of each class, over the five reported seeds."""
    whole = image_table("digits", "paper")
    runs = tuple(
        run
        for run in whole.runs
        if run.activation.name == "rectifier" and run.labels_per_class in (None, 5)
    )
    folder = tmp_path_factory.mktemp("digits")
    run_study(Study(whole.name, whole.dataset, whole.protocol, runs), folder)
    return read_study(folder).classifiers


def mean_error(results, pretrained, labels_per_class):
    runs = cell(results, "rectifier", pretrained, labels_per_class)
    assert len(runs) == 5
    return np.mean([run.test_error for run in runs])


def test_error_with_all_labels_is_at_most_3_percent(results):
    assert mean_error(results, False, None) <= 0.03
    assert mean_error(results, True, None) <= 0.03


def test_pretraining_helps_where_labels_are_few(results):
    gain = mean_error(results, False, 5) - mean_error(results, True, 5)
    assert gain >= 0.02  # docs/results.md has the measured gain
