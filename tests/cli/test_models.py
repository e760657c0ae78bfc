"""From a file to a model, to predictions, and to other programs."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import dump_svmlight_file, load_digits

import rectinet
from rectinet.cli.models_folder import load_table_model

SMALL = ("--hidden", "8", "--epochs", "30")


@pytest.fixture
def digits(tmp_path):
    """Images of zeros and ones as NPZ."""
    X, y = load_digits(n_class=2, return_X_y=True)
    path = tmp_path / "digits.npz"
    np.savez(path, X=X.astype(np.uint8), y=y)
    return path


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_fit_says_what_it_found_and_what_to_type_next(call, flowers, tmp_path):
    out = tmp_path / "a model"
    code, said, progress = call(
        *("fit", flowers, "--target", "species", "--test-share", "0.2", *SMALL, "--out", out)
    )
    assert code == 0
    lines = said.splitlines()
    assert lines[0] == f"{flowers}: 80 rows, 60 with a target, 20 without"
    assert lines[1] == "target 'species': classification, 2 classes: rose (30), tulip (30)"
    assert lines[2:5] == [
        "columns: 2 of numbers",
        "         1 of categories (2 different)",
        "         1 left out, always the same: 'site'",
    ]
    assert lines[5] == "note: 1 empty cell taken for missing, in 1 column"
    assert lines[6] == "pre-training: none (48 labelled examples, 20 without label)"
    assert lines[7].startswith("trained ")
    assert "training error" in lines[7]
    assert lines[8].startswith("test: ")
    assert lines[8].endswith(" right, on 12 rows")
    assert lines[9] == f"saved in {out}"
    assert lines[10] == f"next: rectinet predict '{out}' {flowers} --out predictions.csv"
    assert "fine-tuning" in progress


def test_predictions_are_right_and_in_order(call, model, flowers, tmp_path):
    out = tmp_path / "new" / "predictions.csv"
    code, said, measured = call("predict", model, flowers, "--out", out)
    assert (code, said) == (0, f"80 predictions in {out}\n")
    found = [row["prediction"] for row in rows_of(out.read_text())]
    assert found == ["tulip", "rose"] * 40
    assert measured == (
        "note: 1 empty cell taken for missing, in 1 column\n"
        f"beside the targets in {flowers}: 100.0% right, on 60 rows\n"
    )
    code, said, _ = call("predict", model, flowers)
    assert (code, said) == (0, out.read_text())
    tabs = tmp_path / "predictions.tsv"
    call("predict", model, flowers, "--out", tabs, "--probabilities")
    assert tabs.read_text().startswith("prediction\tprobability_rose\tprobability_tulip\ntulip\t")


def test_probabilities_sum_to_one_and_agree_with_the_prediction(call, model, flowers):
    _, said, _ = call("predict", model, flowers, "--probabilities")
    for row in rows_of(said):
        shares = {name: float(row[f"probability_{name}"]) for name in ("rose", "tulip")}
        assert sum(shares.values()) == pytest.approx(1, abs=1e-6)
        assert row["prediction"] == max(shares, key=shares.get)


def test_other_columns_other_order_and_missing_values(call, model, flowers, tmp_path):
    _, expected, _ = call("predict", model, flowers)
    frame = pd.read_csv(flowers).drop(columns=["species", "site"]).assign(extra="x")
    other = tmp_path / "other.jsonl"
    frame[sorted(frame, reverse=True)].to_json(other, orient="records", lines=True)
    note = (
        "note: 1 null or blank value taken for missing, in 1 column\n"
        "note: columns that the model does not use: 'extra'\n"
    )
    assert call("predict", model, other) == (0, expected, note)
    frame.assign(height=None, soil="never seen").to_csv(tmp_path / "new.csv", index=False)
    code, said, notes = call("predict", model, tmp_path / "new.csv")
    assert (code, len(rows_of(said))) == (0, 80)
    seen = "column 'soil' has values not seen in training, in 80 of 80 rows: 'never seen'"
    assert notes.splitlines() == [
        "note: 80 empty cells taken for missing, in 1 column",
        f"note: {seen}",
        "note: columns that the model does not use: 'extra'",
    ]


def test_python_reads_the_model_and_agrees(call, model, flowers):
    loaded = load_table_model(model)
    _, X = loaded.inputs(flowers)
    _, said, _ = call("predict", model, flowers)
    again = rectinet.load(model).predict(X).tolist()
    assert again == [row["prediction"] for row in rows_of(said)]


def test_the_same_seed_gives_the_same_model_and_another_seed_another(call, flowers, tmp_path):
    contents = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        out = tmp_path / name
        call("fit", flowers, "--target", "species", *SMALL, "--seed", seed, "--out", out)
        contents.append(json.loads((out / "model.json").read_text())["sha256"])
    assert contents[0] == contents[1] != contents[2]


def test_the_settings_of_fine_tuning_reach_the_estimator(call, flowers, tmp_path):
    wishes = {
        "dropout": 0.3,
        "input_dropout": 0.2,
        "self_training": 2,
        "learning_rate_init": 0.05,
        "reconstruction_sampling": 0.5,  # of a pre-training that does not take place
    }
    given = ("--dropout", "0.3", "--input-dropout", "0.2", "--self-training", "2")
    given += ("--reconstruction-sampling", "0.5")
    out = tmp_path / "model"
    options = (*SMALL, *given, "--learning-rate", "0.05", "--out", out)
    assert call("fit", flowers, "--target", "species", *options)[0] == 0
    estimator = load_table_model(out).estimator
    assert {name: estimator.get_params()[name] for name in wishes} == wishes


def test_unlabelled_files_are_learnt_from(call, flowers, tmp_path):
    frame = pd.read_csv(flowers)
    more = tmp_path / "more.csv"
    frame.drop(columns="species").assign(soil="peat").to_csv(more, index=False)
    out = tmp_path / "model"
    code, said, progress = call(
        *("fit", flowers, "--target", "species", "--unlabelled", more, "--unlabelled", more),
        *(*SMALL, "--out", out),
    )
    assert code == 0
    assert f"{more}: 80 rows without target" in said
    assert "categories (3 different)" in said
    assert "pre-training: denoising (180 unlabelled examples, 60 labelled)" in said
    assert "pre-training layer 1" in progress
    assert said.splitlines()[-1].startswith(f"next: rectinet predict {out} {more} ")
    for method, chosen in (("none", "none (as asked)"), ("denoising", "denoising (as asked)")):
        options = ("--pretraining", method, *SMALL, "--out", out)
        _, said, _ = call("fit", flowers, "--target", "species", *options)
        assert f"pre-training: {chosen}" in said


def test_text_in_json_lines_is_found_and_kept_with_the_model(call, tmp_path):
    path = tmp_path / "reviews.jsonl"
    with path.open("w") as stream:
        for number in range(40):
            word = "lovely" if number % 2 else "awful"
            text = f"film number {number} that I have seen was {word} in all of its parts"
            stream.write(json.dumps({"text": text, "good": bool(number % 2)}) + "\n")
    out = tmp_path / "model"
    code, said, _ = call("fit", path, "--target", "good", *SMALL, "--out", out)
    assert code == 0
    assert "columns: text 'text' (" in said
    assert "2 classes: False (20), True (20)" in said
    new = tmp_path / "new.csv"
    new.write_text("text\nlovely parts\nawful parts\n")
    _, said, _ = call("predict", out, new)
    assert said.split() == ["prediction", "True", "False"]
    options = ("--words", 5, "--text-weights", "tfidf", *SMALL, "--out", out)
    _, said, _ = call("fit", path, "--target", "good", *options)
    assert "columns: text 'text' (5 words)" in said


def test_text_of_digits_is_the_same_in_training_and_prediction(call, tmp_path):
    path, out = tmp_path / "codes.csv", tmp_path / "model"
    path.write_text("code,y\n" + "007,a\n07,b\n" * 20)
    code, said, _ = call("fit", path, "--target", "y", "--text", "code", *SMALL, "--out", out)
    assert code == 0
    assert "text 'code' (2 words)" in said
    _, said, _ = call("predict", out, path)
    assert said.split()[1:] == ["a", "b"] * 20


@pytest.mark.parametrize("task", ["regression", "ratings"])
def test_numbers_and_ratings(task, call, tmp_path, random):
    stars = random.integers(1, 6, 200)
    frame = pd.DataFrame({"x": stars + 0.1 * random.standard_normal(200), "stars": stars})
    path, out, onnx = (tmp_path / name for name in ("stars.csv", "model", "stars.onnx"))
    frame.to_csv(path, index=False)
    options = ("--task", task, "--test-share", "0.25", "--hidden", "16", "--out", out)
    code, said, _ = call("fit", path, "--target", "stars", *options)
    assert code == 0
    assert f"target 'stars': {task}" in said
    assert ", on 50 rows" in said
    _, said, measured = call("predict", out, path)
    predicted = np.array([float(row["prediction"]) for row in rows_of(said)])
    # The inputs tell the stars to within a tenth: half a star off would be poor.
    assert np.abs(predicted - stars).mean() < 0.5
    assert "mean absolute error" in measured
    assert call("export", out, "--out", onnx)[0] == 0
    runtime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
    session = runtime.InferenceSession(onnx)
    X = frame[["x"]].to_numpy(np.float32)
    np.testing.assert_allclose(session.run(["values"], {"X": X})[0][:, 0], predicted, rtol=1e-4)


def test_matrices_need_no_target(call, digits, tmp_path):
    out = tmp_path / "model"
    code, said, _ = call("fit", digits, *SMALL, "--test-share", "0.5", "--out", out)
    assert code == 0
    assert "target: classification, 2 classes: 0 (178), 1 (182)" in said
    assert "columns: 64 dense, without names" in said
    _, said, measured = call("predict", out, digits)
    y = np.load(digits)["y"]
    assert [int(row["prediction"]) for row in rows_of(said)] == y.tolist()
    assert "100.0% right, on 360 rows" in measured


def test_svmlight(call, digits, tmp_path):
    content = np.load(digits)
    path, out = tmp_path / "digits.svm", tmp_path / "model"
    dump_svmlight_file(content["X"].astype(float), content["y"], str(path), zero_based=False)
    code, said, _ = call("fit", path, *SMALL, "--out", out)
    assert code == 0
    assert "sparse, without names" in said
    assert call("predict", out, path)[2].endswith("100.0% right, on 360 rows\n")


def test_validation_figures_are_those_of_the_kept_epoch(call, tmp_path, random):
    X = random.standard_normal((2400, 2))
    frame = pd.DataFrame(X, columns=["a", "b"]).assign(y=(X.sum(axis=1) > 0).astype(int))
    path = tmp_path / "data.csv"
    frame.to_csv(path, index=False)
    options = ("--hidden", "4", "--epochs", "3", "--out", tmp_path / "model")
    code, said, _ = call("fit", path, "--target", "y", *options)
    assert code == 0
    assert "kept epoch" in said
    assert "validation error" in said
    assert "held out" not in said


def test_export_names_inputs_and_classes(call, model, flowers, tmp_path):
    path = tmp_path / "deep" / "flowers.onnx"
    code, said, _ = call("export", model, "--out", path)
    assert code == 0
    assert f"saved {path}: input X, float32, (n, 4)" in said
    names = json.loads((path.parent / "flowers.onnx.json").read_text())
    assert names == {
        "task": "classification",
        "target": "species",
        "classes": ["rose", "tulip"],
        "inputs": ["size", "height", "soil=clay", "soil=sand"],
    }
    runtime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
    loaded = load_table_model(model)
    X = loaded.inputs(flowers)[1]
    found = runtime.InferenceSession(path).run(["probabilities"], {"X": X.toarray()})[0]
    np.testing.assert_allclose(found, loaded.estimator.predict_proba(X), atol=1e-5)
