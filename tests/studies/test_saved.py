import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rectinet.errors import StorageError, StudyError
from rectinet.studies import find_studies, read_study, save_study
from rectinet.studies.saved import _decode, _encode, _flatten, _nest

KEYS = st.text("abc", min_size=1, max_size=3)
LEAVES = st.one_of(st.none(), st.integers(), st.text("xyz"), st.lists(st.integers(), max_size=3))
NESTED = st.recursive(
    st.dictionaries(KEYS, LEAVES, min_size=1),
    lambda inner: st.dictionaries(KEYS, st.one_of(LEAVES, inner), min_size=1, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def saved(finished, tmp_path):
    save_study(read_study(finished), tmp_path / "saved")
    return tmp_path / "saved"


def same(found, expected):
    """Compare values; numbers in lists are saved with six digits."""
    if isinstance(expected, np.ndarray):
        np.testing.assert_array_equal(found, expected)
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            same(found[key], expected[key])
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for a, b in zip(found, expected, strict=True):
            same(a, b) if isinstance(b, dict | list) else same_number(a, b)
    else:
        same_number(found, expected)


def same_number(found, expected):
    exact = not isinstance(expected, float)
    assert found == (expected if exact else pytest.approx(expected, rel=5e-6))


def test_what_is_saved_is_what_was_run(finished, saved):
    ours, theirs = read_study(saved), read_study(finished)
    for kind in ("classifiers", "stacks"):
        for found, expected in zip(getattr(ours, kind), getattr(theirs, kind), strict=True):
            assert found.name == expected.name
            assert found.spec == expected.spec
            values = dict(expected.values)
            if kind == "classifiers" and expected.labels_per_class:
                values |= {"wrong": None, "validation_errors": []}
            same(found.values, values)
            assert found.folder is None
    assert [run.test_error for run in ours.classifiers] == [
        run.test_error for run in theirs.classifiers
    ]
    assert (ours.study, ours.dataset, ours.unfinished) == ("image-table", "digits", 0)


def test_saving_again_changes_nothing(saved, tmp_path):
    save_study(read_study(saved), tmp_path / "again")
    content = (saved / "results.json").read_bytes()
    assert (tmp_path / "again" / "results.json").read_bytes() == content


def test_nothing_else_is_overwritten(finished, saved, tmp_path, raises_one_line):
    results = read_study(finished)
    other = replace(results, description={**results.description, "study": "another"})
    with raises_one_line(StudyError, "holds another saved study .*--save"):
        save_study(other, saved)
    with raises_one_line(StorageError, "holds other things"):
        save_study(results, finished)


def test_every_run_stands_on_a_line_of_its_own(saved):
    lines = (saved / "results.json").read_text().splitlines()
    for run in read_study(saved).classifiers:
        assert sum(f'"{run.name}"' in line for line in lines) == 1


def test_paths_of_this_machine_are_not_saved(finished, saved, tmp_path):
    results = read_study(finished)
    results.description["commands"] = ["rectinet reproduce x --data-dir /home/me/data --jobs 2"]
    save_study(results, tmp_path / "other")
    assert read_study(tmp_path / "other").description["commands"] == [
        "rectinet reproduce x --data-dir …/data --jobs 2"
    ]


def test_only_the_pairwise_test_wants_the_answers(finished, tmp_path):
    results = read_study(finished)
    random = tuple(run for run in results.classifiers if not run.pretrained)
    kept = save_study(replace(results, classifiers=random), tmp_path / "one start")
    assert all(run.wrong is None for run in kept.classifiers)


@given(NESTED)
def test_flat_specs_come_back(spec):
    assert _nest(_flatten(spec)) == spec


@given(st.lists(st.booleans(), min_size=1, max_size=50))
def test_answers_come_back(wrong):
    assert _decode(_encode(np.array(wrong)), len(wrong)).tolist() == wrong


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"format": 99}, StudyError, "format 99; this version"),
        ({"classifiers": {}}, StorageError, "damaged"),
        ({"classifiers": None}, StorageError, "damaged"),
    ],
)
def test_other_and_damaged_files_are_refused(saved, raises_one_line, change, error, message):
    path = saved / "results.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with raises_one_line(error, message):
        read_study(saved)


def test_damaged_answers_are_refused(saved, raises_one_line):
    path = saved / "results.json"
    content = json.loads(path.read_text())
    run = next(run for run in content["classifiers"]["runs"] if run["values"].get("wrong"))
    run["values"]["wrong"] = run["values"]["wrong"][:-8]
    path.write_text(json.dumps(content))
    with raises_one_line(StorageError, "damaged"):
        read_study(saved)


def test_studies_are_found_by_their_files(finished, saved, tmp_path, raises_one_line):
    (tmp_path / "not a study").mkdir()
    (tmp_path / "file").write_text("")
    assert find_studies(tmp_path) == [saved]
    assert finished in find_studies(finished.parent)
    for empty in (tmp_path / "not a study", tmp_path / "file", tmp_path / "nowhere"):
        with raises_one_line(StudyError, "there is no study in"):
            find_studies(empty)
