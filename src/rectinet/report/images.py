"""Images of a report as PNG data: first-layer filters, and what the auto-encoders see and make."""

from __future__ import annotations

import base64
import io
import math

import numpy as np

from rectinet.nn import Array
from rectinet.report.parts import Gallery, Image
from rectinet.report.tables import activations
from rectinet.report.wording import start
from rectinet.studies import StudyResults, cell
from rectinet.studies.folder import RunFolder

_N_FILTERS = 49
_TILE = 72  # pixels; small images are enlarged without smoothing
_GAP = 4
_FILTER_OWNER = "rectifier"


def filters(results: StudyResults) -> tuple[Gallery, ...]:
    """Return the strongest first-layer filters of the rectifier, without and with pre-training.

    Nothing is returned where the inputs are not square images, or no weights were kept.
    """
    galleries = []
    for pretrained in (False, True):
        runs = cell(results.classifiers, _FILTER_OWNER, pretrained)
        run = min(runs, key=lambda each: each.seed, default=None)
        found = _tensors(run.folder, "weights") if run else None
        if run is None or found is None:
            continue
        weight = found["0.weight"]  # (n_features, n_units)
        side = square_side(weight.shape[0])
        if side is None:
            continue
        strongest = np.argsort(-np.linalg.norm(weight, axis=0), kind="stable")[:_N_FILTERS]
        tiles = weight[:, strongest].T.reshape(-1, side, side)
        largest = np.abs(tiles).max((1, 2), keepdims=True)
        gray = 0.5 + 0.5 * tiles / np.where(largest > 0, largest, 1)
        name = start(pretrained)
        alt = f"{len(gray)} first-layer filters of a rectifier network {name}, as gray tiles"
        columns = math.ceil(math.sqrt(len(gray)))
        image = _mosaic(name, alt, gray, columns)
        galleries.append(Gallery(name, run.seed, (image,)))
    return tuple(galleries)


def pictures(results: StudyResults) -> tuple[Gallery, ...]:
    """Return clean, corrupted and reconstructed inputs, one gallery per activation.

    Nothing is returned where the inputs are not square images, or no pictures were kept.
    """
    galleries = []
    stacks = sorted(results.stacks, key=lambda stack: int(stack.spec["seed"]))
    found = {str(stack.spec["activation"]["type"]).lower(): stack for stack in reversed(stacks)}
    known = [name for name in activations(results) if name in found]
    for name in (*known, *sorted(found.keys() - set(known))):
        stack = found[name]
        rows = _tensors(stack.folder, "pictures")
        if rows is None:
            continue
        side = square_side(rows["clean"].shape[1])
        if side is None:
            continue
        low, high = float(rows["clean"].min()), float(rows["clean"].max())
        images = []
        for kind in ("clean", "corrupted", "reconstructed"):
            tiles = (rows[kind].reshape(-1, side, side) - low) / ((high - low) or 1.0)
            alt = f"{len(tiles)} validation inputs, {kind} ({name})"
            images.append(_mosaic(kind, alt, tiles, len(tiles)))
        galleries.append(Gallery(name, int(stack.spec["seed"]), tuple(images)))
    return tuple(galleries)


def square_side(n_features: int) -> int | None:
    """Return the side of a square image of so many pixels; None if there is none."""
    side = math.isqrt(n_features)
    return side if side * side == n_features and side > 1 else None


def _tensors(folder: RunFolder | None, name: str) -> dict[str, Array] | None:
    if folder is None or not (folder.path / f"{name}.safetensors").exists():
        return None
    return folder.tensors(name)


def _mosaic(name: str, alt: str, tiles: Array, columns: int) -> Image:
    """Lay tiles, shape (n, side, side) with 0 black and 1 white, out in rows, gaps transparent."""
    from matplotlib.image import imsave

    zoom = max(1, round(_TILE / tiles.shape[1]))
    gray = np.rint(255 * np.clip(tiles, 0, 1)).astype(np.uint8)
    gray = gray.repeat(zoom, 1).repeat(zoom, 2)
    side = gray.shape[1]
    step = side + _GAP
    rows = math.ceil(len(gray) / columns)
    pixels = np.zeros((rows * step - _GAP, columns * step - _GAP, 4), np.uint8)
    for index, tile in enumerate(gray):
        top, left = index // columns * step, index % columns * step
        pixels[top : top + side, left : left + side, :3] = tile[:, :, None]
        pixels[top : top + side, left : left + side, 3] = 255
    stream = io.BytesIO()
    imsave(stream, pixels, format="png", metadata={"Software": "rectinet"})
    source = "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
    return Image(name, alt, source, pixels.shape[1], pixels.shape[0])
