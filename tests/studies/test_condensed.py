import json

import numpy as np
import pytest

from rectinet.files import write_tensors
from rectinet.studies import read_study, run_study
from rectinet.studies.folder import StudyFolder


def change(run, **values):
    path = run.folder.path / "result.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_where_and_how_a_study_was_run_is_recorded(tiny_study, finished):
    results = read_study(finished)
    for run in results.runs:
        assert run.values["machine"].keys() >= {"processor", "cores", "python", "rectinet"}
    commands = results.description["commands"]
    assert len(commands) == 1
    run_study(tiny_study, finished, jobs=1)  # by the same command
    assert read_study(finished).description["commands"] == commands


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["/usr/bin/rectinet", "demo"], "rectinet demo"),
        (["/lib/rectinet/__main__.py", "demo", "--out", "a b"], "rectinet demo --out 'a b'"),
        (["/home/me/mine.py"], "mine.py"),
    ],
)
def test_the_command_is_the_one_that_was_called(monkeypatch, tmp_path, words, command):
    monkeypatch.setattr("sys.argv", words)
    store = StudyFolder(tmp_path)
    store.begin("image-table", "digits", "quick", [])
    assert store.description()["commands"] == [command]
    monkeypatch.setattr("sys.argv", ["rectinet", "reproduce", "--jobs", "2"])
    store.begin("image-table", "digits", "quick", [])
    assert store.description()["commands"] == [command, "rectinet reproduce --jobs 2"]


def test_the_epochs_are_condensed(finished):
    results = read_study(finished)
    run = results.classifiers[0]
    records = run.folder.result()["records"]
    errors = [record["evaluation"]["error"] for record in records]
    assert run.values["validation_errors"] == errors
    assert run.values["epochs"] == len(records) == 2
    (stack,) = results.stacks
    records = stack.folder.result()["records"]
    assert [record["epoch"] for record in records] == [1, 2, 1, 2]
    assert stack.values["layers"] == [
        {
            "epochs": 2,
            "loss": last["evaluation"]["loss"],
            "zeros": last["evaluation"]["zeros"][0],
            "blocked": last["evaluation"]["blocked"],
        }
        for last in (records[1], records[3])
    ]


def test_squared_errors_of_the_pictures(finished):
    (stack,) = read_study(finished).stacks
    pictures = stack.folder.tensors("pictures")
    rows = {"clean": [[0, 0], [1, 0]], "reconstructed": [[0, 0.5], [0, 2]]}
    small = {name: np.array(values, np.float32) for name, values in rows.items()}
    write_tensors(stack.folder.path / "pictures.safetensors", small)
    (changed,) = read_study(finished).stacks
    assert changed.values["picture_errors"] == [0.25, 5]
    write_tensors(stack.folder.path / "pictures.safetensors", pictures)


def test_a_resumed_run_took_as_long_as_all_its_epochs(finished):
    run = read_study(finished).classifiers[0]
    records = run.folder.result()["records"]
    change(run, seconds=0.5, records=[record | {"seconds": 40.0} for record in records])
    assert read_study(finished).classifiers[0].values["seconds"] == 80
    change(run, seconds=90.0)
    assert read_study(finished).classifiers[0].values["seconds"] == 90
