"""The command line as a user meets it: exit codes, one-line errors, help."""

import errno
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import rectinet
from rectinet.cli import main
from rectinet.data import dataset_names, describe
from rectinet.studies import STUDIES, run_study


@pytest.fixture
def call(capsys, monkeypatch):
    """Run the command line; return exit code, standard output, standard error."""
    monkeypatch.delenv("RECTINET_DATA", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        captured = capsys.readouterr()
        return caught.value.code, captured.out, captured.err

    return run


@pytest.fixture
def no_mnist(tmp_path, monkeypatch):
    """No MNIST anywhere that would be searched by itself."""
    monkeypatch.setattr("pooch.os_cache", lambda _: tmp_path / "cache")


def write_idx(path, magic: int, shape: tuple[int, ...], content: bytes):
    header = magic.to_bytes(4, "big") + b"".join(size.to_bytes(4, "big") for size in shape)
    path.write_bytes(gzip.compress(header + content))


def test_version(call):
    assert call("--version") == (0, f"rectinet {rectinet.__version__}\n", "")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_tells_a_newcomer_where_to_start(call, arguments):
    _, out, err = call(*arguments)
    text = " ".join((out + err).split())
    assert "rectinet demo" in text
    for command in ("demo", "reproduce", "report", "data"):
        assert command in text


@pytest.mark.parametrize(
    "arguments", [("demo",), ("reproduce",), ("report",), ("data",), ("data", "fetch")]
)
def test_every_command_explains_itself(call, arguments):
    code, out, _ = call(*arguments, "--help")
    assert code == 0
    assert "Usage: rectinet " + " ".join(arguments) in out


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("trian",), ["trian"]),
        (("demo", "--fast"), ["--fast"]),
        (("demo", "--jobs", "0"), ["jobs is 0", "1 or more"]),
        (("reproduce",), ["Missing argument", "study"]),
        (("reproduce", "table-9"), ["'table-9'", "image-table"]),
        (
            ("reproduce", "image-table", "--dataset", "letters"),
            ["'letters'", "are digits, mnist"],
        ),
        (("reproduce", "image-table", "--dataset", "norb"), ["'norb'", "them with protocol paper"]),
        (
            ("data", "info", "norb", "--data-dir", "x"),
            [
                "24 files, norb-5x46789",
                "to norb-5x01235",
                "-dat.mat, -cat.mat",
                "https://cs.nyu.edu",
            ],
        ),
        (("reproduce", "all", "--dataset", "letters"), ["'letters'", "digits, distorted"]),
        (("reproduce", "all", "--seeds", "0"), ["seeds is 0"]),
        (("reproduce", "all", "--only-seeds", "0"), ["--only-seeds takes one study"]),
        (("reproduce", "image-table", "--protocol", "slow"), ["slow", "quick", "paper"]),
        (("reproduce", "image-table", "--seeds", "0"), ["seeds is 0"]),
        (
            ("reproduce", "image-table", "--only-seeds", "1;2"),
            ["--only-seeds is '1;2'", "as in 0,2"],
        ),
        (("reproduce", "image-table", "--only-seeds", "0,9"), ["no run with seed 9", "up to 2"]),
        (("reproduce", "image-table", "--dataset", "mnist"), ["data fetch mnist", "--data-dir"]),
        (("report", "nowhere"), ["nowhere", "not a study folder"]),
        (("report",), ["no folder given", "--all"]),
        (("report", "--all"), ["there is no study in results"]),
        (("report", "--all", "nowhere"), ["there is no study in nowhere"]),
        (("report", "nowhere", "--all", "--save", "out"), ["--save takes one study"]),
        (("report", "nowhere", "--all", "--with", "there"), ["--with takes one study"]),
        (("data", "info", "letters"), ["letters", "digits", "mnist"]),
        (
            ("data", "info", "mnist", "--data-dir", "x/data_dir/y"),
            ["x/data_dir/y", ": check --data-dir"],
        ),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    call, arguments, names, no_mnist, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("rectinet: error: ")
    assert err.count("\n") == 1
    for name in names:
        assert name in err


