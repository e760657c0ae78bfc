"""Prediction, a fresh input on every call, beside the peers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rectinet import machine
from rectinet.bench.contenders import RECTINET, peers
from rectinet.bench.drawn import check_hidden, check_zeros, draw_network, share_of_zeros
from rectinet.bench.jobs import inference_job
from rectinet.bench.race import Race, Watch, silent, thread_choices
from rectinet.bench.results import Case, Report
from rectinet.bench.timing import Effort
from rectinet.errors import SettingError

# Examples on which the share of zeros is measured.
_SAMPLE = 512


@dataclass(frozen=True)
class InferenceSettings:
    """What to measure: all combinations of networks, shares of zeros and batch sizes.

    Attributes:
        threads: at most.
        hidden: units of the hidden layers, of one or several networks.
        batches: examples per call.
        zeros: wanted shares of zeros.
        features, classes: inputs and outputs of the nets.
        peers: keys of the peers; None: all.
    """

    threads: int
    hidden: tuple[tuple[int, ...], ...] = ((1000, 1000, 1000),)
    batches: tuple[int, ...] = (1, 32, 1024)
    zeros: tuple[float, ...] = (0.8,)
    features: int = 784
    classes: int = 10
    peers: Sequence[str] | None = None

    def __post_init__(self) -> None:
        for sizes in self.hidden:
            check_hidden(sizes)
        check_zeros(*self.zeros)
        for batch in self.batches:
            if batch < 1:
                raise SettingError(f"batch is {batch}; give 1 or more")


def measure_inference(settings: InferenceSettings, effort: Effort, watch: Watch = silent) -> Report:
    """Time predictions of rectinet and its peers.

    Raises:
        SettingError: if a setting is out of range.
        WorkerError: if rectinet itself fails.
    """
    contenders = [RECTINET, *peers("inference", settings.peers)]
    with Race("inference", contenders, thread_choices(settings.threads), effort) as race:
        cases = race.collect(_cases(settings, race, watch))
        return Report("inference", machine.describe(), cases, race.interrupted)


def _cases(settings: InferenceSettings, race: Race, watch: Watch) -> Iterator[Case]:
    networks = list(itertools.product(settings.hidden, settings.zeros))
    for index, (hidden, zeros) in enumerate(networks):
        sizes = (settings.features, *hidden, settings.classes)
        network = draw_network(sizes, zeros)
        for number, batch in enumerate(settings.batches):
            done = index + number / len(settings.batches)
            watch(f"{sum(hidden)} units, {zeros:.0%} zeros, batch {batch}", done / len(networks))
            job = inference_job(network, batch)
            outcome = race.run(job)
            sample = job.inputs.reshape(-1, settings.features)[:_SAMPLE]
            yield Case(
                {"sizes": list(sizes), "batch": batch, "wanted zeros": zeros},
                share_of_zeros(network, sample),
                outcome.measurements,
                outcome.absent,
            )
