from __future__ import annotations

from pathlib import Path

import pytest

from rectinet.studies import Study, run_study


@pytest.fixture(scope="module")
def finished(tiny_study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the study, done by one process that nothing befell."""
    folder = tmp_path_factory.mktemp("finished")
    run_study(tiny_study, folder, jobs=1)
    return folder
