"""Finds up to which share of active inputs the native kernels are faster, for every batch size."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from rectinet.bench.contenders import KERNELS
from rectinet.bench.kernel_runners import KernelJob
from rectinet.bench.kernels import TASKS
from rectinet.bench.race import Race, Watch, silent
from rectinet.bench.timing import Effort
from rectinet.bench.workers import WorkerError
from rectinet.kernels import Kernels
from rectinet.kernels.thresholds import BATCH_SIZES, WIDTHS, Thresholds

SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0)
"""Shares of active inputs at which the two are compared."""

_INPUTS = 1000


def calibrate(threads: int, effort: Effort, watch: Watch = silent) -> Thresholds:
    """Measure layers of 1,000 inputs and the widths of `WIDTHS`, in float32.

    Raises:
        SettingError: if nothing was compiled.
        WorkerError: if a kernel fails.
        KeyboardInterrupt: if Ctrl-C ended it; half a calibration is none.
    """
    Kernels("native")  # refuses where there are none
    contenders = [each for each in KERNELS if each.key in ("native", "blas")]
    cells = list(itertools.product(TASKS, WIDTHS, BATCH_SIZES))
    found: dict[str, list[float]] = {task: [] for task in TASKS}
    with Race("kernels", contenders, (threads,), effort) as race:
        for index, (task, units, batch) in enumerate(cells):
            ratios = []
            for step, share in enumerate(SHARES):
                done = (index + step / len(SHARES)) / len(cells)
                watch(f"{task}, {units} units, batch {batch}, {share:.0%} active", done)
                outcome = race.run(KernelJob(task, batch, _INPUTS, units, share))
                if race.interrupted:
                    raise KeyboardInterrupt
                if outcome.absent:
                    raise WorkerError(f"BLAS: {outcome.absent['blas']}")
                native, blas = outcome.measurements
                ratios.append(native.median / blas.median)
            found[task].append(crossing(SHARES, ratios))
    size = len(BATCH_SIZES)
    starts = range(0, len(WIDTHS) * size, size)
    return Thresholds(
        {
            task: tuple(tuple(values[start : start + size]) for start in starts)
            for task, values in found.items()
        }
    )


def crossing(shares: Sequence[float], ratios: Sequence[float]) -> float:
    """Return the share up to which native is to be taken.

    Between two shares it is interpolated linearly. Where noise makes the ratio cross 1 more than
    once, that crossing is taken after which the least time is lost over all shares.

    Args:
        shares: of active inputs, increasing.
        ratios: time of native over time of BLAS.

    Returns:
        0 where native is never faster, 1 where it always is.
    """
    logs = np.log(np.asarray(ratios))
    # lost[k]: native is taken for the first k shares, BLAS for the others.
    lost = [
        np.maximum(logs[:k], 0).sum() - np.minimum(logs[k:], 0).sum() for k in range(len(logs) + 1)
    ]
    k = int(np.argmin(lost))
    if k == 0:
        return 0.0
    if k == len(logs):
        return 1.0
    return float(np.interp(0, logs[k - 1 : k + 1], shares[k - 1 : k + 1]))
