"""The cores of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError

from rectinet.errors import SettingError
from rectinet.studies.backends.interface import Workers


@contextmanager
def workers_here(address: str | None, jobs: int | None) -> Iterator[Workers]:
    """Open `jobs` processes, one per core unless said otherwise.

    Raises:
        SettingError: if `jobs` is below 1, or there is an address.
    """
    if address is not None:
        raise SettingError(
            f"address is {address!r}, but the backend is 'local', which has none; give "
            "--backend dask or --backend ray with it"
        )
    if jobs is not None and jobs < 1:
        raise SettingError(f"jobs is {jobs}; give 1 or more, or leave it out: one per core")
    n_jobs = jobs or len(os.sched_getaffinity(0))
    parallel = joblib.Parallel(n_jobs=n_jobs, backend="loky", return_as="generator_unordered")
    yield Workers(parallel, n_jobs, lost=(TerminatedWorkerError,), here=True)
