"""When the estimators pre-train."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from rectinet.errors import InputError, SettingError
from rectinet.estimators import RectifierClassifier, StackedDenoisingAutoencoder
from rectinet.estimators.pretraining import choose_pretraining
from rectinet.nn import ReconstructionSampling

Data = tuple[np.ndarray, np.ndarray]

# pretraining, labelled, unlabelled, features, hidden layers; what is chosen.
_TABLE: list[tuple[Any, int, int, int, int, str | None]] = [
    ("auto", 10, 11, 64, 2, "denoising"),
    ("auto", 10, 10, 64, 2, None),  # as many: labels are not few
    ("auto", 10, 0, 64, 2, None),
    ("auto", 10, 11, 10_000, 2, "denoising"),
    ("auto", 10, 11, 10_001, 2, None),  # a decoder would say every word of every text
    ("auto", 10, 11, 64, 0, None),
    ("denoising", 10, 0, 64, 1, "denoising"),
    ("denoising", 10, 0, 10_001, 1, "denoising"),
    ("denoising", 10, 0, 64, 0, None),
    (None, 10, 1000, 64, 2, None),
    (StackedDenoisingAutoencoder(), 10, 0, 64, 2, "autoencoder"),
]


@pytest.mark.parametrize(
    ("asked", "labelled", "unlabelled", "features", "hidden", "method"), _TABLE
)
def test_what_is_chosen(
    asked: Any, labelled: int, unlabelled: int, features: int, hidden: int, method: str | None
) -> None:
    choice = choose_pretraining(asked, labelled, unlabelled, features, hidden)
    assert choice.method == method
    assert choice.reason
    assert str(choice).startswith(f"pre-training: {method or 'none'} (")


def test_a_sample_of_many_inputs_can_be_reconstructed() -> None:
    assert choose_pretraining("auto", 10, 11, 10_001, 2, sampled=True).method == "denoising"


def test_the_sampling_is_that_of_the_stack(digits: Data) -> None:
    X, y = csr_array(digits[0]), _few_labels(digits[1])
    settings = {"hidden_layer_sizes": (12,), "max_iter": 1, "random_state": 0}
    for sampling in (0.1, ReconstructionSampling(0.1, weighted=False)):
        model = RectifierClassifier(
            reconstruction_sampling=sampling, pretraining_iter=2, **settings
        ).fit(X, y)
        assert model.autoencoder_.reconstruction_sampling == sampling
        exact = RectifierClassifier(pretraining_iter=2, **settings).fit(X, y)
        first = [stack.layers_[0].weight for stack in (model.autoencoder_, exact.autoencoder_)]
        assert not np.array_equal(*first)


def _few_labels(y: np.ndarray) -> np.ndarray:
    """Return every eighth label, the others as unlabelled."""
    return np.where(np.arange(len(y)) % 8 == 0, y, -1)


def test_unlabelled_examples_take_part_in_pretraining_only(digits: Data) -> None:
    X, y = digits
    kept = np.flatnonzero(np.arange(len(y)) % 8 == 0)
    settings = {"hidden_layer_sizes": (12, 8), "max_iter": 2, "random_state": 0}
    pretrained = RectifierClassifier(pretraining_iter=2, **settings).fit(X, _few_labels(y))
    assert pretrained.pretraining_.method == "denoising"
    assert pretrained.autoencoder_.records_[0].stage == "pre-training layer 1"
    assert len(pretrained.autoencoder_.records_) == 2 * 2
    scaling = {"scaling": "none"}  # or the inputs of all would be looked at
    without, alone = (
        RectifierClassifier(pretraining=None, **settings, **scaling).fit(*data)
        for data in ((X, _few_labels(y)), (X[kept], y[kept]))
    )
    assert without.autoencoder_ is None
    for ours, theirs in zip(without.network_.layers, alone.network_.layers, strict=True):
        assert ours.weight.tobytes() == theirs.weight.tobytes()


def test_an_autoencoder_handed_over_is_the_start_and_stays_as_it_was(digits: Data) -> None:
    X, y = digits
    stack = StackedDenoisingAutoencoder((12, 8), max_iter=1, random_state=0).fit(X)
    before = [layer.copy() for layer in stack.layers_]
    untrained = RectifierClassifier(pretraining=stack, max_iter=0).fit(X, y)
    trained = RectifierClassifier(pretraining=stack, max_iter=3).fit(X, y)
    assert trained.scaling_ is stack.scaling_
    np.testing.assert_array_equal(untrained.transform(X).toarray(), stack.transform(X).toarray())
    for index, layer in enumerate(before):
        np.testing.assert_array_equal(stack.layers_[index].weight, layer.weight)
        np.testing.assert_array_equal(stack.layers_[index].bias, layer.bias)
        assert (trained.network_.layers[index].weight != layer.weight).any()
    assert trained.score(X, y) > untrained.score(X, y)


def test_a_frozen_autoencoder_survives_cross_validation(
    digits: Data, raises_one_line: Callable
) -> None:
    X, y = digits
    stack = StackedDenoisingAutoencoder((20,), max_iter=2, random_state=0).fit(X)
    model = RectifierClassifier(
        pretraining=FrozenEstimator(stack), learning_rate_init=0.02, max_iter=10, random_state=0
    )
    assert cross_val_score(model, X, y, cv=2).min() > 0.5
    assert model.fit(X, y).autoencoder_ is stack
    with raises_one_line(SettingError, "wrap it in sklearn.frozen.FrozenEstimator"):
        clone(RectifierClassifier(pretraining=stack)).fit(X, y)


def test_an_unfit_autoencoder_is_refused(digits: Data, raises_one_line: Callable) -> None:
    X, y = digits
    stack = StackedDenoisingAutoencoder((5,), max_iter=1)
    with raises_one_line(SettingError, "an auto-encoder that is not fitted"):
        RectifierClassifier(pretraining=stack).fit(X, y)
    with raises_one_line(SettingError, "pretraining is "):
        other = LogisticRegression(C=2.5, class_weight="balanced", solver="newton-cg", max_iter=5)
        RectifierClassifier(pretraining=other).fit(X, y)
    stack.fit(X[:, :60])
    with raises_one_line(InputError, "X has 64 features, but .* was fitted to 60"):
        RectifierClassifier(pretraining=stack).fit(X, y)
