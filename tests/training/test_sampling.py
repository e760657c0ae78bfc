"""Pre-training with reconstruction sampling: what it moves, what it costs, where it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.errors import SettingError
from rectinet.nn import (
    Array,
    Gaussian,
    Masking,
    NoCorruption,
    Reconstruction,
    ReconstructionSampling,
    SaltAndPepper,
    SquaredError,
    Tanh,
    reconstruction,
)
from rectinet.training import PretrainingSettings, pretrain

SETTINGS = PretrainingSettings(
    learning_rate=0.1,
    epochs=3,
    corruption=SaltAndPepper(0.3, 0.02),
    reconstruction=reconstruction("sigmoid"),
    sampling=ReconstructionSampling(0.2),
)


@pytest.fixture(scope="module", name="X")
def words() -> csr_array:
    """Return 200 documents of two topics, 60 words of which about 8 each."""
    random = np.random.default_rng(0)
    share = np.full((2, 60), 0.04)
    share[0, :20] = share[1, 20:40] = 0.3
    return csr_array((random.random((200, 60)) < share[np.arange(200) % 2]).astype(np.float32))


def arrays(outcome: Any) -> list[Array]:
    layers = [*outcome.layers, *(stage.decoder for stage in outcome.stages)]
    return [array for layer in layers for array in (layer.weight, layer.bias)]


@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
@pytest.mark.parametrize("name", ["sigmoid", "softplus", "linear", "rectifier"])
def test_the_cost_of_all_outputs_falls_as_without_sampling(
    name: str, tied: bool, X: csr_array
) -> None:
    rate = 0.1 if name == "sigmoid" else 0.01
    settings = replace(
        SETTINGS, learning_rate=rate, reconstruction=reconstruction(name), tied=tied, epochs=10
    )
    losses = {}
    for sampling in (None, SETTINGS.sampling):
        outcome = pretrain(X, (15,), settings=replace(settings, sampling=sampling))
        losses[sampling] = [record.evaluation.loss for record in outcome.records]
    exact, sampled = losses.values()
    assert sampled[-1] < sampled[0]
    # What is gained over the epochs: at least three quarters of what the exact cost gains.
    assert exact[0] - sampled[-1] > 0.75 * (exact[0] - exact[-1])


def test_weights_make_the_cost_of_training_that_of_all_outputs(X: csr_array) -> None:
    """Nothing is learned at rate 1e-300: the weighted mean is that of all, the other lower."""
    settings = replace(SETTINGS, learning_rate=1e-300, epochs=1, corruption=NoCorruption())
    weighted, unweighted = (
        pretrain(
            X,
            (15,),
            settings=replace(settings, sampling=ReconstructionSampling(0.2, flag)),
        ).records[0]
        for flag in (True, False)
    )
    # 200 documents with 52 zeros each: the weighted cost of 10,400 outputs around log 2, a fifth
    # of them drawn and counted fivefold, deviates by 2 % of its mean; five deviations.
    assert weighted.training_loss == pytest.approx(weighted.evaluation.loss, rel=0.1)
    assert unweighted.training_loss < 0.5 * unweighted.evaluation.loss


@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
def test_a_word_that_is_neither_there_nor_sampled_stays_as_it_is(tied: bool, X: csr_array) -> None:
    wide = csr_array((X.data, X.indices, X.indptr), shape=(X.shape[0], 400))
    settings = replace(
        SETTINGS, tied=tied, epochs=1, corruption=Masking(0.3),
        sampling=ReconstructionSampling(1e-6),
    )  # fmt: skip
    before, after = (
        pretrain(wide, (15,), settings=replace(settings, epochs=epochs)) for epochs in (0, 1)
    )
    moved = [
        (start != end).reshape(15, -1).any(axis=0)
        for start, end in [
            (before.layers[0].weight.T, after.layers[0].weight.T),
            (before.stages[0].decoder.weight, after.stages[0].decoder.weight),
        ]
    ]
    for rows in moved:
        assert rows[:40].all()
        assert not rows[60:].any()


def test_no_minibatch_is_made_dense(made_dense: list[tuple[int, int]], X: csr_array) -> None:
    pretrain(X, (15,), X_validation=X[:50], settings=replace(SETTINGS, batch_size=7))
    # Three evaluations, nothing else.
    assert made_dense == [(50, 60)] * 3


def test_a_wide_evaluation_is_done_in_small_parts(made_dense: list[tuple[int, int]]) -> None:
    n_words = 100_000
    X = csr_array((np.ones(90, np.float32), np.arange(90), np.arange(91)), shape=(90, n_words))
    pretrain(X, (3,), settings=replace(SETTINGS, epochs=1))
    rows = [shape[0] for shape in made_dense]
    assert sum(rows) == 90
    assert max(rows) * n_words <= 2_500_000


@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
def test_a_resumed_run_is_the_same_run(tied: bool, X: csr_array, tmp_path: Path) -> None:
    settings = replace(SETTINGS, tied=tied)
    whole = pretrain(X, (15, 10), settings=settings, seed=3)

    class Killed:
        """Ends the process, as it were, after the second epoch of the first layer."""

        def started(self, stage: str, epochs: int, done: int) -> None: ...

        def minibatch(self, number: int, count: int) -> None: ...

        def epoch(self, record: Any) -> None:
            if record.epoch == 2:
                raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        pretrain(X, (15, 10), settings=settings, seed=3, checkpoint=tmp_path, observer=Killed())
    resumed = pretrain(X, (15, 10), settings=settings, seed=3, checkpoint=tmp_path)
    for ours, theirs in zip(arrays(resumed), arrays(whole), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sampling": 0.1}, r"sampling is 0\.1; give rectinet\.ReconstructionSampling"),
        ({"solver": "momentum"}, "cannot be used with the solver 'momentum'"),
        ({"solver": "adam"}, "cannot be used with the solver 'adam'"),
        ({"weight_l1": 0.1}, "cannot be used with weight_l1"),
        ({"weight_l2": (0.1, 0.0)}, "cannot be used with weight_l2"),
        ({"corruption": Gaussian(0.1)}, "cannot be used with Gaussian noise"),
        ({"corruption": (Gaussian(0.1), Masking(0.1))}, "cannot be used with Gaussian noise"),
    ],
)
def test_settings_that_move_everything_are_refused(
    changes: dict[str, Any], message: str, raises_one_line: Callable[..., Any]
) -> None:
    with raises_one_line(SettingError, message):
        replace(SETTINGS, **changes)


def test_layers_above_may_do_what_the_first_may_not(X: csr_array) -> None:
    settings = replace(
        SETTINGS, weight_l2=(0.0, 0.01), corruption=(SaltAndPepper(0.3, 0.02), Gaussian(0.1))
    )
    assert len(pretrain(X, (15, 10), settings=settings).layers) == 2


def test_dense_inputs_and_unknown_costs_are_refused(
    X: csr_array, raises_one_line: Callable[..., Any]
) -> None:
    with raises_one_line(SettingError, r"X is dense; .*csr_array\(X\)"):
        pretrain(X.toarray(), (15,), settings=SETTINGS)
    unknown = Reconstruction("own", "-", SquaredError(Tanh()))
    with raises_one_line(SettingError, "cannot be used with the reconstruction 'own'"):
        pretrain(X, (15,), settings=replace(SETTINGS, reconstruction=unknown))
