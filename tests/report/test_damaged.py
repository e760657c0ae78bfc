"""Saved results that were altered: shown as they are if that can be, else refused on one line."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rectinet.errors import RectinetError, StorageError, StudyError
from rectinet.report import save_report, write_report
from rectinet.report.page import render
from rectinet.report.svg import Drawing
from rectinet.studies import read_study

SAVED = sorted((Path(__file__).parents[2] / "docs" / "results").glob("*/results.json"))
WRONG = (None, "x", -1, 1e9, 0.5, True, [], {}, [1, 2, 3, 4, 5])
DELETED = object()
FEW = 3  # entries of a list; the others are like them


def places(content, above=()):
    """Yield the way to each value, keys and indices from the outermost in."""
    entries = content.items() if isinstance(content, dict) else enumerate(content[:FEW])
    for key, value in entries:
        yield (*above, key)
        if isinstance(value, dict | list):
            yield from places(value, (*above, key))


def altered(content, place, value):
    content = copy.deepcopy(content)
    *path, last = place
    where = content
    for key in path:
        where = where[key]
    if value is DELETED:
        del where[last]
    else:
        where[last] = value
    return content


@pytest.fixture
def undrawn(monkeypatch):
    """Pages without drawings, which take most of the time."""
    monkeypatch.setattr(Drawing, "svg", "<svg/>")


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.parent.name)
@settings(max_examples=15)
@given(data=st.data())
def test_whatever_is_altered_ends_in_a_page_or_in_one_line(path, tmp_path, data):
    content = json.loads(path.read_text())
    place = data.draw(st.sampled_from(list(places(content))))
    value = data.draw(st.sampled_from([DELETED, *WRONG]))
    (tmp_path / "results.json").write_text(json.dumps(altered(content, place, value)))
    try:
        assert render(read_study(tmp_path))
    except RectinetError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("place", "value", "error", "message"),
    [
        (("study", "study"), "table-9", StudyError, "study 'table-9'; the known ones are .*amazon"),
        (("study", "protocol"), DELETED, StorageError, "it has no protocol, expected a text"),
        (("classifiers", "runs"), [], StudyError, "no run in .* is finished"),
        (("classifiers", "runs", 0, "values", "test_error"), 1.5, StorageError, "error 1.5, exp"),
        (("classifiers", "runs", 0, "values", "test_error"), DELETED, StorageError, "no test_err"),
        (("classifiers", "runs", 0, "values", "dead_units"), 3, StorageError, "dead_units 3, exp"),
        (("classifiers", "common", "settings.batch_size"), DELETED, StorageError, "no settings.ba"),
        (("stacks", "runs", 0, "values", "finished"), "now", StorageError, "finished 'now', expec"),
    ],
)
def test_what_is_wrong_is_named(
    make_study, one_seed, tmp_path, raises_one_line, place, value, error, message
):
    saved = save_report(make_study(one_seed), tmp_path / "saved").parent
    path = saved / "results.json"
    path.write_text(json.dumps(altered(json.loads(path.read_text()), place, value)))
    with raises_one_line(error, message):
        write_report(saved)


def test_a_study_that_is_unknown_is_refused(make_study, one_seed, raises_one_line):
    folder = make_study(one_seed)
    path = folder / "study.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"study": "table-9"}))
    with raises_one_line(StudyError, "results of a study 'table-9'; the known ones are"):
        write_report(folder)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"study": None}))
    with raises_one_line(StorageError, "has the study None, expected a text"):
        write_report(folder)
