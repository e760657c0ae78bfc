import json
import pickle
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.data import load_dataset
from rectinet.engine import predict
from rectinet.errors import StorageError, StudyError
from rectinet.nn import Layer, Linear, Masking, Network
from rectinet.report.tables import error_table
from rectinet.studies import (
    PretrainingSpec,
    Summary,
    cell,
    read_study,
    run_studies,
    run_study,
    save_study,
    strategies,
)
from rectinet.studies.backends import interface
from rectinet.studies.claim import claim
from rectinet.studies.folder import StudyFolder


def weights(folder: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in folder.rglob("weights.safetensors")}


def test_a_study_leaves_one_finished_folder_per_run(tiny_study, finished):
    results = read_study(finished)
    assert results.unfinished == 0
    assert len(results.stacks) == 1  # shared by the two pre-trained runs
    assert len(results.classifiers) == len(tiny_study.runs)
    digits = load_dataset("digits", seed=0)
    few = cell(results.classifiers, "rectifier", True, 3)[0]
    assert few.values["n_labels"] == 3 * digits.n_classes
    assert {result.values["dataset_checksum"] for result in results.classifiers} == {
        digits.checksum
    }
    assert not list(finished.rglob("checkpoint*"))


def test_the_reported_figures_are_those_of_the_stored_network(tiny_study, finished):
    result = cell(read_study(finished).classifiers, "rectifier", False)[0]
    tensors = result.folder.tensors("weights")
    activations = [tiny_study.runs[2].activation] * 2
    network = Network(
        tuple(
            Layer(*(tensors[f"{i}.{name}"] for name in ("weight", "bias", "sign")), activation)
            for i, activation in enumerate([*activations, Linear()])
        )
    )
    test = load_dataset("digits", seed=0).test
    wrong = predict(network, test.X) != test.y
    assert result.test_error == wrong.mean()
    np.testing.assert_array_equal(result.folder.tensors("test")["wrong"], wrong)


def test_finished_runs_are_not_done_again(tiny_study, finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "study")
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("result.json")}
    assert times
    run_study(tiny_study, folder, jobs=1)
    assert times == {path: path.stat().st_mtime_ns for path in folder.rglob("result.json")}


def test_two_processes_give_the_bits_of_one(tiny_study, finished, tmp_path):
    run_study(tiny_study, tmp_path, jobs=2)
    assert weights(tmp_path) == weights(finished)


def test_the_next_study_begins_beside_the_last_runs_of_the_one_before(
    tiny_study, finished, tmp_path, monkeypatch
):
    happened = []
    do = interface.execute_on_one_thread

    def note(spec, study, data_dir):
        if isinstance(spec, PretrainingSpec):
            kind = "stack"
        else:
            kind = "from the stack" if spec.pretraining else "random"
        happened.append(f"{study.name}: {kind}")
        do(spec, study, data_dir)

    def ended(folder):
        assert read_study(folder).unfinished == 0
        happened.append(f"{folder.name}: ended")

    monkeypatch.setattr(interface, "execute_on_one_thread", note)
    one, two = tmp_path / "one", tmp_path / "two"
    run_studies([(tiny_study, one), (tiny_study, two)], jobs=1, ended=ended)
    assert happened == [
        *("one: stack", "one: random", "one: random"),
        *("two: stack", "one: from the stack", "one: from the stack"),
        *("two: random", "two: random", "one: ended"),
        *("two: from the stack", "two: from the stack", "two: ended"),
    ]
    assert weights(one) == weights(two) == weights(finished)


