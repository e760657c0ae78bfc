import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack

import pytest

from rectinet.errors import SettingError, StudyError
from rectinet.studies import read_study, run_study
from rectinet.studies.backends import open_workers
from rectinet.studies.execute import execute_elsewhere
from rectinet.studies.folder import RunFolder

# Loaded by a worker process: it kills itself at the end of the first epoch it is given.
DEADLY = """
import os, signal
from rectinet.studies import execute

class Progress(execute._ProgressFile):
    def epoch(self, record):
        os.kill(os.getpid(), signal.SIGKILL)

execute._ProgressFile = Progress
"""


# The same in Ray's workers, which import it by themselves: the first to end an epoch.
ONCE = """
import os, signal, sys

if "default_worker.py" in " ".join(sys.orig_argv):
    from rectinet.studies import execute

    class Progress(execute._ProgressFile):
        def epoch(self, record):
            try:
                os.close(os.open({path!r}, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                return super().epoch(record)
            os.kill(os.getpid(), signal.SIGKILL)

    execute._ProgressFile = Progress
"""


def outcome(folder):
    """Return the weights of all runs, and the figures that the tables are made of."""
    results = read_study(folder)
    assert results.unfinished == 0
    runs = (*results.stacks, *results.classifiers)
    weights = {run.folder.path.name: run.folder.tensors("weights") for run in runs}
    bits = {name: {key: w.tobytes() for key, w in each.items()} for name, each in weights.items()}
    figures = {
        run.folder.path.name: (run.test_error, run.values["zeros"]) for run in results.classifiers
    }
    return bits, figures


@pytest.fixture(scope="module")
def alone(tiny_study, tmp_path_factory):
    """What the study gives on this machine."""
    folder = tmp_path_factory.mktemp("alone")
    run_study(tiny_study, folder, jobs=1)
    return outcome(folder)


@pytest.fixture
def received(monkeypatch):
    """Count how often each run's files are handed back."""
    counts = Counter()
    receive = RunFolder.receive

    def count(folder, files):
        counts[folder.path.name] += 1
        receive(folder, files)

    monkeypatch.setattr(RunFolder, "receive", count)
    return counts


@pytest.fixture
def dask_cluster(tmp_path):
    """Return a function that starts a Dask scheduler and workers, each a process of its own.

    Its arguments: one per worker, a file that the worker loads, or None; and how many workers a
    run may cost before the scheduler gives it up. Returns the address and the workers.
    """
    pytest.importorskip("distributed", reason="distributed is not installed (extra: dask)")
    scheduler_file = tmp_path / "scheduler.json"
    connect = ("--scheduler-file", str(scheduler_file), "--no-dashboard")

    def process(module, *arguments, **environment):
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", *connect, *arguments],
            env=os.environ | {"TMPDIR": str(tmp_path)} | environment,  # what a killed one leaves
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    with ExitStack() as started:

        def start(*preloads, allowed_failures=3):
            local = f"--local-directory={tmp_path}"
            children = [
                process(
                    "dask_scheduler",
                    "--host=127.0.0.1",
                    "--port=0",
                    DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=str(allowed_failures),
                )
            ]
            for preload in preloads:
                options = [] if preload is None else ["--preload", str(preload)]
                worker = process("dask_worker", "--nthreads=1", "--no-nanny", local, *options)
                children.append(worker)
            for child in children:
                started.callback(child.wait)
                started.callback(child.kill)
            return _address(scheduler_file, len(preloads)), children[1:]

        yield start


def _address(scheduler_file, n_workers):
    from distributed import Client

    with Client(scheduler_file=str(scheduler_file), timeout=60, set_as_default=False) as client:
        client.wait_for_workers(n_workers, timeout=60)
        return client.scheduler.address


@pytest.fixture
def deadly(tmp_path):
    path = tmp_path / "deadly.py"
    path.write_text(DEADLY)
    return path


def test_a_study_survives_the_loss_of_a_dask_worker(
    tiny_study, alone, dask_cluster, deadly, received, tmp_path
):
    address, (_, doomed) = dask_cluster(None, deadly)
    folder = tmp_path / "study"
    run_study(tiny_study, folder, backend="dask", address=address)
    assert doomed.wait(timeout=60) == -signal.SIGKILL
    assert outcome(folder) == alone
    here = received.keys() & {path.name for path in (folder / "runs").iterdir()}
    assert {received[name] for name in here} == {1}
    assert len(here) == len(tiny_study.pretraining) + len(tiny_study.runs)


