"""One page over all studies in a folder: each with its findings, main figure and comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rectinet.errors import StorageError, StudyError
from rectinet.files import write_bytes
from rectinet.report import wording
from rectinet.report.environment import environment
from rectinet.report.parts import Block, Chart, Content, Table
from rectinet.report.provenance import Provenance, provenance
from rectinet.report.studies import content_of
from rectinet.studies import StudyResults, find_studies, read_study

_TEMPLATE = "overview.html.j2"
_PAGE = "report.html"


@dataclass(frozen=True)
class Entry:
    """One study in the overview.

    Attributes:
        name: of its folder.
        link: to its own page, relative; None if it has not been drawn.
        origin: where its numbers come from.
        content: what it has to show.
    """

    name: str
    link: str | None
    origin: Provenance
    content: Content

    @property
    def main(self) -> tuple[Block, ...]:
        """The tables of its first section, and the first chart there is."""
        sections = self.content.sections
        first = (block for section in sections[:1] for block in section.blocks)
        tables = [block for block in first if isinstance(block, Table)]
        blocks = (block for section in sections for block in section.blocks)
        chart = next((block for block in blocks if isinstance(block, Chart)), None)
        return (*tables, chart) if chart else tuple(tables)


def read_studies(folder: Path) -> tuple[list[StudyResults], list[str]]:
    """Read all studies in a folder.

    Returns:
        The studies with a finished run, and what is to be said of the others.

    Raises:
        StudyError: if there is no study in the folder, or none that can be shown.
    """
    found: list[StudyResults] = []
    refused: list[str] = []
    for path in find_studies(folder):
        try:
            found.append(read_study(path))
        except (StorageError, StudyError) as error:
            refused.append(str(error))
    if not found:
        raise StudyError(f"no study in {folder} can be shown: {refused[0]}")
    return found, refused


def write_overview(folder: Path, out: Path | None = None) -> Path:
    """Write one page over all studies in a folder.

    Args:
        folder: holds the studies' folders, or those that `save_report` wrote.
        out: the file to write; None: ``report.html`` in the folder.

    Returns:
        The file written.

    Raises:
        StudyError: if there is no study in the folder, or none that can be shown.
        StorageError: if the page cannot be written.
    """
    out = out or folder / _PAGE
    found, refused = read_studies(folder)
    write_bytes(out, render(found, refused, out.parent).encode())
    return out


def render(found: Sequence[StudyResults], refused: Sequence[str], where: Path) -> str:
    """Return the page.

    Args:
        found: the studies.
        refused: what is to be said of folders that cannot be shown.
        where: the folder that the page will stand in; links lead on from there.
    """
    entries = [
        Entry(
            results.folder.name,
            _link(results.folder / _PAGE, where),
            provenance(results),
            content_of(results),
        )
        for results in found
    ]
    seconds = sum(entry.origin.seconds for entry in entries)
    n_runs = sum(entry.origin.n_finished for entry in entries)
    return (
        environment()
        .get_template(_TEMPLATE)
        .render(entries=entries, refused=refused, seconds=seconds, n_runs=n_runs, word=wording)
    )


def _link(page: Path, where: Path) -> str | None:
    if not page.exists():
        return None
    try:
        return page.resolve().relative_to(where.resolve()).as_posix()
    except ValueError:  # the overview stands somewhere else
        return page.resolve().as_uri()
