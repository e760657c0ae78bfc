"""A process of its own for every contender: one works, the others sleep.

Thread pools of several libraries in one process keep spinning while another one computes, which
on two cores slows everything by 10 to 50 times; and libraries read the number of threads when they
are loaded. So each contender lives in a process whose environment says how many threads there are.

Not `multiprocessing`: its children import the parent's main module first, and with it rectinet's
kernels and the OpenMP library, set to spin briefly. PyTorch would then find that one loaded and
take it instead of its own. Here the peer is imported before anything of rectinet's.
"""

from __future__ import annotations

import importlib
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol

from rectinet.errors import RectinetError

# What a pool of threads does after its last task is to spin: OpenBLAS for some 25 ms, the others
# for less. The next contender begins after that.
PAUSE = 0.03

# Untimed steps at the beginning of a block: they wake the threads and fetch the weights, which
# the contender before has driven out of the caches.
_UNTIMED = 2

_BOOT = "import sys; {imports}from rectinet.bench.workers import serve; serve()"


class WorkerError(RectinetError):
    """A contender cannot do its job; the message says why in one line."""


class Runner(Protocol):
    """A contender that is ready to work."""

    def run(self, steps: int) -> None:
        """Do so many steps, going on where the last call ended; return when all are done."""
        ...

    def check(self) -> Any:
        """Return numbers by which one sees that all contenders compute the same."""
        ...


Build = Callable[[Any, int], Runner]
"""Makes a runner of a job and a number of threads."""


class Worker:
    """A process that does blocks of steps on request.

    Args:
        build: ``"module:function"``, imported in the process; see `Build`.
        threads: how many threads it may use.
        first: module to import before everything else.
    """

    def __init__(self, build: str, threads: int, first: str | None = None):
        self.threads = threads
        self.steps = 1
        self._build = build
        boot = _BOOT.format(imports=f"import {first}; " if first else "")
        self._process = subprocess.Popen(
            [sys.executable, "-c", boot],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _thread_variables(threads),
            # Ctrl-C is for us; without us, the process sees the end of its input and leaves.
            start_new_session=True,
        )

    def load(self, job: Any) -> None:
        """Prepare a job, and do its first steps, in which libraries compile.

        Raises:
            WorkerError: if it fails.
        """
        self._ask("load", self._build, job, self.threads)

    def unload(self) -> None:
        """Forget the job and its memory."""
        self._ask("unload")

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a method of the runner and return what it returned.

        Raises:
            WorkerError: if it fails.
        """
        return self._ask("call", method, *arguments)

    def block(self) -> float:
        """Do `steps` steps, after a pause and some untimed ones, and return seconds per step."""
        time.sleep(PAUSE)
        return float(self._ask("block", self.steps))

    def close(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.communicate()

    def _ask(self, what: str, *arguments: Any) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            pickle.dump((what, arguments), self._process.stdin, protocol=5)
            self._process.stdin.flush()
            failure, answer = pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            code = self._process.wait()
            raise WorkerError(f"its process ended with code {code}") from error
        if failure:
            raise WorkerError(failure)
        return answer


def serve() -> None:
    """Be the process: answer requests until there are no more."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get among the replies
    served = _Served()
    while True:
        try:
            what, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            reply = ("", getattr(served, what)(*arguments))
        except Exception as error:
            reply = (_one_line(error), None)
        _send(reply, replies)


class _Served:
    """The requests, by name."""

    runner: Runner

    def load(self, build: str, job: Any, threads: int) -> None:
        module, function = build.split(":")
        self.runner = getattr(importlib.import_module(module), function)(job, threads)

    def unload(self) -> None:
        del self.runner

    def call(self, method: str, *arguments: Any) -> Any:
        return getattr(self.runner, method)(*arguments)

    def block(self, steps: int) -> float:
        self.runner.run(_UNTIMED)
        started = time.perf_counter()
        self.runner.run(steps)
        return (time.perf_counter() - started) / steps


def _send(reply: object, replies: BinaryIO) -> None:
    pickle.dump(reply, replies, protocol=5)
    replies.flush()


def _one_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return text if len(text) <= 200 else text[:197] + "..."


def _thread_variables(threads: int) -> dict[str, str]:
    # NPROC is XLA's: the size of its pool.
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")
    return dict.fromkeys(names, str(threads))