def test_all_studies_are_those_whose_data_are_here(call, no_mnist, tmp_path, monkeypatch):
    ran = []

    monkeypatch.setattr("rectinet.cli.studies.run_studies", lambda given, **_: ran.extend(given))
    monkeypatch.setattr("rectinet.cli.studies.write_overview", lambda folder: folder / "all.html")
    code, out, err = call("reproduce", "all", "--out", str(tmp_path), "--seeds", "2")
    assert code == 0
    assert f"The page to look at: {tmp_path / 'all.html'}" in out
    on_digits = [name for name, study in STUDIES.items() if "digits" in study.datasets("quick")]
    assert [plan.name for plan, _ in ran] == on_digits
    assert [plan for plan, _ in ran] == [STUDIES[name]("digits", "quick", 2) for name in on_digits]
    assert [folder for _, folder in ran] == [
        tmp_path / f"{name}-digits-quick" for name in on_digits
    ]
    left_out = {name for study in STUDIES.values() for name in study.datasets("quick")} - {"digits"}
    assert err.count("\n") == len(left_out)
    for name in left_out:
        assert f"{name} is left out, its files were not found" in err


def test_without_any_data_all_says_where_to_give_them(call, no_mnist, tmp_path):
    out = tmp_path / "out"
    code, _, err = call("reproduce", "all", "--dataset", "mnist", "--out", str(out))
    assert code == 2
    left_out, error = err.splitlines()
    assert left_out.startswith("rectinet: mnist is left out")
    assert "no study is left of those of mnist" in error
    assert "--data-dir" in error
    assert not out.exists()


def test_all_needs_the_data_folder_it_is_given(call, tmp_path):
    code, _, err = call(
        "reproduce", "all", "--data-dir", tmp_path / "none", "--out", tmp_path / "out"
    )
    assert code == 2
    assert f"--data-dir {tmp_path / 'none'}: there is no such folder" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("study", ["image-table", "all"])
def test_truncated_mnist_is_named_before_anything_runs(study, call, tmp_path):
    labels, images = 2049, 2051  # the official magic numbers
    for part in ("train", "t10k"):
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte.gz", labels, (2,), bytes(2))
        write_idx(tmp_path / f"{part}-images-idx3-ubyte.gz", images, (2, 28, 28), bytes(784))
    out = tmp_path / "out"
    command = ("reproduce", study, "--dataset", "mnist", "--out", str(out))
    code, _, err = call(*command, "--data-dir", str(tmp_path))
    assert code == 2
    assert "images-idx3-ubyte.gz" in err
    assert "truncated" in err
    assert not out.exists()


