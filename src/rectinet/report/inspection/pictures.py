"""Inputs and the local linear models' weights as small pictures."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np

from rectinet.nn import Array
from rectinet.report.inspection.result import Inspection, LocalModel
from rectinet.report.parts import Image

_SIDE = 112  # pixels; small images are enlarged without smoothing
_POSITIVE, _NEGATIVE = (224, 108, 20), (30, 120, 205)  # orange and blue; fade to nothing at zero


@dataclass(frozen=True)
class LocalPictures:
    """One example and its linear model, as pictures.

    Attributes:
        model: whose pictures they are.
        images: the input, the weights of each output shown, and, with a runner-up, what each pixel
            adds to the lead.
    """

    model: LocalModel
    images: tuple[Image, ...]


def local_pictures(inspection: Inspection) -> tuple[LocalPictures, ...]:
    """Return the pictures of all local models; none where the inputs are not images.

    Weights of one example share a scale, so that the stronger class is seen to be stronger.
    """
    if inspection.image_shape is None or not inspection.local_models:
        return ()
    shape = _with_channels(inspection.image_shape)
    inputs = np.stack([model.inputs for model in inspection.local_models])
    low, high = float(inputs.min()), float(inputs.max())
    galleries = []
    for model in inspection.local_models:
        names = [inspection.class_name(column) for column in model.columns]
        seen = (model.inputs.reshape(shape) - low) / ((high - low) or 1.0)
        images = [_image("input", f"example {model.example}", _gray_or_color(seen))]
        largest = float(np.abs(model.weights).max())
        for name, weight in zip(names, model.weights.T, strict=True):
            alt = f"weights of {name} at example {model.example}, positive orange, negative blue"
            images.append(_image(f"for {name}", alt, _signed(weight, shape, largest)))
        if len(names) > 1:
            lead = model.contributions
            alt = f"what each pixel of example {model.example} adds to {names[0]} over {names[1]}"
            name = f"{names[0]} over {names[1]}"
            images.append(_image(name, alt, _signed(lead, shape, float(np.abs(lead).max()))))
        galleries.append(LocalPictures(model, tuple(images)))
    return tuple(galleries)


def _with_channels(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape if len(shape) == 3 else (*shape, 1)


def _gray_or_color(image: Array) -> Array:
    """Return RGBA of an image (height, width, channels) in [0, 1]; other than 3 channels: gray."""
    color = image if image.shape[2] == 3 else image.mean(axis=2, keepdims=True).repeat(3, axis=2)
    opaque = np.ones((*color.shape[:2], 1))
    pixels = np.clip(np.concatenate([color, opaque], axis=2), 0, 1)
    return np.asarray(np.rint(255 * pixels).astype(np.uint8))


def _signed(values: Array, shape: tuple[int, ...], largest: float) -> Array:
    """Return RGBA: the color is the sign, its opacity the size; channels are added up."""
    plane = values.reshape(shape).sum(axis=2)
    largest = max(largest, float(np.abs(plane).max())) or 1.0
    pixels = np.empty((*plane.shape, 4), np.uint8)
    pixels[..., :3] = np.where(plane[..., None] >= 0, _POSITIVE, _NEGATIVE)
    pixels[..., 3] = np.rint(255 * np.abs(plane) / largest)
    return pixels


def _image(name: str, alt: str, pixels: Array) -> Image:
    from matplotlib.image import imsave

    zoom = max(1, round(_SIDE / max(pixels.shape[:2])))
    pixels = np.ascontiguousarray(pixels.repeat(zoom, 0).repeat(zoom, 1))
    stream = io.BytesIO()
    imsave(stream, pixels, format="png", metadata={"Software": "rectinet"})
    source = "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
    return Image(name, alt, source, pixels.shape[1], pixels.shape[0])
