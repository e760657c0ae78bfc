import signal

import pytest

import rectinet
from rectinet.stopping import is_command


@pytest.mark.parametrize(
    ("program", "words", "expected"),
    [
        ("/venv/bin/rectinet", ["python", "/venv/bin/rectinet", "demo"], True),
        ("-m", ["python", "-W", "error", "-m", "rectinet", "demo"], True),
        ("-m", ["python", "-m", "pytest", "rectinet"], False),
        ("-m", ["python", "-m"], False),
        ("study.py", ["python", "study.py", "rectinet"], False),
        # A worker has its parent's name, but was not started by it.
        ("/venv/bin/rectinet", ["python", "-m", "joblib.externals.loky"], False),
        ("", ["python"], False),
    ],
)
def test_the_command_is_known_by_how_it_was_started(program, words, expected):
    assert is_command(program, words) == expected


def test_who_imports_rectinet_keeps_ctrl_c():
    assert rectinet.stopping
    # Or ignored, in a background job of a shell.
    assert signal.getsignal(signal.SIGINT) in (signal.default_int_handler, signal.SIG_IGN)
