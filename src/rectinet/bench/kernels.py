"""Native kernels against BLAS, and whether the choice between them is right, cell by cell."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from rectinet import machine
from rectinet.bench.contenders import KERNELS
from rectinet.bench.kernel_runners import KernelJob, chosen
from rectinet.bench.race import Race, Watch, silent
from rectinet.bench.results import Case, Report
from rectinet.bench.timing import Effort, median_ratio
from rectinet.bench.workers import WorkerError
from rectinet.errors import SettingError
from rectinet.kernels import Kernels

TASKS = ("forward", "backward")

ACCEPTED = 0.95
"""What the choice must reach, relative to the faster of the two."""


@dataclass(frozen=True)
class Grid:
    """The cells to measure: all combinations.

    Attributes:
        threads: of every kernel.
        batches: examples per call.
        shapes: (n_in, n_out) of the layer.
        active: shares of inputs that are not 0.
    """

    threads: int
    batches: tuple[int, ...] = (1, 10, 32, 128, 512)
    shapes: tuple[tuple[int, int], ...] = ((784, 1000), (1000, 1000), (1000, 10))
    active: tuple[float, ...] = (0.05, 0.2, 0.5, 1.0)

    def __post_init__(self) -> None:
        for size in (*self.batches, *itertools.chain(*self.shapes)):
            if size < 1:
                raise SettingError(f"a batch size or a side of a layer is {size}; give 1 or more")
        for share in self.active:
            if not 0 <= share <= 1:
                raise SettingError(f"active is {share:g}; give shares from 0 to 1")

    def jobs(self) -> list[KernelJob]:
        """Return one job per cell."""
        cells = itertools.product(TASKS, self.shapes, self.batches, self.active)
        return [KernelJob(task, batch, *shape, share) for task, shape, batch, share in cells]


def measure_kernels(grid: Grid, effort: Effort, watch: Watch = silent) -> Report:
    """Time ``auto``, ``native`` and ``blas`` on every cell.

    Raises:
        SettingError: if nothing was compiled.
        WorkerError: if a kernel fails.
    """
    Kernels("native")  # refuses where there are none
    with Race("kernels", KERNELS, (grid.threads,), effort) as race:
        cases = race.collect(_cases(grid, race, watch))
        return Report("kernels", machine.describe(), cases, race.interrupted)


def _cases(grid: Grid, race: Race, watch: Watch) -> Iterator[Case]:
    jobs = grid.jobs()
    for index, job in enumerate(jobs):
        watch(f"{job.kernel}, batch {job.batch}, {job.n_in} x {job.n_out}", index / len(jobs))
        outcome = race.run(job)
        if outcome.absent:
            name, reason = next(iter(outcome.absent.items()))
            raise WorkerError(f"{name} kernels: {reason}")
        settings = asdict(job) | {"threads": grid.threads, "chosen": chosen(job)}
        yield Case(settings, 1 - job.active, outcome.measurements)


def relative_speed(case: Case) -> float:
    """Return the speed of ``auto`` relative to the faster of the other two.

    Which one is faster is decided by medians, before rounds are compared: the smaller of two noisy
    times in every round would be smaller than either.
    """
    auto, *others = case.measurements
    faster = min(others, key=lambda each: each.median)
    return median_ratio(faster.seconds, auto.seconds)
