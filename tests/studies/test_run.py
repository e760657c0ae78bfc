import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from rectinet.data import load_dataset
from rectinet.engine import predict
from rectinet.errors import StorageError, StudyError
from rectinet.nn import Layer, Linear, Network
from rectinet.studies import Summary, cell, image_table, read_study, run_study
from rectinet.studies.execute import execute
from rectinet.studies.folder import StudyFolder


def weights(folder: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in folder.rglob("weights.safetensors")}


def test_a_study_leaves_one_finished_folder_per_run(tiny_study, tmp_path):
    run_study(tiny_study, tmp_path / "study", jobs=1)
    results = read_study(tmp_path / "study")
    assert results.unfinished == 0
    assert len(results.stacks) == 1  # shared by the two pre-trained runs
    assert len(results.classifiers) == len(tiny_study.runs)
    digits = load_dataset("digits", seed=0)
    few = cell(results.classifiers, "rectifier", True, 3)[0]
    assert few.values["n_labels"] == 3 * digits.n_classes
    assert {result.values["dataset_checksum"] for result in results.classifiers} == {
        digits.checksum
    }
    assert not list((tmp_path / "study").rglob("checkpoint*"))


def test_the_reported_figures_are_those_of_the_stored_network(tiny_study, tmp_path):
    run_study(tiny_study, tmp_path / "study", jobs=1)
    result = cell(read_study(tmp_path / "study").classifiers, "rectifier", False)[0]
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


def test_finished_runs_are_not_done_again(tiny_study, tmp_path):
    run_study(tiny_study, tmp_path / "study", jobs=1)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("result.json")}
    run_study(tiny_study, tmp_path / "study", jobs=1)
    assert times == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("result.json")}


def test_two_processes_give_the_bits_of_one(tiny_study, tmp_path):
    run_study(tiny_study, tmp_path / "one", jobs=1)
    run_study(tiny_study, tmp_path / "two", jobs=2)
    assert weights(tmp_path / "one") == weights(tmp_path / "two")


def test_a_killed_study_ends_with_the_same_bits(tmp_path):
    script = (
        "import sys; from pathlib import Path; from rectinet.studies import image_table, run_study;"
        "run_study(image_table('digits', 'quick', 1), Path(sys.argv[1]), jobs=1)"
    )
    folder = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", script, str(folder)], start_new_session=True)
    while not list(folder.rglob("checkpoint.json")):  # some epoch is done, the run is not
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    begun = next(folder.rglob("checkpoint.json"))
    run = begun.relative_to(folder / "runs").parts[0]
    assert json.loads(begun.read_text())["records"]
    assert not (folder / "runs" / run / "result.json").exists()
    spec = next(
        spec
        for spec in image_table("digits", "quick", 1).pretraining
        if StudyFolder(folder).run(spec).path.name == run
    )
    execute(spec, folder, None)
    execute(spec, tmp_path / "whole", None)
    assert weights(folder)[run] == weights(tmp_path / "whole")[run]


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