def test_data_list_and_info(call, no_mnist, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = call("data", "list")
    assert code == 0
    lines = [line.strip() for line in out.splitlines()]
    assert max(map(len, out.splitlines())) <= 80
    assert any(line.split()[:2] == ["digits", "yes"] for line in lines)
    assert any(line.split()[:2] == ["mnist", "no"] for line in lines)
    assert "rectinet data fetch mnist" in lines  # to be copied
    assert "rectinet data info distorted-characters" in lines
    assert "…" not in out
    assert len(lines) < 5 * len({describe(name).family or name for name in dataset_names()})
    code, out, _ = call("data", "info", "digits")
    assert code == 0
    assert "718 train, 180 validation, 899 test" in out


def test_report_prints_the_tables_and_the_path_of_the_page(call, tiny_study, tmp_path):
    folder = tmp_path / "study"
    run_study(tiny_study, folder, jobs=1)
    code, out, _ = call("report", str(folder))
    assert code == 0
    assert "rectifier" in out
    assert str(folder / "report.html") in out
    assert (folder / "report.html").read_text().lstrip().lower().startswith("<!doctype html>")
    page = tmp_path / "elsewhere.html"
    assert call("report", str(folder), "--out", str(page))[0] == 0
    assert page.exists()
    saved = tmp_path / "saved"
    assert str(saved) in call("report", str(folder), "--save", str(saved))[1]
    code, again, _ = call("report", str(saved))
    assert code == 0
    assert again.splitlines()[:-1] == out.splitlines()[:-1]  # the last has the page's path
    code, out, _ = call("report", "--all", str(tmp_path))
    assert code == 0
    assert out.strip() == f"The page to look at: {(tmp_path / 'report.html').resolve()}"


def test_seeds_are_done_apart_and_joined(call, tmp_path, monkeypatch):
    def sparsity(seed, folder):
        command = ("reproduce", "sparsity", "--dataset", "digits", "--jobs", "1")
        command = (*command, "--only-seeds", str(seed), "--out", str(tmp_path / folder))
        monkeypatch.setattr(sys, "argv", ["rectinet", *command])  # the study keeps it
        code, out, _ = call(*command)
        assert code == 0
        return out

    for seed in (0, 1):
        out = sparsity(seed, f"seed {seed}")
        assert "29 of the 30 runs are not finished" in " ".join(out.split())
        assert "does the others without --only-seeds" in " ".join(out.split())
    parts = (str(tmp_path / "seed 0"), "--with", str(tmp_path / "seed 1"))
    code, out, _ = call("report", *parts, "--save", str(tmp_path / "saved"))
    assert code == 0
    assert "28 of the 30 runs are not finished" in " ".join(out.split())
    text = (tmp_path / "saved" / "README.md").read_text()
    assert "2 of 30 finished" in text
    assert "the commands below make them again" in text
    assert text.count("| command |") == 2
    # Another seed of a folder is done later.
    sparsity(2, "seed 0")
    assert len(list((tmp_path / "seed 0").rglob("result.json"))) == 2


def test_an_output_folder_that_cannot_be_written(call, tmp_path):
    (tmp_path / "file").write_text("in the way")
    code, _, err = call("demo", "--out", str(tmp_path / "file"))
    assert code == 2
    assert "a part of the path is a file" in err
    assert err.count("\n") == 1


def test_a_folder_with_other_things_is_left_alone(call, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    code, _, err = call("reproduce", "image-table", "--out", tmp_path)
    assert code == 2
    assert "holds other things ('notes.txt') and no study; name a new folder" in err
    assert [each.name for each in tmp_path.iterdir()] == ["notes.txt"]


def test_a_full_disk_is_one_line(call, tmp_path, monkeypatch):

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, err = call("demo", "--out", str(tmp_path / "out"))
    assert code == 2
    assert "the disk is full; free some space and run the same command again" in err
    assert err.count("\n") == 1


def test_a_study_of_another_version(call, tmp_path):
    (tmp_path / "study.json").write_text(json.dumps({"format": 99, "rectinet": "9.9"}))
    code, _, err = call("report", str(tmp_path))
    assert code == 2
    assert "another version" in err
    assert "9.9" in err


def test_the_module_is_the_command(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "rectinet", "report", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("rectinet: error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_says_that_finished_epochs_are_kept(tmp_path):
    command = [sys.executable, "-m", "rectinet", "demo", "--jobs", "2", "--out", str(tmp_path)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not list(tmp_path.rglob("checkpoint.json")):  # the first epoch is done
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers, too
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert err.endswith("finished epochs are kept, the same command goes on from them\n")
    assert "Traceback" not in err
    assert list(tmp_path.rglob("checkpoint.json"))


# Python runs it first of all; it presses Ctrl-C when a module is asked for.
PRESSES_CTRL_C = """
import os, signal, sys

class Finder:
    def find_spec(name, path, target=None):
        if name == "{name}":
            sys.meta_path.remove(Finder)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder)
"""


@pytest.mark.usefixtures("heeds_ctrl_c")
@pytest.mark.parametrize(
    "command",
    [(sys.executable, "-m", "rectinet"), (str(Path(sys.executable).with_name("rectinet")),)],
)
@pytest.mark.parametrize("name", ["scipy", "typer", "rectinet.cli.bench"])
def test_ctrl_c_while_it_is_imported_is_one_line(command, name, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(PRESSES_CTRL_C.format(name=name))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "rectinet: stopped\n")


def test_ctrl_c_in_a_command_is_one_line(call, monkeypatch):
    def press(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rectinet.cli.data.load_dataset", press)
    assert call("data", "info", "digits") == (130, "", "rectinet: stopped\n")
