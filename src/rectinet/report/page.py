"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

from pathlib import Path

import jinja2

from rectinet.files import write_bytes
from rectinet.report import wording
from rectinet.report.figures import label_figure, learning_figures, zeros_figure
from rectinet.report.images import filters, pictures
from rectinet.report.provenance import provenance
from rectinet.report.series import learning_curves
from rectinet.report.settings import settings_tables
from rectinet.report.summary import summarize
from rectinet.report.tables import error_table, label_curves
from rectinet.studies import StudyResults, read_study

_TEMPLATE = "report.html.j2"


def write_report(folder: Path, out: Path | None = None) -> Path:
    """Write the report of a study, finished or not.

    Args:
        folder: the study's folder.
        out: the file to write; None: ``report.html`` in the study's folder.

    Returns:
        The file written.

    Raises:
        StudyError: if the folder is not a study's, of another version, or has no finished run.
        StorageError: if a file in it is damaged, or the report cannot be written.
    """
    out = out or folder / "report.html"
    write_bytes(out, render(read_study(folder)).encode())
    return out


def render(results: StudyResults) -> str:
    """Return the page; the same results give the same text."""
    table, curves = error_table(results), label_curves(results)
    template = _environment().get_template(_TEMPLATE)
    return template.render(
        origin=provenance(results),
        statements=summarize(results, table, curves),
        table=table,
        curves=[(curve, label_figure(curve)) for curve in curves],
        zeros=zeros_figure(table),
        learning=learning_figures(learning_curves(results)),
        filters=filters(results),
        pictures=pictures(results),
        settings=settings_tables(results),
        word=wording,
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("rectinet.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["tied"] = _tied
    return environment


def _tied(text: str) -> str:
    """Keep a mean and its interval on one line."""
    return text.replace(" ± ", "\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}")
