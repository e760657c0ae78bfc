"""An inspection as one HTML file that needs nothing else, and its numbers as JSON."""

from __future__ import annotations

from pathlib import Path

from rectinet.files import check_ours, make_folder, write_bytes, write_json
from rectinet.report.environment import environment
from rectinet.report.inspection.figures import (
    count_figures,
    gradient_figure,
    separability_figure,
    stability_figure,
    unit_figure,
)
from rectinet.report.inspection.findings import findings
from rectinet.report.inspection.pictures import local_pictures
from rectinet.report.inspection.record import to_json
from rectinet.report.inspection.result import Inspection
from rectinet.report.inspection.tables import contributions, layer_rows, scale_rows
from rectinet.version import __version__

_TEMPLATE = "inspection.html.j2"
_NAME = "inspection"


def write_inspection(inspection: Inspection, out: Path | str) -> Path:
    """Write the page, and beside it a JSON file with all numbers.

    Args:
        inspection: what `inspect_network` returned.
        out: a file that ends in ``.html``, or a folder, which then gets ``inspection.html``; the
            numbers go to the same name ending in ``.json``. Folders are made where missing.

    Returns:
        The page written.

    Raises:
        StorageError: if a file cannot be written, or the folder holds other things.
    """
    page = inspection_page(out)
    make_folder(page.parent)
    write_json(page.with_suffix(".json"), to_json(inspection), indent=None)
    write_bytes(page, render(inspection).encode())
    return page


def inspection_page(out: Path | str) -> Path:
    """Return the page that `write_inspection` writes to, once it is sure that it may.

    Raises:
        StorageError: if the folder holds other things.
    """
    out = Path(out)
    if out.suffix.lower() in (".html", ".htm"):
        return out
    page = out / f"{_NAME}.html"
    check_ours(out, page.name, "inspection")
    return page


def render(inspection: Inspection) -> str:
    """Return the page; the same inspection gives the same text."""
    pictures = local_pictures(inspection)
    models = () if pictures else inspection.local_models
    return (
        environment()
        .get_template(_TEMPLATE)
        .render(
            inspection=inspection,
            statements=findings(inspection),
            layers=layer_rows(inspection),
            scales=scale_rows(inspection),
            counts=count_figures(inspection),
            units=unit_figure(inspection),
            stability=stability_figure(inspection),
            separability=separability_figure(inspection),
            gradients=gradient_figure(inspection),
            pictures=pictures,
            deciding=tuple((model, contributions(inspection, model)) for model in models),
            version=__version__,
        )
    )
