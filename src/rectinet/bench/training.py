"""One training step, beside the peers, for one or several shares of zeros."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rectinet import machine
from rectinet.bench.contenders import MEMORY, RECTINET, peers
from rectinet.bench.drawn import check_hidden, check_zeros, draw_network, share_of_zeros
from rectinet.bench.jobs import training_job
from rectinet.bench.memory import Floor, pass_bytes, step_bytes
from rectinet.bench.race import Race, Watch, silent, thread_choices
from rectinet.bench.results import Case, Report
from rectinet.bench.timing import Effort
from rectinet.errors import SettingError


@dataclass(frozen=True)
class TrainingSettings:
    """What to measure.

    Attributes:
        threads: at most.
        hidden: units of the hidden layers.
        batch: examples per minibatch.
        zeros: wanted shares of zeros, one case each.
        features, classes: inputs and outputs of the net.
        peers: keys of the peers; None: all.
    """

    threads: int
    hidden: tuple[int, ...] = (1000, 1000, 1000)
    batch: int = 10
    zeros: tuple[float, ...] = (0.8,)
    features: int = 784
    classes: int = 10
    peers: Sequence[str] | None = None

    def __post_init__(self) -> None:
        check_hidden(self.hidden)
        check_zeros(*self.zeros)
        if self.batch < 1:
            raise SettingError(f"batch is {self.batch}; give 1 or more")


def measure_training(settings: TrainingSettings, effort: Effort, watch: Watch = silent) -> Report:
    """Time training steps of rectinet and its peers.

    Raises:
        SettingError: if a setting is out of range.
        WorkerError: if rectinet itself fails.
    """
    contenders = [RECTINET, *peers("training", settings.peers), *MEMORY]
    with Race("training", contenders, thread_choices(settings.threads), effort) as race:
        cases = race.collect(_cases(settings, race, watch))
        return Report("training", machine.describe(), cases, race.interrupted)


def _cases(settings: TrainingSettings, race: Race, watch: Watch) -> Iterator[Case]:
    sizes = (settings.features, *settings.hidden, settings.classes)
    for index, zeros in enumerate(settings.zeros):

        def part(text: str, share: float, index: int = index, zeros: float = zeros) -> None:
            watch(f"{zeros:.0%} zeros: {text}", (index + share) / len(settings.zeros))

        network = draw_network(sizes, zeros)
        job = training_job(network, settings.batch)
        outcome = race.run(job, part)
        measured = {each.name: each for each in outcome.measurements}
        moved = pass_bytes(network)
        bandwidths = [moved / measured.pop(memory.name).median for memory in MEMORY]
        yield Case(
            {"sizes": list(sizes), "batch": settings.batch, "wanted zeros": zeros},
            share_of_zeros(network, job.X),
            tuple(measured.values()),
            outcome.absent,
            Floor(*step_bytes(job), *bandwidths),
        )
