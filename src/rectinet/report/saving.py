"""A study as a folder small enough for a repository: numbers, figures, a page in Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from rectinet.files import write_bytes
from rectinet.report import wording
from rectinet.report.deviations import deviations
from rectinet.report.environment import environment
from rectinet.report.parts import Cell, Chart, Charts, Content
from rectinet.report.provenance import provenance
from rectinet.report.settings import settings_tables
from rectinet.report.studies import content_of
from rectinet.report.svg import Figure
from rectinet.studies import read_study, save_study

_TEMPLATE = "report.md.j2"
_PAGE = "README.md"
_MOST_CHECKSUMS = 5


def save_report(folder: Path, out: Path, *, others: Sequence[Path] = ()) -> Path:
    """Write a study's numbers without weights, its figures as SVG, and a page in Markdown.

    `write_report` and `print_results` read the folder like the study's own.

    Args:
        folder: the study's, or one that was saved before.
        out: the folder to write.
        others: see `rectinet.studies.read_study`.

    Returns:
        The page in Markdown.

    Raises:
        StudyError: see `rectinet.studies.read_study`.
        StorageError: if a file in it is damaged, or something cannot be written.
    """
    results = save_study(read_study(folder, *others), out)
    content = content_of(results)
    files = _files(content)
    for figure, name in files.items():
        write_bytes(out / name, figure.file.encode())
    made = environment(escape=False)
    made.filters["plain"] = _plain
    made.filters["marked"] = _marked
    seeds = sorted({run.seed for run in results.runs})
    whole = seeds == list(range(seeds[0], seeds[-1] + 1))
    text = made.get_template(_TEMPLATE).render(
        origin=provenance(results),
        content=content,
        files=files,
        seeds=wording.spread(seeds) if whole else wording.listing([str(seed) for seed in seeds]),
        settings=settings_tables(results),
        deviations=deviations(results),
        n_checksums=_MOST_CHECKSUMS,
        word=wording,
    )
    write_bytes(out / _PAGE, re.sub(r"\n{3,}", "\n\n", text).encode())
    return out / _PAGE


def _files(content: Content) -> dict[Figure, str]:
    """Return a file name for each figure."""
    names = {}
    for section in content.sections:
        for block in section.blocks:
            if isinstance(block, Chart):
                names[block.figure] = _file_name(section.title)
            elif isinstance(block, Charts):
                for figure in block.figures:
                    names[figure] = _file_name(f"{section.title} {figure.title}")
    return names


def _file_name(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") + ".svg"


def _plain(text: str) -> str:
    """Return text in which Markdown finds nothing to do."""
    return re.sub(r"([*_|`<\[\]\\])", r"\\\1", text)


def _marked(cell: Cell) -> str:
    text = _plain(cell.marked)
    return f"**{text}**" if cell.bold else text
