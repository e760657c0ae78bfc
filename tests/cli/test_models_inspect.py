"""Inspections of models on files."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits

import rectinet


def numbers_of(folder) -> dict:
    return json.loads((folder / "inspection.json").read_text())


def test_tables_page_and_numbers(call, model, flowers, tmp_path):
    out = tmp_path / "inspection"
    code, said, _ = call("inspect", model, flowers, "--out", out)
    assert code == 0
    assert "Zeros" in said
    assert said.endswith(f"The page to look at: {(out / 'inspection.html').resolve()}\n")
    # Who did the arithmetic is told with the rest of where the figures come from.
    assert "forward" in numbers_of(out)["provenance"]["kernels, calls"]
    numbers = numbers_of(out)
    assert numbers["title"] == "model, on flowers.csv"
    assert numbers["classes"] == ["rose", "tulip"]
    assert (numbers["n_given"], numbers["n_labeled"]) == (80, 60)
    assert numbers["accuracy"] == 1.0


def test_a_file_without_target_and_one_with_unknown_classes(call, model, flowers, tmp_path):
    frame = pd.read_csv(flowers)
    path, out = tmp_path / "new.csv", tmp_path / "inspection"
    frame.drop(columns="species").to_csv(path, index=False)
    code, _, err = call("inspect", model, path, "--out", out)
    missing = "note: 1 empty cell taken for missing, in 1 column\n"
    assert (code, err) == (0, missing)
    assert numbers_of(out)["n_labeled"] == 0
    frame["species"] = ["tulip", "rose"] * 30 + ["lily"] * 20
    frame.to_csv(path, index=False)
    code, _, err = call("inspect", model, path, "--out", out)
    assert code == 0
    assert err == (
        "note: 20 rows have a target that the model does not know; taken for unlabelled\n" + missing
    )
    assert numbers_of(out)["n_labeled"] == 60


@pytest.mark.parametrize(("task", "n_outputs"), [("regression", 1), ("ratings", 4)])
def test_models_of_numbers(task, n_outputs, call, tmp_path, random):
    x = random.integers(0, 4, 60)
    path, model, out = (tmp_path / name for name in ("data.csv", "model", "inspection"))
    pd.DataFrame({"x": x + 0.5, "z": -x, "y": x}).to_csv(path, index=False)
    options = ("--target", "y", "--task", task, "--hidden", "6", "--epochs", "5", "--out", model)
    assert call("fit", path, *options)[0] == 0
    code, shown, _ = call("inspect", model, path, "--out", out)
    assert code == 0
    numbers = numbers_of(out)
    assert numbers["layers"][-1]["n_units"] == n_outputs
    assert (numbers["accuracy"] is None) == (task == "regression")
    if task == "regression":
        assert numbers["rmse"] is None
        assert "expected rating" not in shown
    else:
        said = rectinet.load(model).predict(np.column_stack([x + 0.5, -x]).astype(np.float32))
        assert numbers["rmse"] == pytest.approx(np.sqrt(np.mean((said - x) ** 2)), rel=1e-5)
        assert f"The expected rating is off by {numbers['rmse']:.3f}" in " ".join(shown.split())


def test_pixels_that_were_left_out_come_back(call, tmp_path):
    X, y = load_digits(n_class=2, return_X_y=True, as_frame=True)
    assert (X.min() == X.max()).any(), "some pixels are always the same"
    path, model, out = (tmp_path / name for name in ("digits.csv", "model", "inspection"))
    X.assign(y=y).to_csv(path, index=False)
    options = ("--target", "y", "--hidden", "6", "--epochs", "3", "--out", model)
    assert "left out, always the same: 'pixel_0_0'" in call("fit", path, *options)[1]
    plain, whole = tmp_path / "plain", out
    assert call("inspect", model, path, "--out", plain)[0] == 0
    assert call("inspect", model, path, "--image-shape", "8,8", "--out", whole)[0] == 0
    assert numbers_of(whole)["image_shape"] == [8, 8]
    assert numbers_of(whole)["n_features"] == 64
    # Inputs of weight 0 change nothing that the network does.
    assert numbers_of(whole)["accuracy"] == numbers_of(plain)["accuracy"]
    assert numbers_of(whole)["sparsity"] == numbers_of(plain)["sparsity"]
    shown = np.array(numbers_of(whole)["local_models"][0]["weights"])
    constant = np.flatnonzero((X.min() == X.max()).to_numpy())
    assert not shown[:, constant].any()
    assert shown.any()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--image-shape", "28"), "image_shape is '28'; give height and width"),
        (("--image-shape", "a,b"), "image_shape is 'a,b'"),
        (("--image-shape", "0,4"), "image_shape is '0,4'"),
        (("--image-shape", "28,28"), "image_shape is (28, 28).* 4 values"),
    ],
)
def test_mistakes(arguments, problem, call, model, flowers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = call("inspect", model, flowers, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    start, _, end = problem.partition(".*")
    assert re.search(f"{re.escape(start)}.*{re.escape(end)}", err)


def test_a_folder_with_other_things_is_left_alone(call, model, flowers, tmp_path):
    notes = tmp_path / "thesis" / "notes.txt"
    notes.parent.mkdir()
    notes.write_text("mine")
    code, out, err = call("inspect", model, flowers, "--out", notes.parent)
    assert (code, out) == (2, "")
    assert "holds other things ('notes.txt') and no inspection; name a new folder" in err
    assert [each.name for each in notes.parent.iterdir()] == [notes.name]


@pytest.mark.parametrize("command", ["fit", "predict", "inspect", "export"])
def test_every_command_explains_itself(command, call):
    code, out, _ = call(command, "--help")
    assert code == 0
    assert f"Usage: rectinet {command}" in out
