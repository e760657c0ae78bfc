"""The loop alone, over an objective that follows a script."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from rectinet.engine import Inputs, Update
from rectinet.errors import DivergedError, SettingError
from rectinet.nn import Array, Layer, Linear
from rectinet.training import Evaluation, Loop, Schedule, Silent
from rectinet.training.loop import score
from rectinet.training.objective import Step


class Scripted:
    """Adds 1 to its weight at each minibatch; evaluates to the losses of a script."""

    stage = "script"
    layer_names: tuple[str, ...] = ("lower", "upper")
    evaluated_on = "validation"
    n_examples = 10
    generators: Mapping[str, np.random.Generator]

    def __init__(self, losses: Sequence[float], step_losses: Sequence[float] = ()):
        self.layers = [Layer(np.zeros((1, 1)), np.zeros(1), np.ones(1), Linear())] * 2
        self.updates = [Update(0.5), Update(0.25)]
        self.generators = {}
        self.begun: list[int] = []
        self.rows: list[Array] = []
        self._losses = iter(losses)
        self._step_losses = itertools.chain(step_losses, itertools.repeat(1.0))

    @property
    def weight(self) -> float:
        return float(self.layers[0].weight[0, 0])

    def begin(self, epoch: int) -> None:
        self.begun.append(epoch)

    def step(self, rows: Array) -> Step:
        self.rows.append(rows)
        self.layers[0].weight[...] += 1
        return Step(next(self._step_losses), wrong=1)

    def evaluate(self) -> Evaluation:
        return Evaluation(next(self._losses), 0.5, (), ())

    def outputs(self, rows: Array) -> list[Inputs]:
        return [np.ones(1), np.full(1, np.inf)]


def loop_over(
    objective: Scripted, epochs: int, observer: Silent | None = None, **kw: object
) -> Loop:
    schedule = Schedule(epochs, batch_size=3, **kw)  # type: ignore[arg-type]
    return Loop(objective, schedule, np.random.default_rng(0), observer)


MINIBATCHES = math.ceil(Scripted.n_examples / 3)


def test_each_epoch_takes_every_example_once_in_a_fresh_order() -> None:
    objective = Scripted([3, 2, 1])
    records = list(loop_over(objective, 3))
    assert [record.epoch for record in records] == [1, 2, 3]
    assert objective.begun == [1, 2, 3]
    assert [len(rows) for rows in objective.rows] == [3, 3, 3, 1] * 3
    orders = np.concatenate(objective.rows).reshape(3, 10)
    np.testing.assert_array_equal(np.sort(orders, axis=1), [range(10)] * 3)
    assert len({tuple(order) for order in orders}) == 3


def test_a_record_holds_means_over_examples() -> None:
    (record,) = loop_over(Scripted([2], step_losses=[1, 2, 3, 4]), 1)
    # Minibatches of 3, 3, 3 and 1 example, each with one wrong.
    assert record.training_loss == pytest.approx((1 * 3 + 2 * 3 + 3 * 3 + 4) / 10)
    assert record.training_error == pytest.approx(4 / 10)
    assert record.learning_rate == (0.5, 0.25)
    assert (record.stage, record.evaluated_on) == ("script", "validation")
    assert record.evaluation.loss == 2


@pytest.mark.parametrize(("keep_best", "kept_epoch"), [(True, 2), (False, 4)])
def test_the_best_epoch_or_the_last_is_kept(keep_best: bool, kept_epoch: int) -> None:
    objective = Scripted([3, 1, 1, 2])  # of equals, the first
    loop = loop_over(objective, 4, keep_best=keep_best)
    assert len(list(loop)) == 4
    loop.finish()
    assert objective.weight == kept_epoch * MINIBATCHES
    kept = loop.best_evaluation()
    assert kept is loop.records[kept_epoch - 1].evaluation
    assert loop.best_epoch == 2


@pytest.mark.parametrize(("patience", "epochs_done"), [(1, 3), (2, 6), (None, 8)])
def test_patience_stops_after_so_many_epochs_without_a_better_one(
    patience: int | None, epochs_done: int
) -> None:
    losses = [5, 4, 4.5, 3, 3.5, 3, 2, 1]
    loop = loop_over(Scripted(losses), len(losses), patience=patience)
    assert len(list(loop)) == epochs_done


def test_where_training_would_stop_the_rates_are_lowered_first() -> None:
    losses = [5, 4, 4.5, 4.5, 3, 3.5, 3.5, 3, 3, 1]
    objective = Scripted(losses)
    loop = loop_over(objective, len(losses), patience=2, decays=2)
    records = list(loop)
    # Best in epochs 2 and 5; two epochs after each the rates fall, and two later training ends.
    assert [record.learning_rate for record in records] == [
        *[(0.5, 0.25)] * 4,
        *[(0.1, 0.05)] * 3,
        *[(pytest.approx(0.02), pytest.approx(0.01))] * 2,
    ]
    assert loop.best_epoch == 5


def test_with_decays_the_training_loss_decides_where_nothing_is_set_aside() -> None:
    objective = Scripted([1, 9, 9, 9, 9, 9, 9, 9], np.repeat([8.0, 7, 6, 5, 5, 5], MINIBATCHES))
    objective.evaluated_on = "training"
    loop = loop_over(objective, 8, patience=2, decays=1, keep_best=False)
    rates = [record.learning_rate[0] for record in loop]
    assert rates == [0.5] * 6 + [0.1] * 2  # the last ones get better: their loss is 1
    assert loop.best_epoch == 7


def test_no_epochs_leave_everything_as_it_was() -> None:
    objective = Scripted([])
    loop = loop_over(objective, 0)
    assert list(loop) == []
    loop.finish()
    assert objective.weight == 0
    assert (loop.best_epoch, loop.best_evaluation(), loop.interrupted) == (0, None, False)


class CtrlC(Silent):
    """Presses Ctrl-C in the middle of one epoch."""

    def __init__(self, epoch: int):
        self._left = (epoch - 1) * MINIBATCHES + 2

    def minibatch(self, done: int, total: int) -> None:
        self._left -= 1
        if not self._left:
            raise KeyboardInterrupt


@pytest.mark.parametrize("epoch", [1, 3])
def test_ctrl_c_goes_back_to_the_last_finished_epoch(epoch: int) -> None:
    objective = Scripted([3, 2, 1])
    loop = loop_over(objective, 3, CtrlC(epoch))
    assert len(list(loop)) == epoch - 1
    assert loop.interrupted
    assert objective.weight == (epoch - 1) * MINIBATCHES
    loop.finish()
    assert objective.weight == (epoch - 1) * MINIBATCHES


def test_an_observer_hears_of_everything_in_order() -> None:
    class Log(Silent):
        def __init__(self) -> None:
            self.events: list[object] = []

        def started(self, stage: str, epochs: int, done: int) -> None:
            self.events.append((stage, epochs, done))

        def minibatch(self, done: int, total: int) -> None:
            self.events.append(f"{done} of {total}")

        def epoch(self, record: object) -> None:
            self.events.append(record)

    log = Log()
    first, second = loop_over(Scripted([2, 1]), 2, log)
    steps = [f"{number} of {MINIBATCHES}" for number in range(1, MINIBATCHES + 1)]
    assert log.events == [("script", 2, 0), *steps, first, *steps, second]


@pytest.mark.parametrize("bad", [math.inf, math.nan])
@pytest.mark.parametrize("place", ["minibatch 2 of 4", "the evaluation after it"])
def test_a_loss_that_is_not_finite_ends_the_run(bad: float, place: str) -> None:
    in_step = place.startswith("minibatch")
    objective = Scripted([1, 1 if in_step else bad], [1] * 5 + [bad] if in_step else [])
    loop = loop_over(objective, 3)
    with pytest.raises(DivergedError, match=f"script diverged in epoch 2 at {place}") as caught:
        list(loop)
    # The script's upper layer puts out infinities.
    error = caught.value
    assert (error.layer, error.epoch, error.learning_rate) == ("upper", 2, (0.5, 0.25))
    assert "learning rate was 0.25 (all layers: 0.5, 0.25), try 0.05" in str(error)
    assert "\n" not in str(error)


def test_evaluations_are_compared_by_error_then_loss() -> None:
    def measured(error: float | None, loss: float) -> tuple[float, float]:
        return score(Evaluation(loss, error, (), ()))

    assert measured(0.1, 9) < measured(0.2, 1)
    assert measured(0.1, 1) < measured(0.1, 2)
    assert measured(None, 1) < measured(None, 2)


@pytest.mark.parametrize(("name", "value"), [("epochs", -1), ("batch_size", 0), ("patience", 0)])
def test_schedules_out_of_range_are_refused(name: str, value: int) -> None:
    with pytest.raises(SettingError, match=f"{name} is {value}"):
        Schedule(**{"epochs": 1, name: value})


@pytest.mark.parametrize("active", [True, False])
def test_a_layer_is_dead_only_if_training_examples_say_so_too(active: bool) -> None:
    class Dead(Scripted):
        def evaluate(self) -> Evaluation:
            return Evaluation(1.0, 0.5, (1.0,), (1,))  # its one unit is off for all of them

        def outputs(self, rows: Array) -> list[Inputs]:
            return [np.where(active & (rows[:, None] == 7), 1.0, 0.0)] * 2

    if active:
        assert len(list(loop_over(Dead([]), 2))) == 2
        return
    with pytest.raises(DivergedError, match=r"no unit of lower is active") as caught:
        list(loop_over(Dead([]), 2))
    assert caught.value.died
