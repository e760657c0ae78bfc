"""What a reader of the numbers must know about where they come from."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from rectinet.kernels import Kernels, native
from rectinet.version import __version__


def cores() -> int:
    """Return how many cores this process may use."""
    return int(joblib.cpu_count())


def describe() -> dict[str, Any]:
    """Return processor, cores, versions, and which kernels rectinet uses."""
    return {
        "processor": _processor(),
        "cores": cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "rectinet": __version__,
        "kernels": Kernels().mode,
        "instructions": native.instruction_set() if native.AVAILABLE else "none compiled",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
