"""Networks for other programs: ONNX."""

from rectinet.export.model import to_onnx

__all__ = ["to_onnx"]