def test_no_study_is_touched_before_its_turn_and_other_studies_are_found_at_once(
    tiny_study, finished, tmp_path, monkeypatch
):
    later = shutil.copytree(finished, tmp_path / "later")
    other = replace(tiny_study, runs=tuple(run for run in tiny_study.runs if run.pretraining)[:1])
    before = (later / "study.json").read_bytes()
    with pytest.raises(StudyError, match=r"later holds another study \(dataset 'digits'\)"):
        run_studies([(tiny_study, tmp_path / "new"), (replace(other, dataset="mnist"), later)])
    assert not (tmp_path / "new").exists()

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(interface, "execute_on_one_thread", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_studies([(tiny_study, tmp_path / "new"), (other, later)], jobs=1)
    assert (later / "study.json").read_bytes() == before  # not the runs of `other`


def test_two_commands_do_not_work_in_one_folder(tiny_study, finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "study")
    with (
        claim(folder),
        pytest.raises(StudyError, match=r"another process is working in .*study; .*with --out"),
    ):
        run_study(tiny_study, folder)
    run_study(tiny_study, folder)  # the claim has ended


# Kills itself in the second epoch of the first run.
KILLED = """
import json, os, pickle, signal, sys
from pathlib import Path
from rectinet.studies import execute, run_study

class Progress(execute._ProgressFile):
    def minibatch(self, done, total):
        if json.loads(self._path.read_text())["epoch"] == 1 and done == 2:
            os.kill(os.getpid(), signal.SIGKILL)

execute._ProgressFile = Progress
run_study(pickle.load(sys.stdin.buffer), Path(sys.argv[1]), jobs=1)
"""


@pytest.fixture(scope="module")
def tiny_strategies(tiny_study):
    """Two runs of the experiment, with networks as small: each layer tries four rates."""
    (like, *_), whole = tiny_study.runs, strategies("digits", "quick", 1)
    runs = [
        replace(
            like,
            pretraining=replace(
                like.pretraining,
                settings=replace(run.pretraining.settings, corruption=Masking(0.25), epochs=2),
            ),
        )
        for run in (whole.runs[0], whole.runs[-1])
    ]
    return replace(whole, runs=tuple(runs))


def figures(folder: Path) -> dict[str, dict[str, Any]]:
    """Return all that the runs found, without their times."""
    results = read_study(folder)
    assert results.unfinished == 0
    found = {}
    for run in results.runs:
        result = run.folder.result()
        records = [{**record, "seconds": 0} for record in result["records"]]
        found[run.name] = {**result, "records": records, **TIMELESS}
    return found


TIMELESS = {"seconds": 0, "finished": ""}


@pytest.mark.parametrize("name", ["tiny_study", "tiny_strategies"])
def test_a_killed_study_ends_with_the_same_bits(name, request, tmp_path):
    study = request.getfixturevalue(name)
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    run_study(study, undisturbed, jobs=1)
    process = subprocess.run(
        [sys.executable, "-c", KILLED, killed], input=pickle.dumps(study), stderr=subprocess.PIPE
    )
    assert process.returncode == -signal.SIGKILL, process.stderr
    (begun,) = killed.rglob("checkpoint.json")
    run = killed / "runs" / begun.relative_to(killed / "runs").parts[0]
    records = json.loads(begun.read_text())["records"]
    assert len(records) == 1
    assert not list(killed.rglob("result.json"))
    run_study(study, killed, jobs=1)
    assert weights(killed) == weights(undisturbed)
    assert figures(killed) == figures(undisturbed)
    assert error_table(read_study(killed)) == error_table(read_study(undisturbed))
    # Their times show that the epochs before were not trained once more.
    assert json.loads((run / "result.json").read_text())["records"][:1] == records


def test_folders_that_cannot_be_used_are_refused(tiny_study, tmp_path):
    with pytest.raises(StudyError, match="is not a study folder"):
        read_study(tmp_path)
    store = StudyFolder(tmp_path / "study")
    store.begin("image-table", "digits", "quick", tiny_study.runs)
    with pytest.raises(StudyError, match=r"no run in .* is finished yet"):
        read_study(store.path)
    with pytest.raises(StudyError, match=r"holds another study .*dataset 'digits'"):
        store.begin("image-table", "mnist", "quick", tiny_study.runs)
    content = json.loads((store.path / "study.json").read_text())
    (store.path / "study.json").write_text(json.dumps({**content, "format": 99}))
    for use in (lambda: read_study(store.path), lambda: run_study(tiny_study, store.path, jobs=1)):
        with pytest.raises(StudyError, match=r"another version of rectinet .*study format 99"):
            use()
    (store.path / "study.json").write_text("{")
    with pytest.raises(StorageError, match="cannot read"):
        read_study(store.path)


def test_summary_by_hand():
    # Mean 2, sample deviation 1, t(0.975; 2 degrees of freedom) = 4.30265, so 4.30265 / sqrt(3).
    summary = Summary.of([1, 2, 3])
    assert (summary.mean, summary.n) == (2, 3)
    assert summary.half_width == pytest.approx(2.48414, abs=1e-5)
    assert Summary.of([5]) == Summary(5, None, 1)


@pytest.fixture(scope="module")
def wild(tiny_study, tmp_path_factory):
    """A study of which a stack, the network on it, and a network of random weights diverge."""
    first, *_, random, tanh = tiny_study.runs
    stack = replace(first.pretraining, settings=replace(first.pretraining.settings, **DIVERGING))
    runs = (
        replace(first, pretraining=stack),
        replace(random, settings=replace(random.settings, **DIVERGING)),
        tanh,
    )
    folder = tmp_path_factory.mktemp("wild")
    study = replace(tiny_study, runs=runs)
    run_study(study, folder, jobs=1)
    return study, folder


DIVERGING = {"learning_rate": 1e30}


def test_a_run_that_diverges_is_recorded_and_the_others_go_on(wild):
    study, folder = wild
    results = read_study(folder)
    assert results.unfinished == 0
    assert [run.spec["activation"]["type"] for run in results.classifiers] == ["Tanh"]
    assert not results.stacks
    reasons = {run.spec["type"] + str(run.spec.get("pretraining")): run for run in results.diverged}
    assert len(reasons) == 3
    for run in results.diverged:
        assert "diverged in epoch 1" in run.reason
        assert run.values["diverged"]["learning_rate"][0] == DIVERGING["learning_rate"]
    assert sum("no weights to start from: pre-training" in r.reason for r in results.diverged) == 1
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("result.json")}
    run_study(study, folder, jobs=1)  # it would diverge again
    assert times == {path: path.stat().st_mtime_ns for path in folder.rglob("result.json")}


