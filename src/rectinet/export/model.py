"""A network as an ONNX file, which ONNX Runtime and many other programs run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rectinet.errors import InputError, SettingError
from rectinet.export.checks import check_layers, double, single
from rectinet.export.graph import Graph, import_onnx
from rectinet.files import as_path, make_folder, write_bytes
from rectinet.nn import Array, Layer, Linear, Rectifier, Sigmoid, Softplus, Tanh, activation_names

OUTPUTS = ("softmax", "linear", "expectation")


def to_onnx(
    layers: Sequence[Layer],
    *,
    output: str,
    shift: Array | None = None,
    scale: Array | None = None,
    limit: float = math.inf,
    class_values: Array | None = None,
    metadata: Mapping[str, str] | None = None,
    path: Path | str,
) -> Path:
    """Write layers as an ONNX model, which computes in single precision.

    The model's input is ``X``, float32, shape (n, n_features). Its output is
    - ``probabilities``, float32, shape (n, n_outputs), and ``label``, int64, shape (n,), the number
      of the most probable class, for ``"softmax"``;
    - ``values``, float32, shape (n, n_outputs), for ``"linear"``;
    - ``values``, float32, shape (n, 1), for ``"expectation"``.

    Args:
        layers: in the order in which values pass through them, output layer last.
        output: what is made of the last layer's values: ``"softmax"``: probabilities of classes;
            ``"linear"``: nothing; ``"expectation"``: the expected value where class k, of
            softmax's probability p_k, stands for ``class_values[k]``.
        shift: taken from the inputs first, in double precision, shape (n_features,).
        scale: what they are divided by then, not 0, shape (n_features,).
        limit: above 0; what is beyond it, or below minus it, is clipped then.
        class_values: shape (n_outputs,), for ``"expectation"`` and nothing else.
        metadata: texts by name, such as what the outputs stand for.
        path: the file; missing folders are created.

    Returns:
        The path.

    Raises:
        SettingError: if the package `onnx` is missing, `output` or an activation is unknown, the
            layers do not fit together, or they take more than 2 GB.
        InputError: if an array has the wrong shape, or a value that single precision does not hold.
        StorageError: if the file cannot be written; what was there is then intact.
    """
    if output not in OUTPUTS:
        raise SettingError(f"output {output!r} is unknown; use one of {OUTPUTS}")
    if (class_values is not None) != (output == "expectation"):
        given = "missing" if class_values is None else "given"
        raise SettingError(
            f"class_values is {given} with output {output!r}; give it for 'expectation', and for "
            "nothing else"
        )
    path = as_path(path, "the name of a file")
    graph = Graph(import_onnx())
    layers = check_layers(layers)
    n_features, n_outputs = layers[0].n_in, layers[-1].n_out
    value = _scaled(graph, "X", shift, scale, limit, n_features)
    for number, layer in enumerate(layers, start=1):
        value = _layer(graph, value, layer, number)
    outputs: dict[str, Any]
    if output == "softmax":
        value = graph.node("Softmax", value, name="probabilities", axis=1)
        graph.node("ArgMax", value, name="label", axis=1, keepdims=0)
        outputs = {"probabilities": (np.float32, [n_outputs]), "label": (np.int64, [])}
    elif output == "linear":
        graph.node("Identity", value, name="values")
        outputs = {"values": (np.float32, [n_outputs])}
    else:
        numbers = single(class_values, "class_values", (n_outputs,))
        value = graph.node("Softmax", value, name="probabilities", axis=1)
        column = graph.constant("class_values", numbers[:, np.newaxis])
        graph.node("MatMul", value, column, name="values")
        outputs = {"values": (np.float32, [1])}
    content = graph.serialize({"X": (np.float32, [n_features])}, outputs, metadata or {})
    make_folder(path.parent)
    write_bytes(path, content)
    return path


def _scaled(
    graph: Graph,
    value: str,
    shift: Array | None,
    scale: Array | None,
    limit: float,
    n_features: int,
) -> str:
    """Return ``(value - shift) / scale``, clipped at plus and minus the limit.

    In double precision: columns far from 0 would lose their digits in the subtraction.
    """
    if not limit > 0:
        raise SettingError(f"limit is {limit!r}; give a number above 0, or infinity")
    if shift is None and scale is None and limit == math.inf:
        return value
    value = graph.cast(value, np.float64, name="X_double")
    if shift is not None:
        numbers = double(shift, "shift", (n_features,))
        value = graph.node("Sub", value, graph.constant("shift", numbers), name="X_shifted")
    if scale is not None:
        numbers = double(scale, "scale", (n_features,))
        if not numbers.all():
            raise InputError(
                f"scale is 0 at position {int(np.argmin(np.abs(numbers)))}; expected numbers other "
                "than 0: use 1 for an input that is always the same"
            )
        value = graph.node("Div", value, graph.constant("scale", numbers), name="X_scaled")
    if limit < math.inf:
        ends = [
            graph.constant(name, np.array(end, np.float64))
            for name, end in (("lowest", -limit), ("highest", limit))
        ]
        value = graph.node("Clip", value, *ends, name="X_clipped")
    return graph.cast(value, np.float32, name="X_single")


def _layer(graph: Graph, value: str, layer: Layer, number: int) -> str:
    """Return ``sign * activation(value @ weight + bias)``."""
    kind = type(layer.activation)
    if kind not in _ACTIVATIONS:
        known = ", ".join(activation_names())
        raise SettingError(
            f"layer {number} has an activation of type {kind.__name__}; the known ones are {known}"
        )
    weight = graph.constant(f"weight_{number}", layer.weight)
    bias = graph.constant(f"bias_{number}", layer.bias)
    value = graph.node("Gemm", value, weight, bias, name=f"z_{number}")
    value = _ACTIVATIONS[kind](graph, value, layer.activation, number)
    if (layer.sign == 1).all():
        return value
    sign = graph.constant(f"sign_{number}", layer.sign)
    return graph.node("Mul", value, sign, name=f"h_{number}")


def _operator(name: str) -> Callable[[Graph, str, Any, int], str]:
    def add(graph: Graph, z: str, _: Any, number: int) -> str:
        return graph.node(name, z, name=f"a_{number}")

    return add


def _linear(graph: Graph, z: str, _: Any, number: int) -> str:
    return z


def _softplus(graph: Graph, z: str, activation: Softplus, number: int) -> str:
    """Return ``max(z, 0) + softplus(-alpha |z|) / alpha``, which cannot overflow."""
    alpha = graph.constant(f"alpha_{number}", np.array(activation.alpha, np.float32))
    size = graph.node("Abs", z, name=f"size_{number}")
    falling = graph.node("Neg", size, name=f"falling_{number}")
    sharp = graph.node("Mul", falling, alpha, name=f"sharp_{number}")
    tail = graph.node("Softplus", sharp, name=f"tail_{number}")
    tail = graph.node("Div", tail, alpha, name=f"tail_scaled_{number}")
    return graph.node(
        "Add", graph.node("Relu", z, name=f"positive_{number}"), tail, name=f"a_{number}"
    )


_ACTIVATIONS: dict[type, Callable[[Graph, str, Any, int], str]] = {
    Rectifier: _operator("Relu"),
    Softplus: _softplus,
    Tanh: _operator("Tanh"),
    Sigmoid: _operator("Sigmoid"),
    Linear: _linear,
}
