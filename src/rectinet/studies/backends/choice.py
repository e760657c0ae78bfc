"""Backends by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from rectinet.errors import SettingError
from rectinet.studies.backends.dask import dask_workers
from rectinet.studies.backends.here import workers_here
from rectinet.studies.backends.interface import Workers
from rectinet.studies.backends.ray import ray_workers

BACKENDS: Mapping[str, Callable[[str | None, int | None], AbstractContextManager[Workers]]] = {
    "local": workers_here,
    "dask": dask_workers,
    "ray": ray_workers,
}
"""By name: functions of address and jobs."""


def open_workers(
    backend: str = "local", address: str | None = None, jobs: int | None = None
) -> AbstractContextManager[Workers]:
    """Return the workers of a backend; the block that uses them closes the connection.

    Args:
        backend: ``"local"``, ``"dask"`` or ``"ray"``.
        address: of the Dask scheduler or the Ray cluster.
        jobs: runs at the same time on this machine; None: one per core.

    Raises:
        SettingError: if the backend is unknown; on entering the block also if it cannot be used.
    """
    if backend not in BACKENDS:
        raise SettingError(
            f"backend {backend!r} is unknown; the known ones are {', '.join(BACKENDS)}"
        )
    return BACKENDS[backend](address, jobs)