def test_a_run_that_dask_gave_up_ends_the_study_and_without_workers_none_begins(
    tiny_study, dask_cluster, deadly, monkeypatch, tmp_path
):
    address, _ = dask_cluster(deadly, allowed_failures=0)
    with pytest.raises(StudyError, match=r"a worker ended in the middle of a run"):
        run_study(tiny_study, tmp_path / "study", backend="dask", address=address)
    from distributed import Client

    # The scheduler has all its time to answer; there are no workers to wait for.
    wait = Client.wait_for_workers
    monkeypatch.setattr(Client, "wait_for_workers", lambda self, n, timeout: wait(self, n, 0.1))
    with pytest.raises(SettingError, match=f"{address} has no workers; start some with `dask"):
        run_study(tiny_study, tmp_path / "other", backend="dask", address=address)
    assert not (tmp_path / "other").exists()


# Ray starts half a dozen processes and takes 12 seconds; what it does is in the one test.
def test_a_study_survives_the_loss_of_a_ray_worker(
    tiny_study, alone, received, monkeypatch, tmp_path
):
    pytest.importorskip("ray", reason="ray is not installed (extra: ray)")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    once = tmp_path / "once"
    (tmp_path / "sitecustomize.py").write_text(ONCE.format(path=str(once)))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    folder = tmp_path / "study"
    run_study(tiny_study, folder, backend="ray")
    assert once.exists()
    assert outcome(folder) == alone
    assert set(received.values()) == {1}


# A port below 1024 that belongs to no service in use.
NOWHERE = "127.0.0.1:2"


@pytest.mark.parametrize(
    ("arguments", "needs", "message"),
    [
        (("slurm",), None, "backend 'slurm' is unknown; the known ones are local, dask, ray"),
        (("local", "tcp://127.0.0.1:1"), None, "backend is 'local', which has none"),
        (("local", None, 0), None, "jobs is 0; give 1 or more"),
        (("dask",), None, "needs its scheduler's address"),
        (("dask", NOWHERE, 2), None, "jobs is 2.*the backend 'dask' does as many"),
        (("ray", NOWHERE, 2), None, "jobs is 2.*the backend 'ray' does as many"),
        (("dask", f"tcp://{NOWHERE}"), "distributed", "does not answer at 'tcp://127.0.0.1:2'"),
        (("dask", "carrier-pigeon://home"), "distributed", "does not answer at 'carrier-pigeon"),
        (("ray", NOWHERE), "ray", "does not answer at '127.0.0.1:2'"),
        (("ray", "ray://home"), "ray", "does not answer at 'ray://home'.*HOST:PORT"),
    ],
)
def test_workers_that_cannot_be_had_are_refused(
    raises_one_line, monkeypatch, arguments, needs, message
):
    if needs:
        pytest.importorskip(needs, reason=f"{needs} is not installed")
    from distributed import Client

    # The scheduler has all its time to answer; there are no workers to wait for.
    wait = Client.wait_for_workers
    monkeypatch.setattr(Client, "wait_for_workers", lambda self, n, timeout: wait(self, n, 0.1))
    with raises_one_line(SettingError, message), open_workers(*arguments):
        pass


@pytest.mark.parametrize(("backend", "package"), [("dask", "distributed"), ("ray", "ray")])
def test_a_missing_package_is_named_with_its_cure(raises_one_line, monkeypatch, backend, package):
    monkeypatch.setitem(sys.modules, package, None)  # the import system's own "not there"
    cure = rf"needs the package {package}.*pip install rectinet\[{backend}\]"
    with raises_one_line(SettingError, cure), open_workers(backend, NOWHERE):
        pass


def test_a_worker_of_another_version_is_refused_before_it_trains(tiny_study):
    with pytest.raises(StudyError, match=r"the study 0\.0\.0; install the same version"):
        execute_elsewhere(0, tiny_study.runs[2], {}, None, "0.0.0")
