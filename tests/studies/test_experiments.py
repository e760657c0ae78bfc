"""What the runs of each experiment have in common, and in what they differ."""

import itertools
import math
from collections import Counter
from dataclasses import replace

import pytest

from rectinet.errors import SettingError
from rectinet.nn import Rectifier, reconstruction_names
from rectinet.studies import (
    PROTOCOLS,
    STUDIES,
    ClassifierSpec,
    amazon,
    labels,
    softplus,
    sparsity,
    strategies,
    text_table,
)
from rectinet.studies.spec import folder_name

EVERY = [(name, *key) for name, experiment in STUDIES.items() for key in experiment.settings]


def cases(experiment):
    return pytest.mark.parametrize(("dataset", "protocol"), experiment.settings)


@pytest.mark.parametrize(("name", "dataset", "protocol"), EVERY)
def test_runs_have_folders_of_their_own_and_start_from_stacks_like_them(name, dataset, protocol):
    study = STUDIES[name](dataset, protocol)
    assert (study.name, study.dataset, study.protocol) == (name, dataset, protocol)
    assert len({folder_name(run, 1) for run in study.runs}) == len(study.runs)
    assert all(name.startswith(dataset) for name in study.datasets)
    for run in study.runs:
        if run.pretraining:
            shared = ("hidden_layer_sizes", "activation", "sign_flip", "seed")
            for field in shared if isinstance(run, ClassifierSpec) else ("seed",):
                assert getattr(run.pretraining, field) == getattr(run, field)
            # All of a family start from the stack of the whole family.
            assert run.pretraining.dataset == dataset
            # Settings per layer fit the layers.
            run.pretraining.settings.for_layers(len(run.pretraining.hidden_layer_sizes))
        if isinstance(run, ClassifierSpec):
            n_hidden = len(run.hidden_layer_sizes)
            run.settings.penalties(n_hidden, n_hidden + 1)


@pytest.mark.parametrize("name", STUDIES)
def test_the_number_of_seeds_can_be_asked_for(name):
    first = STUDIES[name].datasets("quick")[0]
    one, two = (STUDIES[name](first, "quick", n_seeds) for n_seeds in (1, 2))
    assert len(two.runs) == 2 * len(one.runs)


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("letters", "quick"), "no settings for data set 'letters'.*its data sets are .*{known}"),
        (("{known}", "thorough"), "protocol 'thorough'"),
        (("{known}", "quick", 0), "number of seeds is 0"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(raises_one_line, name, arguments, message):
    dataset, *others = arguments
    known = STUDIES[name].datasets("quick")[0]
    message = message.format(known=known)
    with raises_one_line(SettingError, f"{name}.*{message}" if "settings" in message else message):
        STUDIES[name](dataset.format(known=known), *others)


@cases(sparsity)
def test_sparsity_differs_in_the_penalty_alone(dataset, protocol):
    runs = sparsity(dataset, protocol).runs
    penalties = [run.settings.activation_l1 for run in runs]
    assert penalties == sorted(set(penalties))
    assert penalties[0] == 0
    # Evenly spaced on a logarithmic scale, up to the rounding to three digits.
    steps = [math.log(b / a) for a, b in itertools.pairwise(penalties[1:])]
    assert max(steps) == pytest.approx(min(steps), abs=0.02)
    (alike,) = {
        replace(run, seed=0, settings=replace(run.settings, activation_l1=0)) for run in runs
    }
    assert (alike.activation, alike.pretraining) == (Rectifier(), None)
    assert [run.seed for run in runs] == list(range(len(runs)))


def test_figure_3_has_the_200_networks_of_the_paper_and_at_least_60_at_quick():
    assert len(sparsity("mnist", "paper").runs) == 200
    assert len(sparsity("mnist", "quick").runs) >= 60


@cases(softplus)
def test_softplus_differs_in_the_sharpness_alone_and_ends_with_the_rectifier(dataset, protocol):
    runs = softplus(dataset, protocol, 2).runs
    seen = Counter(getattr(run.activation, "alpha", math.inf) for run in runs)
    assert seen == dict.fromkeys((1, 1.3, 2, 3, 6, math.inf), 2)
    (alike,) = {replace(run, seed=0, activation=Rectifier()) for run in runs}
    assert alike.pretraining is None
    # A penalty on activations would favor the units that can be 0.
    assert alike.settings.activation_l1 == 0


@cases(labels)
def test_labels_grow_for_two_activations_with_and_without_pretraining(dataset, protocol):
    runs = labels(dataset, protocol, 2).runs
    counts = (*PROTOCOLS[dataset, protocol].label_epochs, None)
    assert len(counts) >= 3
    cells = Counter(
        (run.activation.name, run.pretraining is not None, run.labels_per_class) for run in runs
    )
    assert cells == {
        (name, start, n): 2
        for name in ("rectifier", "tanh")
        for start in (False, True)
        for n in counts
    }


@cases(strategies)
def test_strategies_differ_in_the_reconstruction_alone(dataset, protocol):
    runs = strategies(dataset, protocol, 1).runs
    used = [run.pretraining.settings.reconstruction for run in runs]
    assert [strategy.name for strategy in used] == list(reconstruction_names())
    assert [strategy.letter for strategy in used] == ["A", "B", "C", "C", "D"]
    assert len({replace(run, pretraining=None) for run in runs}) == 1
    settings = [replace(run.pretraining.settings, reconstruction=used[0]) for run in runs]
    assert len(set(settings)) == 1
    # Costs of different strategies cannot be compared: each takes the rate that is best for it.
    assert settings[0].learning_rate == "grid"


@cases(text_table)
def test_table_2_has_the_networks_of_the_paper_and_two_linear_models(dataset, protocol):
    runs = text_table(dataset, protocol, 1).runs
    networks = [run for run in runs if isinstance(run, ClassifierSpec)]
    depth = len(networks[0].hidden_layer_sizes)
    assert Counter(
        (len(run.hidden_layer_sizes), run.activation.name, run.pretraining is not None)
        for run in networks
        if run.hidden_layer_sizes
    ) == dict.fromkeys(
        [(n, "rectifier", start) for n in (1, depth) for start in (False, True)]
        + [(depth, "tanh", True)],
        1,
    )
    (none,) = [run for run in networks if not run.hidden_layer_sizes]
    assert none.pretraining is None
    assert "linear" in none.label
    models = Counter(
        (run.model, run.pretraining and run.pretraining.activation.name, run.n_labels)
        for run in runs
        if run not in networks
    )
    given = [("ridge", None), ("logistic", None), ("logistic", "rectifier"), ("logistic", "tanh")]
    # Five seeds have the first author's 20 draws of 100 labels and 10 of 1,000 (PAPER section 6).
    draws = {None: 1, 100: 20 // 5, 1000: 10 // 5}
    assert models == {(*each, n_labels): n for each in given for n_labels, n in draws.items()}
    # The stacks are those that the networks start from: none is trained for the linear models.
    stacks = {run.pretraining for run in networks} - {None}
    assert {run.pretraining for run in runs} - {None} == stacks


@cases(amazon)
def test_every_domain_is_tested_and_compared_on_the_same_data(dataset, protocol):
    runs = amazon(dataset, protocol, 1).runs
    assert Counter(run.dataset for run in runs) == dict.fromkeys(
        amazon.settings[dataset, protocol].datasets, 4
    )
    assert len({run.pretraining for run in runs} - {None}) == 1
    within = {run.dataset for run in runs if "-to-" not in run.dataset}
    assert within == {f"amazon-{name}" for name in ("books", "dvd", "electronics", "kitchen")}
