"""Medians, ratios, and a way through JSON that loses nothing."""

import io
import json

import pytest
from rich.console import Console

from rectinet.bench import Report, check_suffix, draw, print_report, print_thresholds
from rectinet.bench.kernels import relative_speed
from rectinet.bench.tables import duration
from rectinet.errors import SettingError, StorageError
from rectinet.kernels.thresholds import AVX2, BATCH_SIZES, WIDTHS


def printed(report):
    stream = io.StringIO()
    print_report(report, Console(file=stream, width=80))
    return stream.getvalue()


def test_medians_and_ratios(training_report):
    first, second = training_report.cases
    assert first.ours.median == 0.001
    assert first.ratios == {"PyTorch eager": 2}
    assert second.ratios == {"PyTorch eager": 4}


@pytest.mark.parametrize("which", ["training_report", "kernels_report"])
def test_json_there_and_back(which, request):
    report = request.getfixturevalue(which)
    text = json.dumps(report.to_json(), allow_nan=False)
    assert Report.from_json(json.loads(text)) == report


def test_json_has_medians_and_ratios_for_readers(training_report):
    case = training_report.to_json()["cases"][0]
    assert case["ratios"] == {"PyTorch eager": 2}
    assert [each["median"] for each in case["measurements"]] == [0.001, 0.002]


def test_the_table_says_all_that_a_reader_must_know(training_report):
    text = " ".join(printed(training_report).split())
    for part in ("Abacus, 2 cores", "784-100-10, batch 10, 50.0% zeros; 3 rounds", "not installed"):
        assert part in text
    assert "rectinet 0.1 2 1 ms" in text  # version, threads, median
    assert "PyTorch eager 2.13 1 2 ms 2.00" in text
    assert "1.0 MB of weights read going forward, 2.0 MB read and written going backward" in text
    # 3 MB at 6 GB/s is 500 µs, half of 1 ms; in place twice as fast.
    assert "copying 6.0 GB/s: 500 µs, rectinet takes 2.00 times that" in text
    assert "in place 12.0 GB/s: 250 µs, rectinet takes 4.00 times that" in text


def test_the_choice_is_compared_with_the_faster_of_the_two(kernels_report):
    assert [relative_speed(case) for case in kernels_report.cases] == [1, 0.5]


def test_cells_in_which_the_choice_is_wrong_are_marked(kernels_report):
    text = printed(kernels_report)
    assert "0.50 !" in text
    assert "1.00 !" not in text
    assert "…" not in text  # nothing cut off at 80 columns
    assert "1 of 2 cells are below 0.95" in text


def test_a_calibration_is_printed_for_every_width_and_batch_size():
    stream = io.StringIO()
    print_thresholds(AVX2, Console(file=stream, width=80))
    cells = [line.split()[:2] for line in stream.getvalue().splitlines() if "%" in line]
    assert cells == [[str(units), str(batch)] for units in WIDTHS for batch in BATCH_SIZES]


def test_durations_have_three_digits():
    assert [duration(seconds) for seconds in (9.87654e-5, 0.0123, 1.5)] == [
        "98.8 µs",
        "12.3 ms",
        "1500 ms",
    ]


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_the_plot_is_a_picture(training_report, tmp_path, suffix, start):
    path = tmp_path / f"speed{suffix}"
    draw(training_report, path)
    assert path.read_bytes().startswith(start)


def test_a_plot_of_another_kind_or_in_no_folder(training_report, tmp_path, raises_one_line):
    with raises_one_line(SettingError, r"speed.pdf.*\.png or \.svg"):
        check_suffix(tmp_path / "speed.pdf")
    with raises_one_line(StorageError, "nowhere"):
        draw(training_report, tmp_path / "nowhere" / "speed.png")
