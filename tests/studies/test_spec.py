import json
from dataclasses import replace

import pytest

from rectinet.nn import Gaussian, Masking, Rectifier, Softplus, reconstruction
from rectinet.studies import ClassifierSpec, PretrainingSpec
from rectinet.studies.spec import folder_name, to_json
from rectinet.training import FinetuningSettings, PretrainingSettings

STACK = PretrainingSpec(
    dataset="digits",
    hidden_layer_sizes=(5, 4),
    activation=Rectifier(),
    sign_flip="half",
    settings=PretrainingSettings(reconstruction=reconstruction("linear")),
    seed=0,
)
RUN = ClassifierSpec(
    dataset="digits",
    hidden_layer_sizes=(5, 4),
    activation=Rectifier(),
    sign_flip="half",
    pretraining=STACK,
    labels_per_class=None,
    settings=FinetuningSettings(),
    seed=0,
)


@pytest.mark.parametrize(
    "other",
    [
        replace(RUN, seed=1),
        replace(RUN, labels_per_class=5),
        replace(RUN, activation=Softplus(1.0)),
        replace(RUN, activation=Softplus(2.0)),
        replace(RUN, pretraining=None),
        replace(RUN, settings=FinetuningSettings(epochs=51)),
        replace(RUN, pretraining=replace(STACK, seed=1)),
        replace(
            RUN,
            pretraining=replace(STACK, settings=PretrainingSettings(corruption=Gaussian(0.25))),
        ),
    ],
)
def test_whatever_decides_a_result_decides_its_folder(other):
    assert folder_name(other, 1) != folder_name(RUN, 1)


def test_the_same_run_has_the_same_folder_and_another_format_another():
    again = replace(RUN, settings=FinetuningSettings())
    assert folder_name(again, 1) == folder_name(RUN, 1)
    assert folder_name(RUN, 2) != folder_name(RUN, 1)


def test_a_spec_is_strict_json_that_names_its_classes():
    settings = PretrainingSettings(corruption=(Masking(0.25), Gaussian(0.3)))
    content = to_json(replace(STACK, settings=settings))
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert content["activation"] == {"type": "Rectifier"}
    assert content["settings"]["corruption"] == [
        {"type": "Masking", "level": 0.25},
        {"type": "Gaussian", "sigma": 0.3},
    ]
    # The linear decoder reaches everything; JSON has no infinity, so its ends are words.
    linear = to_json(STACK)["settings"]["reconstruction"]
    assert (linear["lower"], linear["upper"]) == ("-inf", "inf")
