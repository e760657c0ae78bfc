"""Who takes part in a race, and what becomes of those that cannot."""

import numpy as np
import pytest

from rectinet.bench import Effort
from rectinet.bench.contenders import RECTINET, Contender
from rectinet.bench.drawn import draw_network
from rectinet.bench.jobs import training_job
from rectinet.bench.race import Race, fastest, thread_choices
from rectinet.bench.workers import WorkerError
from rectinet.errors import SettingError

SHORT = Effort(rounds=2, block=0.001)
JOB = training_job(draw_network((12, 8, 4), 0.5), 3)

MISSING = Contender("gone", "Gone", "gone", {"training": "gone:training"}, ("not_a_module",))
OTHER = Contender("other", "Other", "numpy", {"training": "other:training"})
BROKEN = Contender("broken", "Broken", "numpy", {"training": "rectinet.bench.ours:nothing"})


class Clocked:
    """A worker whose blocks take the times per step that the test says."""

    def __init__(self, *seconds):
        self.steps = 1
        self._seconds = iter(seconds)

    def block(self):
        return next(self._seconds)


def test_those_that_cannot_take_part_are_listed_with_the_reason():
    with Race("training", [RECTINET, MISSING, BROKEN], (1,), SHORT) as race:
        outcome = race.run(JOB)
    assert [each.name for each in outcome.measurements] == ["rectinet"]
    assert len(outcome.measurements[0].seconds) == 2
    assert outcome.absent["Gone"] == "not installed"
    assert "nothing" in outcome.absent["Broken"]


def test_without_the_first_there_is_no_race():
    with (
        Race("training", [BROKEN], (1,), SHORT) as race,
        pytest.raises(WorkerError, match="Broken: AttributeError"),
    ):
        race.run(JOB)


def test_a_contender_that_computes_something_else_is_not_timed(fake_workers):
    fake_workers.numbers["other"] = np.array([1.0, 2.01])
    with Race("training", [RECTINET, OTHER], (1,), SHORT) as race:
        outcome = race.run(JOB)
    assert [each.name for each in outcome.measurements] == ["rectinet"]
    assert "computes something else (relative difference 0.005)" in outcome.absent["Other"]


def test_rounding_is_no_difference_but_is_told(fake_workers):
    fake_workers.numbers["other"] = np.array([1.0, 2.00001])
    with Race("training", [RECTINET, OTHER], (1,), SHORT) as race:
        outcome = race.run(JOB)
    assert outcome.measurements[1].difference == pytest.approx(5e-6)


def test_each_takes_its_better_number_of_threads(fake_workers):
    fake_workers.seconds = {("other", 1): 1.0, ("other", 4): 2.0, ("rectinet", 1): 3.0}
    with Race("training", [RECTINET, OTHER], (1, 4), SHORT) as race:
        outcome = race.run(JOB)
    assert [(each.name, each.threads) for each in outcome.measurements] == [
        ("rectinet", 4),
        ("Other", 1),
    ]


def test_ctrl_c_in_a_round_keeps_the_rounds_before(fake_workers):
    fake_workers.interrupt_after = 2 * 1 + 2 * 2 + 1  # warm-up, two rounds, half of the third
    with Race("training", [RECTINET, OTHER], (1,), Effort(rounds=9)) as race:
        outcome = race.run(JOB)
        assert race.interrupted
    assert [len(each.seconds) for each in outcome.measurements] == [2, 2]
    assert fake_workers.alive == 0


def test_ctrl_c_before_the_first_round_is_passed_on(fake_workers):
    fake_workers.interrupt_after = 3
    with pytest.raises(KeyboardInterrupt), Race("training", [RECTINET, OTHER], (1,), SHORT) as race:
        race.run(JOB)
    assert fake_workers.alive == 0


def test_the_better_number_of_threads_is_the_one_with_the_fastest_block():
    # The first block only says how many steps to do; other work disturbed most of the second's.
    one = Clocked(0.01, 3.0, 3.0, 3.0, 3.0, 3.0)
    all_cores = Clocked(0.02, 9.0, 9.0, 2.0, 9.0, 9.0)
    assert fastest([one, all_cores], block=0.1) == 1
    assert (one.steps, all_cores.steps) == (10, 5)


def test_one_thread_and_all_are_tried():
    assert thread_choices(4) == (1, 4)
    assert thread_choices(1) == (1,)


def test_no_threads_are_refused(raises_one_line):
    with raises_one_line(SettingError, "threads is 0"):
        Race("training", [RECTINET], thread_choices(0), SHORT)


def test_ctrl_c_keeps_the_cases_before():
    def cases():
        yield "first"
        raise KeyboardInterrupt

    with Race("training", [RECTINET], (1,), SHORT) as race:
        assert race.collect(cases()) == ("first",)
        assert race.interrupted
