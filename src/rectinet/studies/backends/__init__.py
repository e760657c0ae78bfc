"""Who does the runs of a study: the cores of this machine, a Dask cluster or a Ray cluster.

joblib is the interface to all three; see docs/studies-elsewhere.md.
"""

from rectinet.studies.backends.choice import BACKENDS, open_workers
from rectinet.studies.backends.interface import Task, Workers

__all__ = ["BACKENDS", "Task", "Workers", "open_workers"]
