"""A graph of ONNX operators under construction: nodes, constants, fresh names."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from rectinet.errors import SettingError
from rectinet.nn import Array
from rectinet.version import __version__

# Every operator used here has been the same since opset 13, and ONNX Runtime reads this pair since
# 1.12 (2022): nothing is gained by asking for more.
OPSET = 17
IR_VERSION = 8


def import_onnx() -> Any:
    """Return the module `onnx`, which is an extra.

    Raises:
        SettingError: if it is not installed.
    """
    try:
        return importlib.import_module("onnx")
    except ImportError as error:
        raise SettingError(
            f"the package onnx cannot be imported ({error}), and ONNX files need it: "
            "pip install rectinet[onnx]"
        ) from error


class Graph:
    """Collects nodes in the order in which they are computed.

    Args:
        onnx: the module.
    """

    def __init__(self, onnx: Any):
        self._onnx = onnx
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, name: str, array: Array) -> str:
        """Store an array in the file and return its name."""
        self._constants.append(self._onnx.numpy_helper.from_array(array, name))
        return name

    def node(self, operator: str, *inputs: str, name: str, **attributes: Any) -> str:
        """Add an operator with one output and return the output's name."""
        self._nodes.append(
            self._onnx.helper.make_node(operator, list(inputs), [name], name=name, **attributes)
        )
        return name

    def cast(self, value: str, dtype: type[np.floating], *, name: str) -> str:
        """Add a conversion and return the output's name."""
        return self.node("Cast", value, name=name, to=self._number(dtype))

    def serialize(
        self, inputs: dict[str, Any], outputs: dict[str, Any], metadata: Mapping[str, str]
    ) -> bytes:
        """Return the content of the file.

        Args:
            inputs: dtype and shape by name; the number of examples comes first and is left open.
            outputs: likewise.
            metadata: texts that readers find by name, beside the graph.
        """
        helper = self._onnx.helper
        sides = [
            [
                helper.make_tensor_value_info(name, self._number(dtype), ["n", *shape])
                for name, (dtype, shape) in side.items()
            ]
            for side in (inputs, outputs)
        ]
        model = helper.make_model(
            helper.make_graph(self._nodes, "network", *sides, self._constants),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="rectinet",
            producer_version=__version__,
        )
        helper.set_model_props(model, dict(metadata))
        content: bytes = model.SerializeToString()
        return content

    def _number(self, dtype: type[np.generic]) -> int:
        return int(self._onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))
