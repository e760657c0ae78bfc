"""The workers of a Ray cluster."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import joblib

from rectinet.studies.backends.interface import Workers
from rectinet.studies.backends.refusals import missing, refuse_jobs, unreachable

SECONDS_TO_CONNECT = 10
"""How long the head of a cluster may take to answer."""

_START = (
    "start one with `ray start --head`, join it on this machine with `ray start --address`, and "
    "give the HOST:PORT that the first printed"
)
_WORKER = {
    "num_cpus": 1,  # the pool asks for none, and could then put all workers on one machine
    "max_restarts": -1,
    # A run that ends its worker again and again is given up, as Dask does by itself.
    "max_task_retries": 3,
}


@contextmanager
def ray_workers(address: str | None, jobs: int | None) -> Iterator[Workers]:
    """Connect to a Ray cluster; without an address, to ``RAY_ADDRESS`` or a new one here.

    Raises:
        SettingError: if ray is not installed, nothing answers at the address, or `jobs` is given.
    """
    refuse_jobs("ray", jobs)
    try:
        import ray
        from ray.util.joblib.ray_backend import RayBackend
    except ImportError as error:
        raise missing("ray", "ray") from error

    class Backend(RayBackend):  # type: ignore[misc]
        """joblib's backend of Ray, which can yield results as they come though it denies it.

        It inherits the denial from joblib's pool of processes; Ray's own pool calls back for each
        result and each error, which is all that a generator needs.
        """

        supports_return_generator = True

    address = address or os.environ.get("RAY_ADDRESS")
    if address not in (None, "auto", "local"):
        _knock(address)
    try:
        ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (OSError, ValueError, RuntimeError) as error:
        raise unreachable("a Ray cluster", str(address), _START) from error
    try:
        parallel = joblib.Parallel(
            n_jobs=-1,
            backend=Backend(ray_remote_args=_WORKER),
            return_as="generator_unordered",
            batch_size=1,  # a run is long enough for a task of its own
        )
        yield Workers(
            parallel,
            int(ray.cluster_resources().get("CPU", 0)),
            lost=(ray.exceptions.RayError,),
        )
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    # Ray 2.60 tries for 163 seconds where nothing answers, and then ends the whole process.
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_CONNECT).close()
    except (OSError, ValueError) as error:
        raise unreachable("a Ray cluster", address, _START) from error
