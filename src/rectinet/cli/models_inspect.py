"""``rectinet inspect``: what a trained network does with a file of examples."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from rectinet.cli.models_folder import TableModel, load_table_model
from rectinet.cli.models_output import say, targets_to_measure
from rectinet.engine import DEFAULT_ENGINE
from rectinet.errors import SettingError
from rectinet.nn import Layer
from rectinet.report.inspection import (
    inspect_network,
    inspection_page,
    print_inspection,
    write_inspection,
)
from rectinet.tables import Columns, Table, Task


def inspect(
    model: Annotated[Path, typer.Argument(help="The folder that `rectinet fit` wrote.")],
    file: Annotated[Path, typer.Argument(help="The examples; best not those of training.")],
    out: Annotated[Path, typer.Option(help="Folder for the page, or a file .html.")] = Path(
        "inspection"
    ),
    image_shape: Annotated[
        str | None, typer.Option(help="Rows are images: height,width or height,width,channels.")
    ] = None,
) -> None:
    """Show what a network does with a file: zeros, patterns, what speaks for each class."""
    shape, page = _shape(image_shape), inspection_page(out)
    loaded = load_table_model(model)
    table, X = loaded.inputs(file)
    assert loaded.columns is not None
    names: list[str] | None = loaded.columns.feature_names()
    layers, X = list(loaded.estimator.network_.layers), loaded.estimator.scaling_(X)
    if shape is not None and isinstance(loaded.columns, Columns):
        layers[0], X, names = _whole_images(shape, layers[0], X, names, loaded.columns, table)
    labels = _labels(loaded, table)
    inspection = inspect_network(
        layers,
        X,
        labels,
        class_names=loaded.output_names() or None,
        class_values=loaded.output_values(),
        image_shape=shape,
        feature_names=names,
        title=f"{model.resolve().name}, on {file.name}",
        provenance={"model": model, "data": file, "task": loaded.task},
    )
    used = ", ".join(f"{name} ({calls:,})" for name, calls in DEFAULT_ENGINE.kernels_used().items())
    kernels = ("kernels, calls", used or "none")
    inspection = replace(inspection, provenance=(*inspection.provenance, kernels))
    write_inspection(inspection, page)
    say([*table.notes, *loaded.notes(table)])
    print_inspection(inspection, Console())
    # Not through rich, which would break a long path into two lines.
    typer.echo(f"\nThe page to look at: {page.resolve()}")


def _labels(model: TableModel, table: Table) -> np.ndarray | None:
    known = None if model.task is Task.REGRESSION else targets_to_measure(model, table)
    if known is None:
        return None
    labels = model.class_numbers(known)
    strange = int(np.count_nonzero(known.labelled & (labels < 0)))
    if strange:
        say([f"{strange:,} rows have a target that the model does not know; taken for unlabelled"])
    return labels if (labels >= 0).any() else None


def _whole_images(
    shape: tuple[int, ...],
    layer: Layer,
    X: Any,
    names: Any,
    columns: Columns,
    table: Table,
) -> tuple[Layer, Any, Any]:
    """Put back pixels that training left out because they are always the same: with weight 0."""
    left_out = {name for several in columns.left_out.values() for name in several}
    kept = {name: position for position, name in enumerate(columns.names)}
    order = [name for name in table.names if name in left_out or name in kept]
    if columns.sparse or not left_out or math.prod(shape) != len(order):
        return layer, X, names
    to, taken = zip(
        *((at, kept[name]) for at, name in enumerate(order) if name in kept), strict=True
    )
    weight = np.zeros((len(order), layer.n_out), layer.weight.dtype)
    weight[list(to)] = layer.weight[list(taken)]
    whole = np.zeros((len(X), len(order)), X.dtype)
    whole[:, list(to)] = X[:, list(taken)]
    return replace(layer, weight=weight), whole, order


def _shape(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        sides = tuple(int(part) for part in text.split(","))
    except ValueError:
        sides = ()
    if len(sides) not in (2, 3) or min(sides) < 1:
        raise SettingError(
            f"image_shape is {text!r}; give height and width with a comma between them, such as "
            "28,28, and a third number if there are channels"
        )
    return sides
