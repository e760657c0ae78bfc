"""Reports made by hand, whose ratios can be checked on paper, and workers that do nothing."""

import types

import numpy as np
import pytest

from rectinet.bench import Case, Measurement, Report
from rectinet.bench.memory import Floor

MACHINE = {
    "processor": "Abacus",
    "cores": 2,
    "system": "Linux x86_64",
    "python": "3.11",
    "numpy": "2.0",
    "rectinet": "0.1",
    "kernels": "auto",
    "instructions": "avx2",
}


@pytest.fixture
def training_report():
    """Two shares of zeros; PyTorch takes 2 and 4 times as long."""

    def case(zeros, factor):
        ours = Measurement("rectinet", "0.1", 2, (0.001, 0.002, 0.001))
        theirs = tuple(factor * seconds for seconds in ours.seconds)
        settings = {"sizes": [784, 100, 10], "batch": 10, "wanted zeros": zeros}
        measurements = ours, Measurement("PyTorch eager", "2.13", 1, theirs, 1e-7)
        floor = Floor(forward=1e6, backward=2e6, copying=6e9, in_place=12e9)
        return Case(settings, zeros, measurements, {"JAX jit": "not installed"}, floor)

    return Report("training", MACHINE, (case(0.5, 2), case(0.8, 4)))


@pytest.fixture
def kernels_report():
    """One cell in which the choice is right, one in which it is not."""

    def case(kernel, auto, native, blas):
        settings = {"kernel": kernel, "batch": 10, "n_in": 784, "n_out": 1000, "active": 0.2}
        measurements = tuple(
            Measurement(name, "0.1", 2, (seconds,) * 3)
            for name, seconds in (("auto", auto), ("native", native), ("blas", blas))
        )
        return Case(settings | {"threads": 2, "chosen": "native"}, 0.8, measurements)

    good, bad = case("forward", 1e-4, 1e-4, 2e-4), case("backward", 2e-4, 2e-4, 1e-4)
    return Report("kernels", MACHINE, (good, bad))


@pytest.fixture
def fake_workers(monkeypatch):
    """Workers without processes, whose blocks take 1 s of no time.

    Returns what a test may set: `seconds` by key and threads (a contender's key is the module or
    the function of its build), check `numbers` by key, and `interrupt_after` so many blocks; and
    how many workers are `alive`.
    """
    control = types.SimpleNamespace(seconds={}, numbers={}, interrupt_after=None, alive=0)
    blocks = 0

    class Fake:
        def __init__(self, build, threads, first):
            module, function = build.split(":")
            self._keys = function, module.rpartition(".")[2].replace("ours", "rectinet")
            self.threads, self.steps = threads, 1
            control.alive += 1

        def load(self, job):
            pass

        def unload(self):
            pass

        def call(self, method):
            assert method == "check"
            found = [control.numbers[key] for key in self._keys if key in control.numbers]
            return found[0] if found else np.array([1.0, 2.0])

        def block(self):
            nonlocal blocks
            if blocks == control.interrupt_after:
                raise KeyboardInterrupt
            blocks += 1
            keys = [(key, self.threads) for key in self._keys]
            return next((control.seconds[key] for key in keys if key in control.seconds), 1.0)

        def close(self):
            control.alive -= 1

    monkeypatch.setattr("rectinet.bench.race.Worker", Fake)
    # Whatever is installed here, the same contenders take part.
    monkeypatch.setattr("rectinet.bench.contenders.Contender.installed", True)
    monkeypatch.setattr("rectinet.bench.contenders.Contender.version", "1.0")
    return control
