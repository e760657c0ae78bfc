"""``rectinet bench`` as a user meets it. No times are looked at."""

import json

import pytest

from rectinet.bench import Report
from rectinet.cli import main
from rectinet.kernels.thresholds import load_thresholds

TINY = ("--hidden", "2x8", "--features", "12", "--threads", "1", "--rounds", "2")


@pytest.fixture
def call(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as caught:
            main(("bench", *arguments))
        captured = capsys.readouterr()
        return caught.value.code, captured.out, captured.err

    return run


@pytest.mark.parametrize("command", ["training", "inference", "kernels"])
def test_every_command_explains_itself(call, command):
    code, out, _ = call(command, "--help")
    assert code == 0
    assert f"Usage: rectinet bench {command}" in out


def test_training_prints_stores_and_draws(call, tmp_path):
    table, plot = tmp_path / "new" / "numbers.json", tmp_path / "speed.svg"
    outputs = "--json", str(table), "--plot", str(plot)
    code, out, err = call("training", *TINY, "--zeros", "0.7", "--peers", "sklearn", *outputs)
    assert (code, err) == (0, "")
    (case,) = Report.from_json(json.loads(table.read_text())).cases
    assert [each.name for each in case.measurements] == ["rectinet", "scikit-learn MLP"]
    assert case.zeros == pytest.approx(0.7, abs=0.1)
    assert case.settings == {"sizes": [12, 8, 8, 10], "batch": 10, "wanted zeros": 0.7}
    assert {len(each.seconds) for each in case.measurements} == {2}
    assert "scikit-learn MLP" in out
    assert "Memory floor" in out
    assert plot.read_text().startswith("<?xml")


def cells(table, *names):
    report = Report.from_json(json.loads(table.read_text()))
    return [tuple(case.settings[name] for name in names) for case in report.cases]


def test_training_goes_through_all_shares_of_zeros(call, tmp_path, fake_workers):
    table = tmp_path / "numbers.json"
    assert call("training", *TINY, "--zeros", "0,0.5", "--json", str(table))[0] == 0
    assert cells(table, "wanted zeros") == [(0,), (0.5,)]


def test_inference_goes_through_all_combinations(call, tmp_path, fake_workers):
    table = tmp_path / "numbers.json"
    grid = "--hidden", "5", "--batch", "1,3", "--zeros", "0.5,0.8"
    assert call("inference", *TINY, *grid, "--json", str(table))[0] == 0
    nets = [12, 8, 8, 10], [12, 5, 10]
    expected = [(net, zeros, batch) for net in nets for zeros in (0.5, 0.8) for batch in (1, 3)]
    assert cells(table, "sizes", "wanted zeros", "batch") == expected


def test_kernels_goes_through_all_cells(call, fake_workers):
    pytest.importorskip("rectinet.kernels._native", reason="the kernels are not compiled")
    grid = "--batch", "2", "--shape", "30x20", "--active", "0.1,1"
    code, out, _ = call("kernels", *grid, "--threads", "1", "--rounds", "1")
    assert code == 0
    assert out.count("30 x 20") == 4
    assert "0 of 4 cells are below 0.95" in out


def test_a_calibration_is_printed_and_stored(call, tmp_path, monkeypatch, fake_workers):
    pytest.importorskip("rectinet.kernels._native", reason="the kernels are not compiled")
    monkeypatch.setattr("pooch.os_cache", lambda _: tmp_path / "cache")
    fake_workers.seconds = {("native", 1): 2.0}
    code, out, _ = call("kernels", "--calibrate", "--threads", "1", "--rounds", "1")
    assert code == 0
    assert str(tmp_path / "cache") in out
    shares = load_thresholds().shares
    found = {share for rows in shares.values() for row in rows for share in row}
    assert found == {0.0}  # never worth it


def test_ctrl_c_shows_and_stores_what_was_measured(call, tmp_path, fake_workers):
    table = tmp_path / "numbers.json"
    fake_workers.interrupt_after = 30
    run = "--rounds", "100000", "--peers", "sklearn", "--json", str(table)
    code, out, err = call("training", *TINY, *run)
    assert (code, err) == (130, "rectinet: stopped\n")
    assert "Stopped; this is what was measured until then." in out
    assert json.loads(table.read_text())["interrupted"]
    assert fake_workers.alive == 0


def test_ctrl_c_before_anything_was_measured(call, fake_workers):
    fake_workers.interrupt_after = 1
    code, out, err = call("training", *TINY)
    assert (code, out) == (130, "")
    assert err == "rectinet: stopped before anything was measured\n"


def test_half_a_calibration_is_not_stored(call, tmp_path, monkeypatch, fake_workers):
    pytest.importorskip("rectinet.kernels._native", reason="the kernels are not compiled")
    monkeypatch.setattr("pooch.os_cache", lambda _: tmp_path / "cache")
    fake_workers.interrupt_after = 50
    code, _, err = call("kernels", "--calibrate", "--threads", "1", "--rounds", "1")
    assert (code, err) == (130, "rectinet: stopped; nothing was stored\n")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("training", "--zeros", "-0.1"), ["zeros is -0.1", "0 to below 1"]),
        (("training", "--zeros", "0.5,much"), ["0.5,much", "commas"]),
        (("training", "--zeros", "1"), ["zeros is 1"]),
        (("training", "--plot", "speed.pdf"), ["speed.pdf", ".png or .svg"]),
        (("training", "--json", "."), ["is a folder"]),
        (("training", "--hidden", "3xx"), ["3xx", "3x1000"]),
        (("training", "--hidden", "0x9"), ["hidden is empty"]),
        (("training", "--batch", "0"), ["batch is 0"]),
        (("training", "--threads", "0"), ["threads is 0"]),
        (("training", "--features", "0"), ["0 inputs"]),
        (("training", "--rounds", "0"), ["rounds is 0"]),
        (("training", "--seconds", "nan"), ["seconds is nan"]),
        (("training", "--peers", "tf"), ["'tf'", "torch", "sklearn"]),
        (("inference", "--peers", "sklearn"), ["'sklearn'", "onnxruntime"]),
        (("inference", "--batch", "1,,2"), ["1,,2"]),
        (("inference", "--batch", "0"), ["batch is 0"]),
        (("kernels", "--shape", "1000"), ["'1000'", "784x1000"]),
        (("kernels", "--active", "2"), ["active is 2"]),
        (("kernels", "--calibrate", "--threads", "0"), ["threads is 0"]),
        (("kernels", "--calibrate", "--rounds", "0"), ["rounds is 0"]),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(call, arguments, names, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pooch.os_cache", lambda _: tmp_path / "cache")
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("rectinet: error: ")
    assert err.count("\n") == 1
    for name in names:
        assert name in err
    assert not list(tmp_path.iterdir())
