"""What one network does with one data set: measured, then drawn as a page or printed."""

from rectinet.report.inspection.measure import inspect_network
from rectinet.report.inspection.page import inspection_page, write_inspection
from rectinet.report.inspection.result import Inspection, LayerFacts, LocalModel
from rectinet.report.inspection.terminal import print_inspection

__all__ = [
    "Inspection",
    "LayerFacts",
    "LocalModel",
    "inspect_network",
    "inspection_page",
    "print_inspection",
    "write_inspection",
]
