"""A finished run read back from its folder."""

from __future__ import annotations

from rectinet.errors import StorageError
from rectinet.studies.condensed import classifier_values, stack_values
from rectinet.studies.folder import RunFolder
from rectinet.studies.results import RunResult, run_result


def read_run(run: RunFolder, study: str) -> RunResult:
    """Read a finished run.

    Args:
        run: its folder.
        study: name of the study.

    Raises:
        StorageError: if a file is damaged, or a figure missing or none that can be.
    """
    spec = run.spec()
    try:
        values = run.result()
        if "diverged" not in values:
            if spec.get("type") == "ClassifierSpec":
                values = classifier_values(run)
            elif spec.get("type") == "PretrainingSpec":
                values = stack_values(run)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise StorageError(f"cannot read {run.path}: it is damaged ({error!r})") from error
    return run_result(run.path.name, spec, values, run, study)
