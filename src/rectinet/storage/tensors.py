"""The arrays of a model as one safetensors file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import safetensors
import safetensors.numpy

from rectinet.nn import Array
from rectinet.storage.model import StoredModel
from rectinet.storage.plain import parse_object
from rectinet.storage.unfit import UnfitError, shown

LAYER_ARRAYS = ("weight", "bias", "sign")

# The length of the header, which is JSON, stands before it.
_LENGTH_BYTES = 8


def layer_tensor(stack: str, index: int, array: str) -> str:
    """Return the name of one array of a layer; plain words and dots, so that no two collide."""
    return f"layers.{stack}.{index}.{array}"


def array_tensor(name: str) -> str:
    """Return the name of a further array."""
    return f"arrays.{name}"


def tensors_of(model: StoredModel) -> dict[str, Array]:
    """Return all arrays of a model by their names in the file."""
    tensors = {array_tensor(name): array for name, array in model.arrays.items()}
    for stack, layers in model.layers.items():
        for index, layer in enumerate(layers):
            for name in LAYER_ARRAYS:
                tensors[layer_tensor(stack, index, name)] = getattr(layer, name)
    return tensors


def serialize(tensors: Mapping[str, Array]) -> bytes:
    """Return the content of a safetensors file: the same bytes for the same arrays."""
    # Not ascontiguousarray, which makes a list of a single number.
    plain = {
        name: np.asarray(array, array.dtype.newbyteorder("="), order="C")
        for name, array in tensors.items()
    }
    content: bytes = safetensors.numpy.save(plain)
    return content


def deserialize(content: bytes, what: str) -> dict[str, Array]:
    """Return the arrays of a safetensors file.

    Args:
        content: from anywhere.
        what: what the messages call the file.

    Raises:
        UnfitError: if it is not a whole safetensors file, or has a name twice.
    """
    try:
        tensors: dict[str, Array] = safetensors.numpy.load(content)
    except KeyError as error:
        raise UnfitError(
            f"{what} has numbers of a type that NumPy does not know: {error}"
        ) from error
    except (OverflowError, TypeError, ValueError, safetensors.SafetensorError) as error:
        reason = " ".join(str(error).split())
        raise UnfitError(f"{what} is not a whole safetensors file: {reason}") from error
    # The library takes the last of two arrays of one name.
    end = _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "little")
    parse_object(content[_LENGTH_BYTES:end], f"the header of {what}")
    for name, array in tensors.items():
        if array.dtype == np.bool_ and (array.view(np.uint8) > 1).any():
            raise UnfitError(f"{what} has a truth value that is neither 0 nor 1 in {shown(name)}")
    return tensors
