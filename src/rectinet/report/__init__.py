"""Tables, figures and one self-contained page, drawn from a study folder."""

from rectinet.report.page import write_report
from rectinet.report.terminal import print_results

__all__ = ["print_results", "write_report"]
