"""ONNX Runtime: the network as a graph of Gemm and Relu."""

from __future__ import annotations

import importlib
import itertools
from typing import Any

import numpy as np

from rectinet.bench.drawn import plain_layers
from rectinet.bench.jobs import InferenceJob
from rectinet.nn import Array, Network


class _Inference:
    def __init__(self, job: InferenceJob, threads: int):
        runtime: Any = importlib.import_module("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = runtime.InferenceSession(
            graph(job.network), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = job.inputs
        self._cycle = itertools.cycle(job.inputs)

    def run(self, steps: int) -> None:
        for x in itertools.islice(self._cycle, steps):
            self._session.run(None, {"x": x})

    def check(self) -> Array:
        return np.asarray(self._session.run(None, {"x": self._inputs[0]})[0])


def inference(job: InferenceJob, threads: int) -> _Inference:
    """Return ONNX Runtime's session."""
    return _Inference(job, threads)


def graph(network: Network) -> bytes:
    """Return the network as an ONNX model from ``x`` (n, n_features) to ``p``, probabilities."""
    onnx: Any = importlib.import_module("onnx")
    helper, number = onnx.helper, onnx.TensorProto.FLOAT
    nodes, parameters, value = [], [], "x"
    layers = plain_layers(network)
    for index, (weight, bias) in enumerate(layers):
        names = f"weight{index}", f"bias{index}"
        parameters += [
            onnx.numpy_helper.from_array(np.ascontiguousarray(array), name)
            for array, name in zip((weight, bias), names, strict=True)
        ]
        nodes.append(helper.make_node("Gemm", [value, *names], [f"z{index}"]))
        last = index == len(layers) - 1
        value = "p" if last else f"h{index}"
        nodes.append(helper.make_node("Softmax" if last else "Relu", [f"z{index}"], [value]))
    sides = [
        [helper.make_tensor_value_info(name, number, ["n", size])]
        for name, size in (("x", network.layers[0].n_in), ("p", network.output.n_out))
    ]
    # Versions that every ONNX Runtime of the last years reads.
    model = helper.make_model(
        helper.make_graph(nodes, "network", *sides, parameters),
        opset_imports=[helper.make_opsetid("", 13)],
        ir_version=8,
    )
    serialized: bytes = model.SerializeToString()
    return serialized
