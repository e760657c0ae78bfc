import json
import shutil
from dataclasses import replace

import pytest

from rectinet.errors import SettingError, StudyError
from rectinet.report import save_report, write_report
from rectinet.studies import read_study, run_study


@pytest.fixture(scope="module")
def of_seed_1(tiny_study, tmp_path_factory):
    """The folder of the study with a second seed, of which only that was done here."""
    second = replace(tiny_study.runs[2], seed=1)
    assert second.pretraining is None
    folder = tmp_path_factory.mktemp("second")
    run_study(replace(tiny_study, runs=(*tiny_study.runs, second)), folder, jobs=1, seeds=[1])
    return folder


def names(results):
    return [run.name for run in results.runs]


def test_only_the_runs_of_some_seeds_are_done(of_seed_1, finished):
    part = read_study(of_seed_1)
    assert [run.seed for run in part.runs] == [1]
    assert sorted(part.unfinished_runs) == sorted(names(read_study(finished)))


@pytest.mark.parametrize("first", ["whole", "saved"])
def test_what_was_done_apart_is_one_study(first, finished, of_seed_1, tmp_path):
    if first == "saved":
        finished = save_report(finished, tmp_path / "saved").parent
    joined = read_study(finished, of_seed_1)
    assert joined.unfinished == 0
    assert sorted(names(joined)) == sorted(
        names(read_study(finished)) + names(read_study(of_seed_1))
    )
    assert {run.seed for run in joined.classifiers} == {0, 1}
    page = save_report(finished, tmp_path / "joined", others=[of_seed_1])
    assert names(read_study(page.parent)) == names(joined)
    assert "seeds 0–1" in page.read_text()
    html = write_report(finished, tmp_path / "page.html", others=[of_seed_1])
    assert "up to 2 random seeds" in html.read_text()


def test_a_run_that_both_have_is_the_firsts(finished, tmp_path):
    copy = shutil.copytree(finished, tmp_path / "copy")
    for path in copy.rglob("result.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "seconds": 1e6}))
    assert all(run.values["seconds"] < 1e6 for run in read_study(finished, copy).runs)
    assert all(run.values["seconds"] == 1e6 for run in read_study(copy, finished).runs)


def test_a_run_damaged_in_one_place_is_taken_from_the_other(finished, tmp_path):
    copy = shutil.copytree(finished, tmp_path / "copy")
    next(copy.rglob("result.json")).write_text("{")
    assert len(read_study(copy).damaged_runs) == 1
    joined = read_study(copy, finished)
    assert (joined.unfinished_runs, joined.damaged_runs) == ((), ())


def test_other_studies_are_not_joined(finished, tmp_path, raises_one_line):
    copy = shutil.copytree(finished, tmp_path / "copy")
    content = json.loads((copy / "study.json").read_text())
    (copy / "study.json").write_text(json.dumps({**content, "protocol": "paper"}))
    with raises_one_line(StudyError, "has the protocol 'paper'.*join folders of one study"):
        read_study(finished, copy)


def test_other_settings_for_the_same_seed_are_not_joined(
    tiny_study, finished, tmp_path, raises_one_line
):
    random = tiny_study.runs[2]
    longer = replace(random, settings=replace(random.settings, epochs=random.settings.epochs + 1))
    run_study(replace(tiny_study, runs=(longer,)), tmp_path, jobs=1)
    with raises_one_line(StudyError, "other runs for seed 0, such as .*settings differ"):
        read_study(finished, tmp_path)


def test_more_runs_for_a_seed_are_no_other_settings(tiny_study, finished, tmp_path):
    run_study(replace(tiny_study, runs=tiny_study.runs[2:3]), tmp_path, jobs=1)
    assert names(read_study(tmp_path, finished)) == [
        *names(read_study(tmp_path)),
        *(name for name in names(read_study(finished)) if name not in names(read_study(tmp_path))),
    ]


def test_a_folder_without_a_classifier_can_be_joined(finished, tmp_path, raises_one_line):
    copy = shutil.copytree(finished, tmp_path / "copy")
    for path in copy.glob("runs/*labels*/result.json"):
        path.unlink()
    with raises_one_line(StudyError, "no run in .* is finished yet"):
        read_study(copy)
    assert sorted(names(read_study(copy, finished))) == sorted(names(read_study(finished)))


def test_a_folder_twice_and_a_copy_saved_onto_itself(finished, tmp_path):
    assert names(read_study(finished, finished)) == names(read_study(finished))
    page = save_report(finished, tmp_path / "saved")
    before = page.read_bytes()
    save_report(page.parent, page.parent, others=[finished])
    assert page.read_bytes() == before


def test_a_seed_that_no_run_has(tiny_study, tmp_path, raises_one_line):
    with raises_one_line(SettingError, "no run with seed 7; the study has seeds up to 0"):
        run_study(tiny_study, tmp_path, jobs=1, seeds=[0, 7])
