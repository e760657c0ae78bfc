"""What is said first: runs that diverged, runs that are missing."""

import json

import pytest

from rectinet.report import save_report
from rectinet.report.opening import opening
from rectinet.report.page import render
from rectinet.report.provenance import provenance
from rectinet.studies import read_study

REASON = "fine-tuning diverged in epoch 1; its learning rate was 10, try 1"


@pytest.fixture
def folder(make_study, one_seed):
    """A study of which the tanh network with pre-training, one of 8 runs, diverged."""
    folder = make_study(one_seed)
    for run in read_study(folder).classifiers:
        if run.activation == "tanh" and run.pretrained:
            path = run.folder.path / "result.json"
            kept = ("dataset_checksum", "seconds", "machine", "finished")
            result = {key: json.loads(path.read_text())[key] for key in kept}
            reason = {"message": REASON, "learning_rate": [10.0], "layer": "layer 1", "epoch": 1}
            path.write_text(json.dumps({**result, "diverged": reason}))
    return folder


def test_what_diverged_is_counted_with_its_reason(folder, tmp_path):
    results = read_study(folder)
    (run,) = results.diverged
    (text,) = next(each for each in opening(results) if each.topic == "Diverged").paragraphs
    assert text == f"1 of the 8 runs diverged and is in no figure: {run.name} ({REASON})."
    assert provenance(results).finished == (
        "8 of 8 finished: 5 classifiers, 2 pre-trained stacks, 1 diverged"
    )
    saved = save_report(folder, tmp_path / "saved")
    for page in (render(results), saved.read_text(), render(read_study(saved.parent))):
        assert REASON in page
        assert "5 classifiers, 2 pre-trained stacks, 1 diverged" in page


def test_what_is_damaged_is_named_among_the_unfinished(folder):
    first = read_study(folder).classifiers[0]
    (first.folder.path / "result.json").write_text("{")
    topics = {each.topic: each.paragraphs[0] for each in opening(read_study(folder))}
    assert topics["Unfinished"].startswith("1 of the 8 runs is not finished")
    assert topics["Unfinished"].endswith(f"runs whose result is damaged: {first.name}.")
