"""Why a cluster cannot be used, and the cure."""

from __future__ import annotations

from rectinet.errors import SettingError


def missing(extra: str, package: str) -> SettingError:
    """Return the error for a backend whose package is not installed."""
    return SettingError(
        f"backend {extra!r} needs the package {package}, which is not installed: "
        f"pip install rectinet[{extra}]"
    )


def unreachable(what: str, address: str, cure: str) -> SettingError:
    """Return the error for an address where nothing answers."""
    return SettingError(f"{what} does not answer at {address!r}; {cure}")


def refuse_jobs(backend: str, jobs: int | None) -> None:
    """Raise SettingError if `jobs` was given: a cluster has as many workers as it has."""
    if jobs is not None:
        raise SettingError(
            f"jobs is {jobs}, but it is for the cores of this machine; the backend {backend!r} "
            "does as many runs at a time as its cluster has workers: leave --jobs out"
        )
