"""Tables, figures and self-contained pages, drawn from study folders."""

from rectinet.report.overview import write_overview
from rectinet.report.page import write_report
from rectinet.report.saving import save_report
from rectinet.report.terminal import print_results

__all__ = ["print_results", "save_report", "write_overview", "write_report"]
