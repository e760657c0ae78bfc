"""The command line: ``rectinet``."""

from rectinet.cli.main import main

__all__ = ["main"]
