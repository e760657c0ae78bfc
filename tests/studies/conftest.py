from dataclasses import replace

import pytest

from rectinet.nn import Masking, Rectifier, Tanh
from rectinet.studies import ClassifierSpec, PretrainingSpec, Study
from rectinet.training import FinetuningSettings, PretrainingSettings


@pytest.fixture
def study():
    """Two activations, random and pre-trained, all labels and few: small enough for a test."""
    stack = PretrainingSpec(
        dataset="digits",
        hidden_layer_sizes=(12, 8),
        activation=Rectifier(),
        sign_flip="half",
        settings=PretrainingSettings(epochs=2, corruption=Masking(0.25)),
        seed=0,
    )
    pretrained = ClassifierSpec(
        dataset="digits",
        hidden_layer_sizes=(12, 8),
        activation=Rectifier(),
        sign_flip="half",
        pretraining=stack,
        labels_per_class=None,
        settings=FinetuningSettings(epochs=2, learning_rate=0.05),
        seed=0,
    )
    runs = (
        pretrained,
        replace(pretrained, labels_per_class=3),
        replace(pretrained, pretraining=None),
        replace(pretrained, pretraining=None, activation=Tanh(), sign_flip="none"),
    )
    return Study("image-table", "digits", "quick", runs)
