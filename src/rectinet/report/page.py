"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rectinet.files import write_bytes
from rectinet.report import wording
from rectinet.report.deviations import deviations
from rectinet.report.environment import environment
from rectinet.report.provenance import provenance
from rectinet.report.settings import settings_tables
from rectinet.report.studies import content_of
from rectinet.studies import StudyResults, read_study

_TEMPLATE = "report.html.j2"


def write_report(folder: Path, out: Path | None = None, *, others: Sequence[Path] = ()) -> Path:
    """Write the report of a study, finished or not.

    Args:
        folder: the study's folder.
        out: the file to write; None: ``report.html`` in the study's folder.
        others: see `rectinet.studies.read_study`.

    Returns:
        The file written.

    Raises:
        StudyError: see `rectinet.studies.read_study`.
        StorageError: if a file in it is damaged, or the report cannot be written.
    """
    out = out or folder / "report.html"
    write_bytes(out, render(read_study(folder, *others)).encode())
    return out


def render(results: StudyResults) -> str:
    """Return the page; the same results give the same text."""
    return (
        environment()
        .get_template(_TEMPLATE)
        .render(
            origin=provenance(results),
            content=content_of(results),
            settings=settings_tables(results),
            deviations=deviations(results),
            word=wording,
        )
    )
