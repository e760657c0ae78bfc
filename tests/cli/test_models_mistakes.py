"""Mistakes with files and models: one line, exit code 2, and what was there stays as it was."""

import errno
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import rectinet
from rectinet.cli.models_folder import load_table_model
from rectinet.storage.manifest import sealed

FIT = ("fit", "flowers.csv", "--target", "species")


@pytest.fixture
def fails(call, tmp_path, monkeypatch):
    """Run a command that must fail; return its one line."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> str:
        code, _, err = call(*arguments)
        assert code == 2
        assert err.startswith("rectinet: error: ")
        assert err.count("\n") == 1
        return err

    return run


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("fit",), ["Missing argument", "file"]),
        (("fit", "flowers.csv"), ["--target NAME", "'size'", "'species'"]),
        (("fit", "nowhere.csv", "--target", "y"), ["nowhere.csv does not exist"]),
        (("fit", "flowers.csv", "--target", "kind"), ["no column 'kind'", "'species'"]),
        ((*FIT, "--drop", "colour"), ["no column 'colour'", "'soil'"]),
        ((*FIT, "--drop", "species"), ["drop names the target"]),
        ((*FIT, "--text", "colour"), ["no column 'colour'"]),
        ((*FIT, "--hidden", "many"), ["hidden is 'many'", "200,200"]),
        ((*FIT, "--hidden", "0"), ["hidden is '0'", "1 or more"]),
        ((*FIT, "--hidden", "8,-1"), ["hidden is '8,-1'"]),
        ((*FIT, "--epochs", "0"), ["--epochs", "1"]),
        (("fit", "nowhere.csv", "--target", "y", "--dropout", "1.5"), ["dropout is 1.5"]),
        ((*FIT, "--input-dropout", "-1"), ["input_dropout is -1"]),
        ((*FIT, "--self-training", "-1"), ["--self-training"]),
        ((*FIT, "--reconstruction-sampling", "2"), ["reconstruction_sampling is 2", "0.01"]),
        (
            (*FIT, "--drop", "soil", "--reconstruction-sampling", "0.05"),
            ["reconstruction_sampling is 0.05", "dense numbers", "--text"],
        ),
        (
            ("fit", "flowers.csv", "--target", "size", "--self-training", "2"),
            ["self_training is 2", "regression"],
        ),
        ((*FIT, "--learning-rate", "0"), ["learning_rate is 0"]),
        ((*FIT, "--seed", "-1"), ["--seed"]),
        ((*FIT, "--test-share", "1"), ["test_share is 1", "below 1"]),
        ((*FIT, "--test-share", "0.99"), ["too few for a test share"]),
        ((*FIT, "--test-share", "nan"), ["--test-share"]),
        ((*FIT, "--task", "ranking"), ["ranking", "ratings"]),
        ((*FIT, "--task", "regression"), ["'tulip' in column 'species', row 1"]),
        ((*FIT, "--pretraining", "yes"), ["yes", "denoising"]),
        ((*FIT, "--unlabelled", "nowhere.csv"), ["nowhere.csv does not exist"]),
        ((*FIT, "--unlabelled", "other.csv"), ["other.csv has no column 'size', 'height'"]),
        ((*FIT, "--unlabelled", "matrix.npz"), ["matrix.npz holds a matrix"]),
        ((*FIT, "--out", "flowers.csv"), ["flowers.csv: it is a file"]),
        ((*FIT, "--out", "."), ["holds other things"]),
        ((*FIT, "--out", "flowers.csv/model"), ["a part of the path is a file"]),
        (("fit", "matrix.npz"), ["matrix.npz holds X, but no y"]),
        (("fit", "matrix.npz", "--target", "y"), ["leave --target out"]),
        (("predict", "nowhere", "flowers.csv"), ["nowhere", "no such folder"]),
        (("predict", "model", "nowhere.csv"), ["nowhere.csv does not exist"]),
        (("predict", "model", "other.csv"), ["other.csv has no column 'size', 'height', 'soil'"]),
        (("predict", "model", "matrix.npz"), ["matrix.npz holds a matrix"]),
        (("predict", "model", "flowers.csv", "--out", "p.xlsx"), ["p.xlsx", ".csv or .tsv"]),
        (("predict", "model", "flowers.csv", "--out", "flowers.csv/p.csv"), ["is a file"]),
        (("predict", "model", "flowers.csv", "--out", "d.csv"), ["d.csv, a folder"]),
        (("predict", "model", "flowers.csv", "--out", "./flowers.csv"), ["the file to read"]),
        (("export", "nowhere"), ["nowhere", "no such folder"]),
        (("export", "model", "--out", "model.pb"), ["model.pb", ".onnx"]),
    ],
)
def test_one_line_names_the_mistake(fails, model, tmp_path, arguments, names):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    (tmp_path / "d.csv").mkdir()
    np.savez(tmp_path / "matrix.npz", X=np.eye(3))
    said = fails(*arguments)
    for name in names:
        assert name in said


def test_a_failure_leaves_no_folder_and_no_other_model(fails, model, flowers, tmp_path):
    before = {path.name: path.read_bytes() for path in model.iterdir()}
    for out in ("new/model", "model"):
        fails("fit", flowers, "--target", "species", "--hidden", "zero", "--out", out)
        fails("fit", flowers, "--target", "site", "--out", out)
    assert not (tmp_path / "new" / "model").exists()
    assert {path.name: path.read_bytes() for path in model.iterdir()} == before


def test_a_text_where_training_had_numbers(fails, model, tmp_path):
    (tmp_path / "new.csv").write_text("size,height,soil\nsmall,1,clay\n")
    assert "'small' in column 'size', row 1; expected a number" in fails(
        "predict", model, "new.csv"
    )


def test_rows_are_counted_as_in_the_file_when_some_are_held_out(fails, tmp_path):
    lines = [f"{n % 2},{n}" for n in range(30)]
    lines[17] = "1,1e99"
    (tmp_path / "data.csv").write_text("\n".join(["y,x", *lines]))
    said = fails("fit", "data.csv", "--target", "y", "--test-share", "0.1", "--seed", "1")
    assert "1e+99 in column 'x', row 18;" in said


def test_probabilities_of_numbers(fails, call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text("x,y\n1,0.5\n2,1.5\n3,2.5\n4,4.5\n")
    assert call("fit", "data.csv", "--target", "y", "--hidden", "2", "--epochs", "1")[0] == 0
    said = fails("predict", "model", "data.csv", "--probabilities")
    assert "the model's task is regression" in said


def test_models_that_no_table_made(fails, flowers, random):
    X, y = random.standard_normal((20, 3)), np.arange(20) % 2
    rectinet.RectifierClassifier((4,), max_iter=1).fit(X, y).save("python")
    assert "saved from Python" in fails("predict", "python", flowers)
    rectinet.StackedDenoisingAutoencoder((4,), max_iter=1).fit(X).save("stack")
    assert "which predicts nothing" in fails("predict", "stack", flowers)
    assert "which predicts nothing" in fails("export", "stack")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda extra: extra["columns"].pop("kind"), "'kind' is missing"),
        (lambda extra: extra["columns"]["categories"]["categories"][0].pop(), "gives 3 inputs"),
        (lambda extra: extra.update(target=["species"]), "its target is no name"),
        (lambda extra: extra.update(columns=None), "description of its columns is damaged"),
    ],
)
def test_a_model_whose_columns_were_altered(fails, model, flowers, change, problem):
    path = model / "model.json"
    content = json.loads(path.read_text())
    change(content["values"]["extra"])
    path.write_text(json.dumps(sealed(content)))
    said = fails("predict", model, flowers)
    assert str(model.name) in said
    assert problem.replace("gives", "columns give") in said


def test_a_full_disk_leaves_what_was_there(call, model, flowers, tmp_path, monkeypatch):
    out = tmp_path / "predictions.csv"
    out.write_text("as before")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, err = call("predict", model, flowers, "--out", out)
    assert code == 2
    assert "the disk is full" in err
    assert out.read_text() == "as before"
    assert not list(tmp_path.glob(".*"))


def interrupted(tmp_path, seen: str, *arguments: object) -> tuple[str, str]:
    """Press Ctrl-C once `seen` was printed; return standard output and error."""
    X, y = np.eye(2000, 300, dtype=np.float32), np.arange(2000) % 2
    np.savez(tmp_path / "data.npz", X=X, y=y)
    progress = tmp_path / "progress"
    with progress.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "rectinet", "fit", tmp_path / "data.npz", *arguments],
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
            # As in a terminal, where the bars move.
            env={**os.environ, "FORCE_COLOR": "1", "TERM": "xterm"},
        )
        while seen not in progress.read_text():
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    return out, progress.read_text()


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_in_fine_tuning_saves_the_finished_epochs(tmp_path):
    model = tmp_path / "model"
    out, err = interrupted(
        tmp_path, "loss", "--hidden", "3x300", "--epochs", "9999", "--out", model
    )
    assert f"saved in {model}" in out
    assert "Traceback" not in err
    epochs = load_table_model(model).estimator.n_iter_
    assert epochs >= 1
    assert f"stopped; the model as it was after epoch {epochs} is saved in {model}" in err


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_in_pre_training_says_that_nothing_was_saved(tmp_path):
    model = tmp_path / "model"
    options = ("--hidden", "500", "--pretraining", "denoising", "--out", model)
    out, err = interrupted(tmp_path, "pre-training", *options)
    assert "saved in" not in out
    assert "rectinet: stopped; nothing was saved" in err
    assert "Traceback" not in err
    assert not model.exists()
