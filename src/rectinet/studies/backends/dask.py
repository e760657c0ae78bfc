"""The workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import joblib

from rectinet.errors import SettingError
from rectinet.studies.backends.interface import Workers
from rectinet.studies.backends.refusals import missing, refuse_jobs, unreachable

if TYPE_CHECKING:
    from distributed import Client

SECONDS_TO_CONNECT = 10
"""How long a scheduler, and the first worker, may take to answer."""

_START = "start one with `dask scheduler` and, on each machine, `dask worker ADDRESS`"


@contextmanager
def dask_workers(address: str | None, jobs: int | None) -> Iterator[Workers]:
    """Connect to a Dask scheduler.

    Raises:
        SettingError: if distributed is not installed, there is no address, nothing answers there,
            the scheduler has no worker, or `jobs` is given.
    """
    refuse_jobs("dask", jobs)
    if address is None:
        raise SettingError(
            "backend 'dask' needs its scheduler's address, e.g. --address tcp://192.0.2.1:8786; "
            + _START
        )
    try:
        import dask
        import distributed
    except ImportError as error:
        raise missing("dask", "distributed") from error

    # A pre-trained stack of 3 x 1000 units travels with each task: 11 MB, no reason to warn.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GiB"}):
        try:
            client = distributed.Client(
                address, timeout=SECONDS_TO_CONNECT, set_as_default=False, name="rectinet"
            )
        except (OSError, ValueError) as error:
            raise unreachable("a Dask scheduler", address, _START) from error
        with client:
            _wait_for_a_worker(client, address)
            parallel = joblib.Parallel(
                n_jobs=-1,
                backend=_backend(client),
                return_as="generator_unordered",
                batch_size=1,  # a run is long enough for a task of its own
            )
            yield Workers(
                parallel,
                sum(client.nthreads().values()),
                lost=(distributed.KilledWorker, distributed.CancelledError),
            )


def _wait_for_a_worker(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
    except TimeoutError as error:
        raise SettingError(
            f"the Dask scheduler at {address} has no workers; start some with "
            f"`dask worker {address} --nworkers auto --nthreads 1`"
        ) from error


def _backend(client: Client) -> joblib.parallel.ParallelBackendBase:
    from joblib._dask import DaskDistributedBackend

    class Backend(DaskDistributedBackend):  # type: ignore[misc]
        """joblib's backend without two traps of joblib 1.6.

        It waits for ever for a task that failed outside its function, such as one that killed
        all workers it was given to: the failure never reaches the task's callback. And where the
        cluster has a single worker left, it does the tasks in this process.
        """

        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, int(super().effective_n_jobs(n_jobs)))

        def submit(self, func: Any, callback: Callable[[Any], None] | None = None) -> Any:
            future = super().submit(func, callback)

            def tell(done: Any) -> None:
                if callback is not None and done.exception() is not None:
                    callback(done.exception())

            future.add_done_callback(tell)
            return future

    return Backend(client=client)
