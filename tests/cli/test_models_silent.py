"""Nothing is silently wrong: what a file says is read exactly, said, or refused with the cure."""

import json

import numpy as np
import pandas as pd
import pytest

SMALL = ("--hidden", 4, "--epochs", 2)
KINDS = ["a", "b"] * 30


@pytest.fixture
def fit(call, tmp_path, monkeypatch):
    """Write a file, fit to it, and return exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)

    def run(name, content, *options):
        (tmp_path / name).write_text(content, encoding="utf-8", newline="")
        target = () if name.endswith((".svm", ".npz")) else ("--target", "y")
        return call("fit", name, *target, *SMALL, *options)

    return run


def csv_of(values, y=KINDS):
    rows = "".join(f'"{values[n % len(values)]}",{y[n % len(y)]}\n' for n in range(60))
    return f"x,y\n{rows}"


def lines_of(values, y=KINDS):
    rows = ({"x": values[n % len(values)], "y": y[n % len(y)]} for n in range(60))
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize(
    "words", [["None", "Insomnia", "Apnea"], ["NA", "nan", "-"], ["null", "x"]]
)
def test_a_class_may_have_any_name(words, fit, call):
    code, said, _ = fit("d.csv", csv_of(range(60), words))
    assert code == 0
    assert f"60 with a target, 0 without\ntarget 'y': classification, {len(words)} classes" in said
    assert "on 60 rows" in call("predict", "model", "d.csv")[2]


@pytest.mark.parametrize(
    ("values", "options", "kind", "note"),
    [
        (["10,98", "3,5"], ("--decimal", ","), "1 of numbers", None),
        (["1.234,50", "3,5"], ("--thousands", "."), "1 of numbers", "'1.234,50' as 1234.5"),
        (["1 234", "5"], ("--thousands", " "), "1 of numbers", "'1 234' as 1234"),
        (["12 %", "3%"], (), "1 of numbers", "'12 %' as 12"),
        (["5 kg", "7 kg"], (), "1 of numbers", "'5 kg' as 5"),
        (["None", "Some"], (), "1 of categories (2 different)", None),
        (["4 doors", "2 doors"], (), "1 of categories (2 different)", None),
        (["1", "2", "NA"], ("--missing", "NA"), "1 of numbers", "20 cells, empty or 'NA', taken"),
        ([1, 2, -999], ("--missing=-999",), "1 of numbers", "20 cells, empty or '-999', taken"),
        (["1", "2", " "], (), "1 of numbers", "20 empty cells taken for missing, in 1 column"),
    ],
)
def test_what_columns_are_taken_for_is_said_and_kept(values, options, kind, note, fit, call):
    code, said, _ = fit("d.csv", csv_of(values), *options)
    assert code == 0
    assert f"columns: {kind}" in said
    assert ("note: " in said) == (note is not None)
    assert note is None or note in said
    predicted = call("predict", "model", "d.csv")
    assert predicted[0] == 0
    assert "on 60 rows" in predicted[2]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("d.csv", csv_of(["10,98", "3,5"]), "'10,98' in row 1, .*--decimal ,"),
        ("d.csv", csv_of(["1", "2", "NA"]), "'NA' in row 3, .*--missing NA"),
        ("d.csv", csv_of(["5 kg", "7 g"]), "'7 g' in row 2, .*--drop x"),
        ("d.jsonl", lines_of([1.5, "NA"]), "'NA' in row 2, .*--missing NA"),
        ("d.csv", csv_of(range(60), ["1", "0", "NA"]), "'NA' in row 3.*--missing NA"),
        ("d.csv", csv_of([1, 2]).replace('"1",a\n', '"1",a\n\n', 1), "blank line before line 4"),
        ("d.svm", "0 1:1\n1 2000000000:1\n0 5:1\n", "column number 2000000000 in row 2, .* is 5"),
    ],
)
def test_what_cannot_be_read_safely_is_refused(name, content, problem, fit, tmp_path):
    code, _, err = fit(name, content)
    assert code == 2
    assert pd.Series([err]).str.contains(problem).all(), err
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("name", ["d.csv", "d.jsonl", "d.parquet"])
def test_long_ids_as_classes_stay_exact_beside_a_gap(name, fit, call, tmp_path):
    ids = [1582218195625938945, 1582218195625938946, 2582218195625938947]
    y = [None, *(ids[n % 3] for n in range(59))]
    if name == "d.parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed")
        frame = pd.DataFrame({"x": range(60), "y": pd.array(y, dtype="Int64")})
        frame.to_parquet(tmp_path / name)
        code, said, _ = call("fit", name, "--target", "y", *SMALL)
    else:
        made = lines_of(range(60), y) if name == "d.jsonl" else csv_of(range(60), ["", *y[1:]])
        code, said, _ = fit(name, made)
    assert code == 0
    assert "59 with a target, 1 without" in said
    assert (
        "3 classes: " + ", ".join(f"{each} ({20 if each != ids[2] else 19})" for each in ids)
        in said
    )
    assert set(call("predict", "model", name)[1].split()[1:]) <= set(map(str, ids))


def test_a_parquet_column_that_no_network_takes_can_be_dropped(call, tmp_path, monkeypatch):
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    monkeypatch.chdir(tmp_path)
    tags = pd.Series([[1], [2]] * 30, dtype=pd.ArrowDtype(pa.list_(pa.int64())))
    pd.DataFrame({"x": range(60), "y": KINDS, "tags": tags}).to_parquet("d.parquet")
    code, _, err = call("fit", "d.parquet", "--target", "y", *SMALL)
    assert code == 2
    assert "'tags' holds lists or objects; expected" in err
    assert call("fit", "d.parquet", "--target", "y", "--drop", "tags", *SMALL)[0] == 0


@pytest.mark.parametrize("beside", [[], ["zeros"], ["zeros", "soil"], ["later"]])
def test_seconds_since_1970_are_learnt(beside, call, tmp_path, monkeypatch, random):
    monkeypatch.chdir(tmp_path)
    when = np.arange(200) * 37 % 200
    columns = {
        "when": 1_700_000_000 + when,
        "zeros": np.where(np.arange(200) % 5, 0, 3),
        "soil": random.choice(["clay", "sand"], 200),
        "later": 1_700_000_000 + random.integers(0, 200, 200),
    }
    frame = pd.DataFrame({name: columns[name] for name in ("when", *beside)})
    frame.assign(y=(when >= 100).astype(int)).to_csv("d.csv", index=False)
    assert call("fit", "d.csv", "--target", "y", "--hidden", 16, "--epochs", 40)[0] == 0
    measured = call("predict", "model", "d.csv")[2]
    # In float32 they would come in steps of 128: at best about three quarters would be right.
    assert float(measured.split("%")[0].split()[-1]) > 95
    noted = call("export", "model", "--out", "m.onnx")[2]
    assert ("float32 rounds 'when'" in noted) == ("soil" not in beside)


CLASSES = csv_of(range(60))
NUMBERS = csv_of(range(60), [n / 7 for n in range(60)])


@pytest.mark.parametrize(
    ("train", "new", "said"),
    [
        (CLASSES, "x,y\n1,a\n3,a\n", ["% right, on 2 rows"]),
        (
            CLASSES,
            "x,y\n1,a\n3,c\n",
            ["1 row(s) of a class that the model does not know: 'c'", "% right, on 2 rows"],
        ),
        (CLASSES, "x,y\n1,\n3,\n", ["are not measured: the target 'y' is missing in all 2 rows"]),
        (CLASSES, "x\n1\n", []),
        (NUMBERS, "x,y\n1,abc\n", ["are not measured: n.csv has 'abc' in column 'y', row 1"]),
        (NUMBERS, 'x,y\n1,"3,5"\n', ["are not measured: n.csv has '3,5' in column 'y', row 1"]),
        (NUMBERS, "x,y\n1,2.5\n2,2.5\n", ["mean absolute error", "on 2 rows"]),
        (csv_of([0, 1], ["007", "07"]), "x,y\n0,007\n1,7\n", ["does not know: '7'", "on 2 rows"]),
        (csv_of([0, 1], [1, 0]), "x,y\n0,1.0\n1,\n", ["% right, on 1 rows"]),
    ],
)
def test_predictions_are_measured_or_it_is_said_why_not(train, new, said, fit, call, tmp_path):
    assert fit("d.csv", train)[0] == 0
    (tmp_path / "n.csv").write_text(new)
    code, predicted, err = call("predict", "model", "n.csv")
    assert (code, len(predicted.splitlines())) == (0, len(new.splitlines()))
    assert (err == "") == (not said)
    for each in said:
        assert each in err


def test_a_value_spelled_otherwise_in_prediction_is_refused(fit, call, tmp_path):
    assert fit("d.csv", csv_of(["5 kg", "7 kg"]))[0] == 0
    (tmp_path / "n.csv").write_text("x\n5 kg\n7 g\n")
    code, _, err = call("predict", "model", "n.csv")
    assert code == 2
    assert "n.csv has '7 g' in column 'x', row 2; expected a number with 'kg'" in err


@pytest.mark.parametrize(
    ("y", "note"),
    [([-1, 1], "-1 and 1 are taken for two classes"), ([-1, 0, 1], "20 rows with the target -1")],
)
def test_minus_one_in_matrices_is_said(y, note, call, tmp_path, monkeypatch, random):
    monkeypatch.chdir(tmp_path)
    np.savez("d.npz", X=random.random((60, 2)), y=np.resize(y, 60))
    code, said, _ = call("fit", "d.npz", *SMALL)
    assert code == 0
    assert f"note: {note}" in said


@pytest.mark.parametrize("others", [[1], [0, 1]])
def test_minus_one_in_a_named_column_is_a_class(others, fit, call):
    code, said, _ = fit("d.csv", csv_of(range(60), [-1, *others, ""]))
    assert code == 0
    assert f"{len(others) + 1} classes: -1 (" in said
    assert "note: -1 is taken for a class" in said
    code, predicted, _ = call("predict", "model", "d.csv", "--probabilities")
    assert code == 0
    assert predicted.splitlines()[0].startswith("prediction,probability_-1,")


def test_what_is_clipped_is_said_by_name(fit, call):
    values = [*(n % 7 for n in range(199)), 10**6]
    rows = "".join(f"{value},{KINDS[n % len(KINDS)]}\n" for n, value in enumerate(values))
    code, said, _ = fit("d.csv", f"x,y\n{rows}")
    assert code == 0
    assert "note: scaling: standard; 1 training values in 1 of 1 columns ('x') are clipped" in said


@pytest.mark.parametrize("option", ["--missing=-999", "--decimal=,", "--thousands=."])
def test_what_is_for_text_is_refused_for_matrices(option, call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("d.npz", X=np.eye(60), y=np.arange(60) % 2)
    code, _, err = call("fit", "d.npz", option, *SMALL)
    assert code == 2
    assert "d.npz holds a matrix of numbers, not text" in err


def test_text_in_a_parquet_dictionary_is_text(fit, call, tmp_path):
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    x = pa.array([f"{n * 37 % 59},5" for n in range(60)]).dictionary_encode()
    parquet.write_table(pa.table({"x": x, "y": ["a", "b"] * 30}), tmp_path / "d.parquet")
    code, _, err = call("fit", "d.parquet", "--target", "y", *SMALL)
    assert code == 2
    assert "--decimal ," in err


def test_a_matrix_without_columns_is_refused(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("d.npz", X=np.zeros((60, 0)), y=np.arange(60) % 2)
    code, _, err = call("fit", "d.npz", *SMALL)
    assert code == 2
    assert "X has no columns" in err