def test_what_diverged_is_saved_with_its_reason(wild, tmp_path):
    results = read_study(wild[1])
    saved = save_study(results, tmp_path / "saved")
    assert {run.name: run.reason for run in saved.diverged} == {
        run.name: run.reason for run in results.diverged
    }


def test_a_study_of_which_everything_diverged_says_why(wild, tmp_path, raises_one_line):
    study, _ = wild
    run_study(replace(study, runs=study.runs[1:2]), tmp_path / "study", jobs=1)
    with raises_one_line(StudyError, "no classifier in .* has figures; 1 runs diverged.*try 1e"):
        read_study(tmp_path / "study")


def cut(path):
    path.write_bytes(path.read_bytes()[:50])


def empty(path):
    path.write_bytes(b"")


def without_errors(path):
    content = json.loads(path.read_text())
    del content["test_error"], content["records"][-1]["evaluation"]
    path.write_text(json.dumps(content))


def no_share(path):
    path.write_text(json.dumps({**json.loads(path.read_text()), "test_error": 7}))


@pytest.mark.parametrize("damage", [cut, empty, without_errors, no_share])
def test_a_damaged_result_is_done_again(damage, tiny_study, finished, tmp_path, capsys):
    folder = shutil.copytree(finished, tmp_path / "study")
    run = cell(read_study(folder).classifiers, "tanh", False)[0]
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("result.json")}
    damage(run.folder.path / "result.json")
    told = read_study(folder)  # a report goes on without it
    assert (told.damaged_runs, told.unfinished_runs) == ((run.name,), (run.name,))
    run_study(tiny_study, folder, jobs=1)
    lines = [line for line in capsys.readouterr().err.splitlines() if "damaged" in line]
    assert len(lines) == 1
    assert run.name in lines[0]
    assert figures(folder) == figures(finished)
    again = {path for path in times if path.stat().st_mtime_ns != times[path]}
    assert {path.parent.name for path in again} == {run.name}
